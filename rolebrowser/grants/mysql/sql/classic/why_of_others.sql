-- As the account itself; nothing says no before it is tried.
SHOW GRANTS;
SELECT CURRENT_USER(), CURRENT_ROLE();
