-- The server's own functions; MariaDB 10.6 and later know them.
SELECT FUNCTION FROM information_schema.SQL_FUNCTIONS ORDER BY FUNCTION
