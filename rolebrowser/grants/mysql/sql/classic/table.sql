-- Grants on the table itself; those on its database, on *.* and through roles are elsewhere.
SELECT * FROM mysql.tables_priv WHERE Db = {database} AND Table_name = {table};
SELECT * FROM mysql.columns_priv WHERE Db = {database} AND Table_name = {table};
-- A pattern may fit, or be hidden by another that fits better.
SELECT * FROM mysql.db WHERE {database} LIKE Db;
