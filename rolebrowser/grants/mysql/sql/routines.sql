-- Grants on functions, procedures and MariaDB's packages.
SELECT User, Host, Db, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv
