-- The record that the users' pipelines publish: 12 keys, on the topic users_created.
CREATE STREAMING TABLE users_created AS
SELECT
  uuid() AS id,
  name.first AS first_name,
  name.last AS last_name,
  gender,
  concat(location.street.number, ' ', location.street.name, ', ', location.city, ', ',
         location.state, ', ', location.country) AS address,
  location.postcode AS post_code,
  email,
  login.username AS username,
  dob.date AS dob,
  registered.date AS registered_date,
  phone,
  picture.medium AS picture
FROM STREAM users_api;

-- The table that people query, one row a user.
CREATE STREAMING TABLE created_users TBLPROPERTIES ('millrace.key' = 'id') AS
SELECT * FROM STREAM users_created WHERE id IS NOT NULL;
