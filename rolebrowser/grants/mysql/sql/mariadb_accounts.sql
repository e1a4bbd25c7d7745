-- Accounts and roles; what they log in with stays on the server.
SELECT User, Host, JSON_VALUE(Priv, '$.access'), JSON_VALUE(Priv, '$.is_role'),
       JSON_VALUE(Priv, '$.account_locked'), JSON_VALUE(Priv, '$.plugin'),
       JSON_VALUE(Priv, '$.default_role')
FROM mysql.global_priv
