"""MysqlServer: a real MySQL in a temporary directory, from one of ROLEBROWSER_TEST_MYSQL's."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pymysql
from pymysql.cursors import Cursor

from rolebrowser.connection import url
from rolebrowser.sandbox.mariadb import SERVING, MariadbServer


def installed() -> list[Path]:
    """The bin directories with a mysqld that ROLEBROWSER_TEST_MYSQL names."""
    named = os.environ.get("ROLEBROWSER_TEST_MYSQL", "").split(os.pathsep)
    return [Path(each) for each in named if each and (Path(each) / "mysqld").exists()]


@contextlib.contextmanager
def inventory_admin() -> Iterator[pymysql.Connection[Cursor]]:
    """The superuser's own connection to the inventory behind the sandbox's door."""
    address = url.parse(os.environ["SANDBOX_MYSQL_DSN"], {})
    password = address.password()
    assert password is not None
    direct = pymysql.connect(
        host="127.0.0.1",
        port=address.port,
        user=address.user,
        password=password.reveal(),
        database="inventory",
        autocommit=True,
    )
    with direct:
        yield direct


def is_mysql(server: MariadbServer) -> bool:
    """Which of the two."""
    return isinstance(server, MysqlServer)


def spoken(mariadb: bool, text: str, *roles: str) -> str:
    """What is said of MariaDB, SQL or not, as it is said of either: MySQL's roles have a host."""
    if mariadb:
        return text
    for role in roles:
        text = text.replace(f"`{role}`", f"`{role}`@`%`")
        text = re.sub(rf"(?<![`\w@]){role}(?![`\w@])", f"{role}@%", text)
    return re.sub(r"(SET DEFAULT ROLE .*) FOR ", r"\1 TO ", text)


class MysqlServer(MariadbServer):
    """As MariaDB's, by MySQL's own programs."""

    name: ClassVar[str] = "MySQL"
    patience: ClassVar[float] = 240.0

    @classmethod
    def of(cls, binaries: Path) -> MysqlServer:
        """Make a data directory and start a server on it; ready when this returns.

        Raises:
            SandboxError: it didn't come up; the end of its log is in the text.
        """
        server = str(binaries / "mysqld")
        hasty = ("--innodb-flush-method=nosync", "--innodb-doublewrite=OFF", "--skip-log-bin")
        return cls._started(
            [server, "--no-defaults", "--initialize-insecure", *hasty],
            [server, *SERVING, *hasty, "--mysqlx=OFF", "--innodb-redo-log-capacity=8M"],
        )
