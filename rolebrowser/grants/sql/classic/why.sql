-- One call for each gate. Without USAGE on the schema the
-- name itself is refused: many tools show that error only.
SELECT has_database_privilege({role},
           current_database(), 'CONNECT');
SELECT has_schema_privilege({role},
           {schema}, 'USAGE');
SELECT has_table_privilege({role},
           {object}, {privilege});
SELECT row_security_active({object});

-- And the proof, for who may SET ROLE:
BEGIN READ ONLY;
SET LOCAL ROLE {role_name};
EXPLAIN SELECT * FROM {object_name};
ROLLBACK;
