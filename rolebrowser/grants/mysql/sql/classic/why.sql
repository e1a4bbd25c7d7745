-- As the account itself: EXPLAIN asks for the privileges of the statement that it explains.
EXPLAIN SELECT * FROM {name};
SHOW GRANTS;
SELECT CURRENT_USER(), CURRENT_ROLE();
