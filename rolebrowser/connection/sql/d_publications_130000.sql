-- \d NAME: the publications it is in. :oid is replaced.
SELECT pubname, NULL, NULL
FROM pg_catalog.pg_publication p
     JOIN pg_catalog.pg_publication_rel pr ON p.oid = pr.prpubid
WHERE pr.prrelid = :oid
UNION ALL
SELECT pubname, NULL, NULL
FROM pg_catalog.pg_publication p
WHERE p.puballtables AND pg_catalog.pg_relation_is_publishable(:oid)
ORDER BY 1
