-- \d NAME: how it is partitioned. :oid is replaced.
SELECT pg_catalog.pg_get_partkeydef(:oid)
