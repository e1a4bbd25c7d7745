-- Roles after the one given.
SELECT r.rolname::text
FROM pg_catalog.pg_roles r
WHERE r.rolname > %s::name
ORDER BY r.rolname
LIMIT %s
