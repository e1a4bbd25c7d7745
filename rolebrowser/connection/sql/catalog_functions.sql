-- Functions, procedures and aggregates after the one given that a statement can call.
SELECT p.oid::text, n.nspname::text, p.proname::text, p.prokind::text,
       pg_catalog.pg_get_function_arguments(p.oid)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid > %s::oid
  AND p.prorettype NOT IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype)
  AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[])
ORDER BY p.oid
LIMIT %s
