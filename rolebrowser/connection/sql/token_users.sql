-- Who logs in by token: RDS lets members of rds_iam in by nothing else.
SELECT r.rolname
FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_roles i ON i.rolname = 'rds_iam'
WHERE r.rolcanlogin AND NOT r.rolsuper AND pg_catalog.pg_has_role(r.oid, i.oid, 'MEMBER')
ORDER BY 1
