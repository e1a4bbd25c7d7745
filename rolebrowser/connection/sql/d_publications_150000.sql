-- \d NAME: the publications it is in. :oid is replaced.
SELECT pubname, NULL, NULL
FROM pg_catalog.pg_publication p
     JOIN pg_catalog.pg_publication_namespace pn ON p.oid = pn.pnpubid
     JOIN pg_catalog.pg_class pc ON pc.relnamespace = pn.pnnspid
WHERE pc.oid = :oid AND pg_catalog.pg_relation_is_publishable(:oid)
UNION
SELECT pubname, pg_catalog.pg_get_expr(pr.prqual, c.oid),
  (CASE WHEN pr.prattrs IS NOT NULL THEN (
     SELECT pg_catalog.string_agg(attname, ', ')
     FROM pg_catalog.generate_series(
            0, pg_catalog.array_upper(pr.prattrs::pg_catalog.int2[], 1)) s,
          pg_catalog.pg_attribute
     WHERE attrelid = pr.prrelid AND attnum = prattrs[s]) END)
FROM pg_catalog.pg_publication p
     JOIN pg_catalog.pg_publication_rel pr ON p.oid = pr.prpubid
     JOIN pg_catalog.pg_class c ON c.oid = pr.prrelid
WHERE pr.prrelid = :oid
UNION
SELECT pubname, NULL, NULL
FROM pg_catalog.pg_publication p
WHERE p.puballtables AND pg_catalog.pg_relation_is_publishable(:oid)
ORDER BY 1
