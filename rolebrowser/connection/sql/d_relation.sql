-- \d NAME: what kind of relation it is. :oid is replaced.
SELECT c.relkind, c.relhasindex, c.relhasrules, c.relhastriggers, c.relrowsecurity,
  c.relforcerowsecurity, c.relispartition,
  pg_catalog.array_to_string(c.reloptions || ARRAY(
    SELECT 'toast.' || x FROM pg_catalog.unnest(tc.reloptions) x), ', '),
  (SELECT spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
  CASE WHEN c.reloftype = 0 THEN '' ELSE c.reloftype::pg_catalog.regtype::pg_catalog.text END,
  c.relpersistence, c.relreplident, am.amname, c.relchecks
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_class tc ON (c.reltoastrelid = tc.oid)
     LEFT JOIN pg_catalog.pg_am am ON (c.relam = am.oid)
WHERE c.oid = :oid
