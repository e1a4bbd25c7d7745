"""The pages of a connection: SQL, Roles, Grants. Each asks the connection on its own."""
