-- All columns of the relations in which some column has an ACL: what `SELECT *` would need.
SELECT a.attrelid::text, a.attname::text
FROM pg_catalog.pg_attribute a
WHERE a.attrelid IN (SELECT b.attrelid FROM pg_catalog.pg_attribute b
                     WHERE b.attacl IS NOT NULL AND NOT b.attisdropped)
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
