-- \d NAME: its extended statistics. :oid is replaced.
SELECT stxrelid::pg_catalog.regclass,
  stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS nsp, stxname,
  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ')
   FROM pg_catalog.unnest(stxkeys) s(attnum)
   JOIN pg_catalog.pg_attribute a
     ON (stxrelid = a.attrelid AND a.attnum = s.attnum AND NOT attisdropped)),
  'd' = ANY (stxkind), 'f' = ANY (stxkind), 'm' = ANY (stxkind), stxstattarget
FROM pg_catalog.pg_statistic_ext
WHERE stxrelid = :oid
ORDER BY nsp, stxname
