-- Roles that mirror RDS, and the people and programs of the sandbox's world.
-- A paragraph that begins "-- since N:" or "-- before N:" is for servers of those versions.
CREATE ROLE rds_iam NOLOGIN;
CREATE ROLE rds_replication NOLOGIN;
CREATE ROLE rds_password NOLOGIN;
CREATE ROLE rds_reserved NOLOGIN;
CREATE ROLE rds_extension NOLOGIN;
CREATE ROLE rds_ad NOLOGIN;
CREATE ROLE rds_superuser NOLOGIN;
CREATE ROLE rdsrepladmin NOLOGIN REPLICATION;
CREATE ROLE rdstopmgr LOGIN;
GRANT pg_monitor, pg_signal_backend, pg_checkpoint, rds_replication, rds_password TO rds_superuser WITH ADMIN OPTION;
CREATE ROLE dbadmin LOGIN CREATEROLE CREATEDB VALID UNTIL 'infinity';
GRANT rds_superuser TO dbadmin;
-- RDS lets its master user hand out rds_iam: the fix for "password authentication failed".
GRANT rds_iam TO dbadmin WITH ADMIN OPTION;
CREATE ROLE replicator LOGIN REPLICATION CONNECTION LIMIT 1;

-- Made by the master user, who so becomes their admin, as on RDS.
SET ROLE dbadmin;
CREATE ROLE iam_users NOLOGIN IN ROLE rds_iam;
CREATE ROLE readers NOLOGIN;
CREATE ROLE writers NOLOGIN IN ROLE readers;
CREATE ROLE incident_writers NOLOGIN;
CREATE ROLE oncall NOLOGIN IN ROLE readers;
CREATE ROLE finance_team NOLOGIN;
CREATE ROLE hr_team NOLOGIN;
CREATE ROLE orders_owner NOLOGIN;
COMMENT ON ROLE readers IS 'Reads the sales schema';
COMMENT ON ROLE oncall IS 'Whoever carries the pager';
CREATE ROLE app_oncall LOGIN IN ROLE oncall, iam_users;
CREATE ROLE app_oncall_ro LOGIN IN ROLE readers, rds_iam;
CREATE ROLE orders_app LOGIN CONNECTION LIMIT 50 IN ROLE writers, rds_iam;
CREATE ROLE analyst LOGIN IN ROLE rds_iam;
CREATE ROLE auditor LOGIN NOINHERIT IN ROLE rds_iam;
CREATE ROLE breakglass LOGIN IN ROLE rds_iam;
CREATE ROLE billing_app LOGIN PASSWORD 'billing-secret' IN ROLE readers;
CREATE ROLE legacy_app LOGIN PASSWORD 'legacy-secret' IN ROLE readers;
CREATE ROLE old_service LOGIN CONNECTION LIMIT 0;
CREATE ROLE temp_contractor LOGIN VALID UNTIL '2024-06-30 23:59:59+00' IN ROLE rds_iam;

-- since 16: a membership says itself whether it is inherited and can be set.
GRANT incident_writers TO app_oncall WITH INHERIT FALSE, SET TRUE;
GRANT finance_team TO auditor WITH INHERIT FALSE;
GRANT hr_team TO breakglass WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;

-- before 16: the member's NOINHERIT alone decides.
GRANT incident_writers TO app_oncall;
GRANT finance_team TO auditor;
GRANT hr_team TO breakglass WITH ADMIN OPTION;

RESET ROLE;

-- The hostile set: names that try to drive a terminal or a markup parser.
CREATE ROLE U&"esc\001B[31mred\001B[0m" NOLOGIN;
CREATE ROLE U&"osc\001B]52;c;b3duZWQ=\0007" NOLOGIN;
CREATE ROLE U&"bidi\202Etxt\2066x\2069" NOLOGIN;
CREATE ROLE U&"zero\200Bwidth\FEFF" NOLOGIN;
CREATE ROLE U&"c1\009B31m" NOLOGIN;
CREATE ROLE U&"two\000Alines\0009tab" NOLOGIN;
CREATE ROLE "[@click=app.quit]press[/]" NOLOGIN;
CREATE ROLE "[/foo] [bold]" NOLOGIN;
CREATE ROLE "広い文字 🎉" NOLOGIN;
COMMENT ON ROLE "[/foo] [bold]" IS E'\x1b]0;owned\x07 [@click=app.quit]x[/]';
