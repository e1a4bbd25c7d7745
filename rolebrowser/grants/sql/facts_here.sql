-- Where we are: the server's version, the current user, this database's oid.
SELECT current_setting('server_version_num'), current_user::text, d.oid::text
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
