-- Who was granted which role, by whom, with which options.
SELECT member::text, roleid::text, grantor::text, admin_option::text,
       inherit_option::text, set_option::text
FROM pg_catalog.pg_auth_members
