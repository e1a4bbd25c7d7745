-- Neither MySQL nor MariaDB keeps a history of grants; the look before is this program's own.
SHOW GRANTS FOR {role};
