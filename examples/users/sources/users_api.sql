-- Live users, made by a generator that answers as randomuser.me does: no network is needed.
-- The real API, or any other: see ../users_http.
CREATE TABLE users_api (
  gender STRING,
  name STRUCT<title: STRING, first: STRING, last: STRING>,
  location STRUCT<
    street: STRUCT<number: STRING, name: STRING>,
    city: STRING, state: STRING, country: STRING,
    postcode: STRING>,            -- a number for some countries, text for others: text here
  email STRING,
  login STRUCT<uuid: STRING, username: STRING>,
  dob STRUCT<date: STRING, age: INT>,
  registered STRUCT<date: STRING, age: INT>,
  phone STRING,
  picture STRUCT<large: STRING, medium: STRING, thumbnail: STRING>,
  nat STRING
) USING randomuser OPTIONS ('rowsPerSecond' = '50');
