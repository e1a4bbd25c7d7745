-- \d NAME: its rules. :oid is replaced.
SELECT r.rulename, TRIM(TRAILING ';' FROM pg_catalog.pg_get_ruledef(r.oid, true)), ev_enabled
FROM pg_catalog.pg_rewrite r
WHERE r.ev_class = :oid AND r.rulename <> '_RETURN'
ORDER BY 1
