-- Who may act as whom, once the plugin that they log in with names another account.
SELECT User, Host, Proxied_user, Proxied_host, With_grant FROM mysql.proxies_priv
