"""The same for MariaDB and MySQL: accounts, roles, and privileges by level, wildcards and all."""
