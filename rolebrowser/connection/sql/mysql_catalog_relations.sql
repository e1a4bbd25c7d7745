-- Tables and views of a database after the one given, a piece of them.
SELECT TABLE_NAME, TABLE_TYPE
FROM information_schema.TABLES
WHERE TABLE_SCHEMA = %s AND TABLE_NAME > %s
ORDER BY TABLE_NAME
LIMIT 2000
