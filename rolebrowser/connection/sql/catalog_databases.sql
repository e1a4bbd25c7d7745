-- Databases one can connect to.
SELECT d.datname::text
FROM pg_catalog.pg_database d
WHERE d.datallowconn
ORDER BY d.datname
LIMIT 10000
