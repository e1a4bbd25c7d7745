-- what belongs to an extension, as psql 18's \dx+ asks it
SELECT pg_catalog.pg_describe_object(classid, objid, 0) AS "Object description"
FROM pg_catalog.pg_depend
-- :where
ORDER BY 1;
