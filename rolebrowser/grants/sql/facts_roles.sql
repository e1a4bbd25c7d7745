-- Every role and its attributes; pg_authid is closed to RDS's users.
SELECT oid::text, rolname::text, rolsuper::text, rolinherit::text, rolcreaterole::text,
       rolcreatedb::text, rolcanlogin::text, rolreplication::text, rolbypassrls::text,
       rolconnlimit::text, rolvaliduntil::text
FROM pg_catalog.pg_roles
