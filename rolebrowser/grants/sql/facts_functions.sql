-- Functions, procedures, aggregates; PostgreSQL's own only where somebody changed who may call.
SELECT p.oid::text, p.pronamespace::text, p.proname::text, p.prokind::text, p.proowner::text,
       p.proacl::text, p.prosecdef::text, pg_catalog.oidvectortypes(p.proargtypes)
FROM pg_catalog.pg_proc p
WHERE p.proacl IS NOT NULL OR p.prosecdef
   OR p.pronamespace NOT IN (SELECT n.oid FROM pg_catalog.pg_namespace n
                             WHERE n.nspname IN ('pg_catalog', 'information_schema'))
