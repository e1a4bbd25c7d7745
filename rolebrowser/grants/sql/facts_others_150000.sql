-- What else can be granted on; schema-less all. Parameters: only those with an ACL.
SELECT 'language', oid::text, lanname::text, lanowner::text, lanacl::text
FROM pg_catalog.pg_language WHERE lanpltrusted
UNION ALL
SELECT 'foreign data wrapper', oid::text, fdwname::text, fdwowner::text, fdwacl::text
FROM pg_catalog.pg_foreign_data_wrapper
UNION ALL
SELECT 'foreign server', oid::text, srvname::text, srvowner::text, srvacl::text
FROM pg_catalog.pg_foreign_server
UNION ALL
SELECT 'tablespace', oid::text, spcname::text, spcowner::text, spcacl::text
FROM pg_catalog.pg_tablespace
UNION ALL
SELECT 'large object', oid::text, oid::text, lomowner::text, lomacl::text
FROM pg_catalog.pg_largeobject_metadata
UNION ALL
SELECT 'parameter', oid::text, parname::text, '10', paracl::text
FROM pg_catalog.pg_parameter_acl
