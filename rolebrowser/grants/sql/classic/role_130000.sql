-- What most tools show: only what was granted to the role by name.
SELECT table_schema, table_name, privilege_type, is_grantable
FROM information_schema.role_table_grants
WHERE grantee = {role}
ORDER BY 1, 2, 3;

-- psql's \drg: the memberships, one step of them.
SELECT m.rolname AS "Role name", r.rolname AS "Member of",
       pg_catalog.concat_ws(', ',
         CASE WHEN pam.admin_option THEN 'ADMIN' END,
         CASE WHEN m.rolinherit THEN 'INHERIT' END,
         'SET') AS "Options",
       g.rolname AS "Grantor"
FROM pg_catalog.pg_roles m
JOIN pg_catalog.pg_auth_members pam ON pam.member = m.oid
JOIN pg_catalog.pg_roles r ON r.oid = pam.roleid
JOIN pg_catalog.pg_roles g ON g.oid = pam.grantor
WHERE m.rolname = {role}
ORDER BY 1, 2, 4;
