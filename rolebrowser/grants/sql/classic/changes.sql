-- No catalog remembers what a grant was before. Tools that log
-- DDL (pgaudit, an event trigger) know who did it and when:
SELECT * FROM pg_event_trigger_ddl_commands();
