-- What views read, and which of its columns; those that came with the server (oids below 16384)
-- left out.
SELECT r.ev_class::text, d.refobjid::text,
       string_agg(d.refobjsubid::text, ',') FILTER (WHERE d.refobjsubid > 0)
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
WHERE r.ev_class >= 16384 AND r.ev_type = '1' AND d.refclassid = 'pg_catalog.pg_class'::regclass
  AND d.refobjid <> r.ev_class AND d.deptype = 'n'
  AND EXISTS (SELECT FROM pg_catalog.pg_class v WHERE v.oid = r.ev_class AND v.relkind IN ('v', 'm'))
GROUP BY r.ev_class, d.refobjid
