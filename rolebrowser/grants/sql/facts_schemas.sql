-- Schemas but those of temporary and TOAST tables.
SELECT oid::text, nspname::text, nspowner::text, nspacl::text
FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(toast|temp)'
