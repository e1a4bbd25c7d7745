-- Schemas other than those of temporary tables and TOAST.
SELECT n.nspname::text
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname
LIMIT 10000
