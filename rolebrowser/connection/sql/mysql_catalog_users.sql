-- Users and roles, for those who may read the grant tables.
SELECT User, Host FROM mysql.user ORDER BY User, Host LIMIT 10000
