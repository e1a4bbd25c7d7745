-- Databases that one may see.
SELECT SCHEMA_NAME FROM information_schema.SCHEMATA
