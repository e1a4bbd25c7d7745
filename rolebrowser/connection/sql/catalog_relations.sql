-- Tables, views and sequences after the one given, a piece of them.
SELECT c.oid::text, n.nspname::text, c.relname::text, c.relkind::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid > %s::oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND n.nspname !~ '^pg_toast'
ORDER BY c.oid
LIMIT %s
