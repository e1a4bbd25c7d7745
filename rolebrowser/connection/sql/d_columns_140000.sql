-- \d NAME: its columns. :oid is replaced.
SELECT a.attname,
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t
   WHERE c.oid = a.attcollation AND t.oid = a.atttypid
     AND a.attcollation <> t.typcollation),
  a.attnotnull,
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true)
   FROM pg_catalog.pg_attrdef d
   WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),
  a.attidentity,
  a.attgenerated,
  CASE WHEN a.attnum <= (
    SELECT i.indnkeyatts FROM pg_catalog.pg_index i WHERE i.indexrelid = a.attrelid
  ) THEN 'yes' ELSE 'no' END,
  pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, true),
  CASE WHEN attfdwoptions IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY(
    SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value)
    FROM pg_catalog.pg_options_to_table(attfdwoptions)), ', ') || ')' END,
  a.attstorage,
  a.attcompression,
  CASE WHEN a.attstattarget = -1 THEN NULL ELSE a.attstattarget END,
  pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
