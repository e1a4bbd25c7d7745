SELECT DISTINCT User FROM mysql.user WHERE plugin = 'AWSAuthenticationPlugin' ORDER BY 1
