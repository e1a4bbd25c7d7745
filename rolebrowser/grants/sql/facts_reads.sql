-- What views read, and which of its columns; those that came with the server (oids below 16384)
-- left out. Last: FROM ONLY, which stands nowhere but in the rule's tree (parsenodes.h,
-- RangeTblEntry: inh); asked of parents alone, since trees are long.
SELECT r.ev_class::text, d.refobjid::text,
       string_agg(d.refobjsubid::text, ',') FILTER (WHERE d.refobjsubid > 0),
       CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = d.refobjid) THEN
           (SELECT t.ev_action::text ~ (':relid ' || d.refobjid || ' [^{}]*:inh false')
               AND t.ev_action::text !~ (':relid ' || d.refobjid || ' [^{}]*:inh true')
            FROM pg_catalog.pg_rewrite t WHERE t.oid = r.oid) ELSE false END::text
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
WHERE r.ev_class >= 16384 AND r.ev_type = '1' AND d.refclassid = 'pg_catalog.pg_class'::regclass
  AND d.refobjid <> r.ev_class AND d.deptype = 'n'
  AND EXISTS (SELECT FROM pg_catalog.pg_class v WHERE v.oid = r.ev_class AND v.relkind IN ('v', 'm'))
GROUP BY r.oid, r.ev_class, d.refobjid
