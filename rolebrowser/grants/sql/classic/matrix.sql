-- psql's \dp *.*: ACL letters, one row a table; who inherits
-- them, and from whom, is left to the reader.
SELECT n.nspname AS "Schema", c.relname AS "Name",
       array_to_string(c.relacl, E'\n') AS "Access privileges"
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p')
ORDER BY 1, 2;

-- Or ask for every pair: right, but says no path, and 500 roles
-- × 5,000 tables take half a minute.
SELECT r.rolname, c.oid::regclass, p.privilege
FROM pg_roles r
CROSS JOIN pg_class c
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
    'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (privilege)
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND has_table_privilege(r.oid, c.oid, p.privilege);
