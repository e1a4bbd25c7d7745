-- Each role by itself: an answer, but no reason.
SELECT rolname
FROM pg_catalog.pg_roles
WHERE {has}(rolname, {arguments}, {privilege});
