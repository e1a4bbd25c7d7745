-- The database in which names without one are looked up.
SELECT DATABASE()
