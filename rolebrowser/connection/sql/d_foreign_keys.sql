-- \d NAME: its foreign keys, and those of what it is a partition of. :oid is replaced.
SELECT conrelid = :oid AS sametable, conname, pg_catalog.pg_get_constraintdef(oid, true),
  conrelid::pg_catalog.regclass
FROM pg_catalog.pg_constraint
WHERE (conrelid = :oid OR conrelid IN (
    SELECT relid FROM pg_catalog.pg_partition_ancestors(:oid)))
  AND contype = 'f' AND conparentid = 0
ORDER BY sametable DESC, conname
