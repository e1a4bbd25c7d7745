-- Children that are read through a parent: partitions, and inheritance of old.
SELECT inhrelid::text, inhparent::text FROM pg_catalog.pg_inherits i
WHERE EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f'))
