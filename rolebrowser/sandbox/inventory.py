"""Inventory: the sandbox's MariaDB with its world, as the front door needs to know it."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path

from rolebrowser.sandbox.mariadb import MariadbServer

IAM_PLUGIN = "AWSAuthenticationPlugin"


class Inventory:
    """A running server with users and tables worth exploring.

    MariaDB doesn't have RDS's plugin, so its IAM users have a password that only the door knows,
    and their entry in the grant tables says otherwise: it is read at the next FLUSH PRIVILEGES
    only, which nobody here does.

    Attributes:
        socket: the server's unix socket.
        secret: the password of every IAM user.
    """

    def __init__(self) -> None:
        self.server = MariadbServer.start()
        self.socket: Path = self.server.socket
        self.secret = secrets.token_urlsafe(24)
        script = (files("rolebrowser.sandbox") / "world_inventory.sql").read_text(encoding="utf-8")
        statements = [part.strip() for part in script.split(";\n") if part.strip()]
        self.server.execute(*(each.replace(":secret", self.secret) for each in statements))

    def stop(self) -> None:
        """End the server."""
        self.server.stop()

    def is_iam_user(self, user: str) -> bool:
        """Whether the account is identified with RDS's plugin."""
        connection = self.server.connect()
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT plugin FROM mysql.user WHERE User = %s", (user,))
            return any(row[0] == IAM_PLUGIN for row in cursor.fetchall())
        finally:
            connection.close()
