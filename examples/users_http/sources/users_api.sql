-- Live users from an HTTP API. Without the network: `millrace randomuser --port 18090` answers as the real one, with
-- USERS_API=http://127.0.0.1:18090/api/
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
) USING http OPTIONS (
  'url' = '${USERS_API:-https://randomuser.me/api/}?results=20',
  'records' = '/results',
  'interval' = '2s',
  'timeout' = '10s'
);
