-- \d NAME: a sequence. :oid is replaced.
SELECT pg_catalog.format_type(seqtypid, NULL), seqstart, seqmin, seqmax, seqincrement,
  CASE WHEN seqcycle THEN 'yes' ELSE 'no' END, seqcache
FROM pg_catalog.pg_sequence
WHERE seqrelid = :oid
