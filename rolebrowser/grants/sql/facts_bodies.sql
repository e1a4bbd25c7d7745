-- Functions that run with their owners' rights: what they say, and what those in SQL's own syntax
-- (BEGIN ATOMIC, 14 and later) read and call.
SELECT p.oid::text, p.prosrc,
       (SELECT string_agg(DISTINCT d.refobjid::text, ',') FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n'),
       (SELECT string_agg(DISTINCT d.refobjid::text, ',') FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
          AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'n')
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.prosecdef AND l.lanname NOT IN ('c', 'internal')
  AND p.pronamespace NOT IN (SELECT n.oid FROM pg_catalog.pg_namespace n
                             WHERE n.nspname IN ('pg_catalog', 'information_schema'))
