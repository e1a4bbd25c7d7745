-- Two lists of names side by side; what comes through groups,
-- PUBLIC or ownership is in neither.
SELECT table_schema, table_name, privilege_type
FROM information_schema.role_table_grants
WHERE grantee = {role}
EXCEPT
SELECT table_schema, table_name, privilege_type
FROM information_schema.role_table_grants
WHERE grantee = {other};
