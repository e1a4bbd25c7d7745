"""Inventory: the sandbox's MariaDB with its world, as the front door needs to know it."""

from __future__ import annotations

import secrets
import threading
from importlib.resources import files
from pathlib import Path

from rolebrowser.sandbox.mariadb import MariadbServer

IAM_PLUGIN = "AWSAuthenticationPlugin"
_ENTRIES = """
SELECT User, Host, plugin FROM mysql.user
WHERE (%s = '' OR User = %s) AND (plugin = %s OR authentication_string = PASSWORD(%s))
"""
_FLUSHES = """
SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_FLUSH'
"""
_DISGUISE = """
UPDATE mysql.global_priv
SET Priv = JSON_SET(Priv, '$.plugin', %s, '$.authentication_string', 'RDS')
WHERE User = %s AND Host = %s
"""


class Inventory:
    """A running server with users and tables worth exploring.

    MariaDB doesn't have RDS's plugin, so its IAM users have a password that only the door knows,
    and their entry in the grant tables says otherwise. A GRANT to one of them writes the entry
    anew from what the server has in memory, FLUSH PRIVILEGES reads it: both are made good at the
    next login.

    Attributes:
        socket: the server's unix socket.
        secret: the password of every IAM user.
    """

    def __init__(self) -> None:
        self.server = MariadbServer.start()
        self.socket: Path = self.server.socket
        self.secret = secrets.token_urlsafe(24)
        self._looking = threading.Lock()
        self._flushes = 0
        script = (files("rolebrowser.sandbox") / "world_inventory.sql").read_text(encoding="utf-8")
        statements = [part.strip() for part in script.split(";\n") if part.strip()]
        self.server.execute(*(each.replace(":secret", self.secret) for each in statements))

    def stop(self) -> None:
        """End the server."""
        self.server.stop()

    def is_iam_user(self, user: str) -> bool:
        """Whether the account is identified with RDS's plugin."""
        with self._looking, self.server.connect() as connection:
            cursor = connection.cursor()
            cursor.execute(_ENTRIES, (user, user, IAM_PLUGIN, self.secret))
            known = bool(entries := cursor.fetchall())
            cursor.execute(_FLUSHES)
            flushes = int(cursor.fetchone()[0])
            if flushes != self._flushes:
                cursor.execute(_ENTRIES, ("", "", IAM_PLUGIN, self.secret))
                for name, host, _ in (entries := cursor.fetchall()):
                    cursor.execute("ALTER USER %s@%s IDENTIFIED BY %s", (name, host, self.secret))
            for name, host, plugin in entries:
                if plugin != IAM_PLUGIN or flushes != self._flushes:
                    cursor.execute(_DISGUISE, (IAM_PLUGIN, name, host))
            self._flushes = flushes
        return known
