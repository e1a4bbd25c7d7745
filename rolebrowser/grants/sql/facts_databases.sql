-- Databases that take connections.
SELECT oid::text, datname::text, datdba::text, datacl::text
FROM pg_catalog.pg_database WHERE datallowconn
