-- The reader's roles and theirs, for who may not read the database mysql.
SELECT GRANTEE, GRANTEE_HOST, ROLE_NAME, ROLE_HOST, LEFT(IS_GRANTABLE, 1)
FROM information_schema.APPLICABLE_ROLES WHERE IS_MANDATORY = 'NO'
