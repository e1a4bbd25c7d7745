-- The schemas in which names without one are looked up, first to last.
SELECT path.name::text
FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY AS path (name, place)
ORDER BY path.place
