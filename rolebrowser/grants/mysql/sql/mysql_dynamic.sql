-- Dynamic privileges: on *.* all of them.
SELECT USER, HOST, PRIV, WITH_GRANT_OPTION FROM mysql.global_grants
