-- One call for each gate.
SELECT has_database_privilege({role},
           current_database(), 'CONNECT');
SELECT {has}({role},
           {arguments}, {privilege});
