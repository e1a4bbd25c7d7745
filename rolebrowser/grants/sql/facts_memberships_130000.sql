-- Who was granted which role. Before 16 the member's INHERIT attribute decides what is inherited.
SELECT member::text, roleid::text, grantor::text, admin_option::text
FROM pg_catalog.pg_auth_members
