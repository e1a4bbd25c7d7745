-- Columns after a column of the relation, a piece of them: by the table's own index.
SELECT a.attrelid::text, a.attnum::text, a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE (a.attrelid, a.attnum) > (%s::oid, %s::int2) AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY a.attrelid, a.attnum
LIMIT %s
