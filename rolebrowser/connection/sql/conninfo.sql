-- what \conninfo needs beyond what libpq knows
SELECT pg_catalog.current_setting('is_superuser'),
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'on' ELSE 'off' END
