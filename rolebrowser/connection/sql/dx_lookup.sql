-- which extensions \dx+ means, as psql 18 asks it
SELECT e.extname, e.oid
FROM pg_catalog.pg_extension e
-- :where
ORDER BY 1;
