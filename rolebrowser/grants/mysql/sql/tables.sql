-- Grants on tables; a line without privileges stands for those on columns.
SELECT User, Host, Db, Table_name, Table_priv FROM mysql.tables_priv
