-- Tables, views and sequences; of a view whether it reads with the rights of who asks.
SELECT c.oid::text, c.relnamespace::text, c.relname::text, c.relkind::text, c.relowner::text,
       c.relacl::text, c.relrowsecurity::text, c.relforcerowsecurity::text,
       CASE WHEN c.relkind = 'v' AND c.reloptions IS NOT NULL THEN
           (SELECT option_value FROM pg_catalog.pg_options_to_table(c.reloptions)
            WHERE option_name = 'security_invoker') END
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
  AND c.relnamespace <> 'pg_toast'::regnamespace
