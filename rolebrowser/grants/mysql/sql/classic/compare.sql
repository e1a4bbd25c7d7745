-- Two lists, to be compared by eye.
SHOW GRANTS FOR {role};
SHOW GRANTS FOR {other};
