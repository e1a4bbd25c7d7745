-- Types, domains, ranges; arrays and tables' row types go with their elements and tables.
SELECT t.oid::text, t.typnamespace::text, t.typname::text, t.typowner::text, t.typacl::text
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE (t.typrelid = 0 OR c.relkind = 'c') AND t.typtype <> 'm' AND t.typtype <> 'p'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid)
  AND (t.typacl IS NOT NULL
       OR t.typnamespace NOT IN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname IN
                                 ('pg_catalog', 'information_schema', 'pg_toast')))
