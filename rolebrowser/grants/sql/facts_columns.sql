-- The columns, system ones included, with an ACL of their own.
SELECT a.attrelid::text, a.attname::text, a.attnum::text, a.attacl::text
FROM pg_catalog.pg_attribute a WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
