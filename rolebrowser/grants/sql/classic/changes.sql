-- No catalog remembers what a grant was before. Who did it and when stands in the server's log,
-- if DDL is logged (log_statement, pgaudit), or where an event trigger writes it:
SELECT name, setting FROM pg_settings
WHERE name IN ('log_statement', 'shared_preload_libraries') OR name LIKE 'pgaudit.%' ORDER BY 1;
SELECT evtname, evtevent, evtowner::regrole, evtfoid::regproc FROM pg_event_trigger ORDER BY 1;
