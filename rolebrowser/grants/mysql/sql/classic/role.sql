-- One level only: SHOW GRANTS again for each role that it names.
SHOW GRANTS FOR {role};
