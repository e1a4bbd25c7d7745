-- What objects made from now on start with.
SELECT defaclrole::text, defaclnamespace::text, defaclobjtype::text, defaclacl::text
FROM pg_catalog.pg_default_acl
