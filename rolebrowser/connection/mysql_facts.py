"""What MySQL and MariaDB say of themselves after login; their session's limits and mode."""

from __future__ import annotations

import re
import select
import ssl
from typing import Any

from rolebrowser.connection.effects import called
from rolebrowser.connection.protocol import Address, Notice, ServerInfo, Settings
from rolebrowser.target import Engine

_VARIABLES = (
    "aurora_version",
    "innodb_read_only",
    "idle_transaction_timeout",
    "max_execution_time",
    "max_statement_time",
    "version",
    "version_comment",
)


def set_up(driver: Any, address: Address, settings: Settings, *, read_only: bool) -> ServerInfo:
    """Set the mode and the time limits, and ask what the server is.

    Sources: MySQL manual, max_execution_time (milliseconds, SELECT only); MariaDB Knowledge Base,
    max_statement_time and idle_transaction_timeout (seconds).
    """
    driver.query(f"SET SESSION TRANSACTION READ {'ONLY' if read_only else 'WRITE'}")
    names = ", ".join(f"'{name}'" for name in _VARIABLES)
    known = dict(_rows(driver, f"SHOW VARIABLES WHERE Variable_name IN ({names})"))
    if "max_statement_time" in known:
        driver.query(f"SET SESSION max_statement_time = {settings.statement_timeout:g}")
    elif "max_execution_time" in known:
        driver.query(f"SET SESSION max_execution_time = {int(settings.statement_timeout * 1000)}")
    if "idle_transaction_timeout" in known:
        idle = int(settings.idle_in_transaction_timeout)
        driver.query(f"SET SESSION idle_transaction_timeout = {idle}")
    ((user, dbname, thread),) = _rows(
        driver, "SELECT current_user(), coalesce(database(), ''), connection_id()"
    )
    version = known.get("version", "")
    return ServerInfo(
        engine=Engine.MYSQL,
        flavor=_flavor(known),
        version=version,
        version_number=number(version),
        user=user,
        dbname=dbname,
        host=address.host,
        port=address.port,
        backend_pid=int(thread),
        in_recovery=known.get("innodb_read_only") == "ON",
        tls=tls(driver),
        facts=(
            ("Server", f"{known.get('version_comment', '')}".strip()),
            ("Server version", version),
            ("Connection id", str(thread)),
            ("Current database", dbname),
            ("Current user", user),
            ("SSL", tls(driver) or "Not in use"),
            ("Host", f"{address.host}:{address.port}"),
        ),
    )


def calls_stored(driver: Any, statement: str) -> bool:
    """Whether a statement calls a stored function, which may change something.

    Of one inside a view nothing is known, nor of one that only a SET ROLE allows.
    """
    names = sorted(name.lower() for name in called(statement, Engine.MYSQL))
    if not names:
        return False
    cursor = driver.cursor()
    cursor.execute(
        "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION'"
        f" AND LOWER(ROUTINE_NAME) IN ({', '.join(['%s'] * len(names))})",
        names,
    )
    return cursor.fetchone() != ("0",)


def warnings(driver: Any) -> tuple[Notice, ...]:
    """What the server has to say of the statement run last."""
    if not getattr(driver._result, "warning_count", 0):
        return ()
    rows = _rows(driver, "SHOW WARNINGS LIMIT 20")
    return tuple(Notice(level, text, code) for level, code, text in rows)


def _rows(driver: Any, sql: str) -> Any:
    cursor = driver.cursor()
    cursor.execute(sql)
    return cursor.fetchall()


def _flavor(known: dict[str, str]) -> str:
    if "aurora_version" in known:
        return "Aurora MySQL"
    return "MariaDB" if "mariadb" in known.get("version", "").lower() else "MySQL"


def number(version: str) -> int:
    """ "10.11.19-MariaDB" → 101119, "8.0.36" → 80036; 0 for anything else.

    MariaDB and MySQL count alike in their own headers: major × 10000 + minor × 100 + patch.
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        return 0
    major, minor, patch = map(int, found.groups())
    return major * 10_000 + minor * 100 + patch


def tls(driver: Any) -> str:
    """Protocol and cipher of the connection; empty without TLS."""
    if not isinstance(driver._sock, ssl.SSLSocket):
        return ""
    cipher = driver._sock.cipher()
    return f"{driver._sock.version()} {cipher[0] if cipher else ''}".strip()


def hung_up(driver: Any) -> bool:
    """Whether the server has closed an idle connection; it never speaks unasked otherwise."""
    plug = driver._sock
    if plug is None:
        return True
    if isinstance(plug, ssl.SSLSocket) and plug.pending():
        return True
    ready, _, _ = select.select([plug], [], [], 0)
    return bool(ready)
