-- Who was granted which role; the creator of a role has a line too.
SELECT User, Host, Role, '', Admin_option FROM mysql.roles_mapping
