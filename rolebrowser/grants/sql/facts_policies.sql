-- Row-level security.
SELECT p.polrelid::text, p.polname::text, p.polpermissive::text, p.polcmd::text, p.polroles::text,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_catalog.pg_policy p
