-- Only what the reader may see: without SELECT on the database mysql its own lines.
-- Roles that aren't active, and what a more specific grant hides, can't be told from it.
SELECT GRANTEE, '*' AS TABLE_SCHEMA, '*' AS TABLE_NAME, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.USER_PRIVILEGES
UNION ALL
SELECT GRANTEE, TABLE_SCHEMA, '*', PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.SCHEMA_PRIVILEGES
UNION ALL
SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.TABLE_PRIVILEGES
ORDER BY 1, 2, 3, 4;
