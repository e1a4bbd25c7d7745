-- \d NAME: its partitions or child tables. :oid is replaced.
SELECT c.oid::pg_catalog.regclass, c.relkind, inhdetachpending,
  pg_catalog.pg_get_expr(c.relpartbound, c.oid)
FROM pg_catalog.pg_class c, pg_catalog.pg_inherits i
WHERE c.oid = i.inhrelid AND i.inhparent = :oid
ORDER BY pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT',
  c.oid::pg_catalog.regclass::pg_catalog.text
