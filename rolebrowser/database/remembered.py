"""Descriptions of databases one connected to, so that the next connect needn't ask AWS again.

Measured on the sandbox with a cached session: `rolebrowser sql T -c '\\du'` takes a third less, as
botocore's RDS client is never built; against AWS it saves a round trip more. A description may be
out of date: whoever uses one asks AWS when it leads nowhere (`connect.py`). Nothing in it is
secret, and a forged one leads to no token being leaked: TLS is verified as ever.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rolebrowser.database.model import Database, DatabaseKind, Endpoint, EndpointRole
from rolebrowser.kept import Kept

KEPT = 200
"""Descriptions kept; the oldest go."""
GOOD_FOR = timedelta(hours=24)


class Remembered:
    """The descriptions of one cache directory.

    A convenience: what can't be read counts as nothing, what can't be written isn't.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._kept = Kept(cache_dir / "databases.json", KEPT)

    def recall(self, key: str, now: datetime) -> Database | None:
        """The description kept under `key`, unless it is too old or can't be read."""
        answer = self._kept.recall(key)
        if answer is None or not timedelta() <= now - answer.at < GOOD_FOR:
            return None
        return _database(answer.body)

    def latest(self, name: str) -> tuple[Database, datetime] | None:
        """The newest description of a database of that id, or that has an endpoint of that host
        name, whosever it is and however old; and when AWS gave it.
        """
        for answer in reversed(self._kept.answers()):
            found = _database(answer.body)
            if found and name in (found.id, *(each.host for each in found.endpoints)):
                return found, answer.at
        return None

    def keep(self, key: str, database: Database, now: datetime) -> None:
        """Keep a description."""
        # Tags are the one thing that may be large, and nobody connects by them.
        self._kept.keep(key, asdict(replace(database, tags=())), now)

    def forget(self, key: str) -> None:
        """Drop a description."""
        self._kept.forget(key)


_TEXTS = (
    *("id", "engine", "version", "region", "account", "resource_id", "status", "master_user"),
    *("dbname", "arn", "ca_identifier"),
)


def _database(body: Any) -> Database | None:
    """None for anything that isn't one of ours."""
    try:
        texts = {name: body[name] for name in _TEXTS}
        flags = {name: body[name] for name in ("iam_auth", "publicly_accessible")}
        sound = all(isinstance(each, str) for each in texts.values())
        if not sound or not all(each in (True, False, None) for each in flags.values()):
            return None
        endpoints = tuple(_endpoint(each) for each in body["endpoints"])
        return Database(kind=DatabaseKind(body["kind"]), endpoints=endpoints, **texts, **flags)
    except (KeyError, TypeError, ValueError):
        return None


def _endpoint(body: Any) -> Endpoint:
    host, port, name = body["host"], body["port"], body["name"]
    if not isinstance(host, str) or not isinstance(name, str) or type(port) is not int:
        raise TypeError
    return Endpoint(EndpointRole(body["role"]), host, port, name)
