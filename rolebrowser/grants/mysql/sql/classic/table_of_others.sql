-- Grants on the routine itself; those on its database, on *.* and through roles are elsewhere.
SELECT * FROM mysql.procs_priv WHERE Db = {database} AND Routine_name = {table};
-- A pattern may fit, or be hidden by another that fits better.
SELECT * FROM mysql.db WHERE {database} LIKE Db;
