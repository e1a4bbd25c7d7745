SHOW VARIABLES WHERE Variable_name IN
    ('activate_all_roles_on_login', 'activate_mandatory_roles', 'lower_case_table_names',
     'mandatory_roles', 'partial_revokes')
