-- With whose rights views read, and what; no text of one that one may not SHOW.
SELECT TABLE_SCHEMA, TABLE_NAME, DEFINER, SECURITY_TYPE, VIEW_DEFINITION FROM information_schema.VIEWS
