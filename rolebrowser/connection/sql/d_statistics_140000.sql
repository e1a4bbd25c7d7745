-- \d NAME: its extended statistics. :oid is replaced.
SELECT stxrelid::pg_catalog.regclass,
  stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS nsp, stxname,
  pg_catalog.pg_get_statisticsobjdef_columns(oid),
  'd' = ANY (stxkind), 'f' = ANY (stxkind), 'm' = ANY (stxkind), stxstattarget
FROM pg_catalog.pg_statistic_ext
WHERE stxrelid = :oid
ORDER BY nsp, stxname
