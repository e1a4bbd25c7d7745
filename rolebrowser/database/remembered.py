"""Descriptions of databases one connected to, so that the next connect needn't ask AWS again.

Measured on the sandbox with a cached session: `rolebrowser sql T -c '\\du'` takes a third less, as
botocore's RDS client is never built; against AWS it saves a round trip more. A description may be
out of date: whoever uses one asks AWS when it leads nowhere (`connect.py`). Nothing in it is
secret, and a forged one leads to no token being leaked: TLS is verified as ever.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rolebrowser import private_file
from rolebrowser.database.model import Database, DatabaseKind, Endpoint, EndpointRole

KEPT = 200
"""Descriptions kept; the oldest go."""
GOOD_FOR = timedelta(hours=24)

_VERSION = 1


class Remembered:
    """The descriptions of one cache directory.

    A convenience: what can't be read counts as nothing, what can't be written isn't.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._path = cache_dir / "databases.json"

    def recall(self, key: str, now: datetime) -> Database | None:
        """The description kept under `key`, unless it is too old or can't be read."""
        try:
            entry = self._entries()[key]
            made = datetime.fromisoformat(entry["at"])
            return _database(entry["database"]) if timedelta() <= now - made < GOOD_FOR else None
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    def latest(self, name: str) -> tuple[Database, datetime] | None:
        """The newest description of a database of that id, or that has an endpoint of that host
        name, whosever it is and however old; and when AWS gave it.
        """
        newest = sorted(self._entries().values(), key=_age_key, reverse=True)
        for entry in newest:
            try:
                found = _database(entry["database"])
                made = datetime.fromisoformat(entry["at"]).astimezone(UTC)
            except (KeyError, TypeError, ValueError, OverflowError):
                continue
            if name in (found.id, *(each.host for each in found.endpoints)):
                return found, made
        return None

    def keep(self, key: str, database: Database, now: datetime) -> None:
        """Keep a description."""
        # Tags are the one thing that may be large, and nobody connects by them.
        body = asdict(replace(database, tags=()))
        entry = {"at": now.astimezone(UTC).isoformat(), "database": body}
        self._write({**self._entries(), key: entry})

    def forget(self, key: str) -> None:
        """Drop a description."""
        entries = self._entries()
        if entries.pop(key, None) is not None:
            self._write(entries)

    def _entries(self) -> dict[str, Any]:
        try:
            body = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(body, dict) or body.get("version") != _VERSION:
            return {}
        found = body.get("databases")
        return found if isinstance(found, dict) else {}

    def _write(self, entries: dict[str, Any]) -> None:
        newest = sorted(entries.items(), key=lambda item: _age_key(item[1]))[-KEPT:]
        body = {"version": _VERSION, "databases": dict(newest)}
        with contextlib.suppress(OSError):
            private_file.replace(self._path, json.dumps(body))


def _age_key(entry: Any) -> str:
    return str(entry.get("at", "")) if isinstance(entry, dict) else ""


_TEXTS = (
    *("id", "engine", "version", "region", "account", "resource_id", "status", "master_user"),
    *("dbname", "arn", "ca_identifier"),
)


def _database(body: Any) -> Database:
    """Raises KeyError, TypeError or ValueError for anything that isn't one of ours."""
    texts = {name: body[name] for name in _TEXTS}
    flags = {name: body[name] for name in ("iam_auth", "publicly_accessible")}
    sound = all(isinstance(each, str) for each in texts.values())
    if not sound or not all(each in (True, False, None) for each in flags.values()):
        raise TypeError
    endpoints = tuple(_endpoint(each) for each in body["endpoints"])
    return Database(kind=DatabaseKind(body["kind"]), endpoints=endpoints, **texts, **flags)


def _endpoint(body: Any) -> Endpoint:
    host, port, name = body["host"], body["port"], body["name"]
    if not isinstance(host, str) or not isinstance(name, str) or type(port) is not int:
        raise TypeError
    return Endpoint(EndpointRole(body["role"]), host, port, name)
