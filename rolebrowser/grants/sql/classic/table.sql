-- psql's \dp: who was named in a GRANT; not who inherits,
-- comes by SET ROLE, or reads through a view.
SELECT relname, array_to_string(relacl, E'\n') AS "Access privileges"
FROM pg_catalog.pg_class
WHERE oid = {object}::regclass;

-- Each role by itself: an answer, but no reason.
SELECT rolname
FROM pg_catalog.pg_roles
WHERE has_table_privilege(rolname, {object}, {privilege});
