-- The reader's default roles, for who may not read the database mysql.
SELECT ROLE_NAME FROM information_schema.APPLICABLE_ROLES WHERE IS_DEFAULT = 'YES'
