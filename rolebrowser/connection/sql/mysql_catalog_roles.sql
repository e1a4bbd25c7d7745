-- Roles the user may take on: what an ordinary user may see of others.
SELECT ROLE_NAME FROM information_schema.APPLICABLE_ROLES ORDER BY 1
