-- The grants the current user is told of, its own schemas first and the catalogs left out.
SELECT grantee, table_schema, table_name, privilege_type, is_grantable, with_hierarchy, grantor
FROM information_schema.role_table_grants
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY table_schema, table_name, grantee, privilege_type
