"""What was opened before: recents.json in the state directory, ranked by frecency.

A convenience, so nothing here fails: a file that can't be read is kept aside, a directory that
can't be written costs one warning. No secret is written: a URL's password is left out.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from rolebrowser import private_file
from rolebrowser.frozen import dataclass
from rolebrowser.target import Target

KEPT = 200
"""Recents kept; the least used go."""
HALF_LIFE = 14 * 86_400
"""Seconds after which a visit counts half."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Recent:
    """A target that was opened.

    Attributes:
        weight: visits, each halved every HALF_LIFE, as of `last`.
        last: aware UTC.
    """

    target: Target
    weight: float
    last: datetime

    def at(self, now: datetime) -> float:
        """The weight at a later time."""
        return self.weight * _decay((now - self.last).total_seconds())


class Recents:
    """The recents of one state directory. Used from one thread at a time."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / "recents.json"
        self._warned = False
        self.warning = ""
        self.entries: tuple[Recent, ...] = ()
        self._load()

    def ranked(self, now: datetime) -> tuple[Recent, ...]:
        """Most used and latest first."""
        return _ranked(self.entries, now)

    def weights(self, key: Callable[[Target], str], now: datetime) -> Mapping[str, float]:
        """Weights added up by a part of the target, e.g. `lambda t: t.profile`; empty parts out."""
        sums: dict[str, float] = {}
        for entry in self.entries:
            part = key(entry.target)
            if part:
                sums[part] = sums.get(part, 0.0) + entry.at(now)
        return sums

    def opened(self, target: Target, now: datetime) -> str:
        """Count a visit and save.

        Other running rolebrowsers' visits are kept: the file is read again first, and is nobody
        else's until it is written.

        Returns:
            A sentence the first time it can't be saved; else empty.
        """
        target = replace(target, url=without_password(target.url))

        def counted(old: bytes) -> bytes:
            self._understand(old)
            return _written(self._visited(target, now))

        said = ""
        try:
            private_file.rewrite(self._path, counted, through_links=True)
        except OSError as error:
            if not self._warned:
                said = f"Recents are not kept: {self._path.parent}: {error.strerror or error}."
            self._warned = True
        self.entries = self._visited(target, now)
        return said

    def _visited(self, target: Target, now: datetime) -> tuple[Recent, ...]:
        known = next((each for each in self.entries if each.target == target), None)
        weight = 1.0 + (known.at(now) if known is not None else 0.0)
        rest = (each for each in self.entries if each.target != target)
        return _ranked((Recent(target, weight, now), *rest), now)[:KEPT]

    def _load(self) -> None:
        try:
            self._understand(self._path.read_bytes())
        except FileNotFoundError:
            return
        except OSError as error:
            self.warning = f"{self._path} can't be read: {error.strerror or error}."

    def _understand(self, text: bytes) -> None:
        # Empty: another rolebrowser has made the file and is about to write its first visit.
        if not text:
            return
        try:
            self.entries = _parse(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            aside = self._path.with_suffix(".json.broken")
            with contextlib.suppress(OSError):
                os.replace(self._path, aside)
            self.warning = f"{self._path} could not be understood; it is kept as {aside.name}."


def _ranked(entries: Sequence[Recent], now: datetime) -> tuple[Recent, ...]:
    return tuple(sorted(entries, key=lambda each: each.at(now), reverse=True))


def _written(entries: Sequence[Recent]) -> bytes:
    body = {
        "version": _VERSION,
        "recents": [
            {
                "target": {key: value for key, value in asdict(each.target).items() if value},
                "weight": round(each.weight, 4),
                "last": each.last.astimezone(UTC).isoformat(),
            }
            for each in entries
        ],
    }
    return json.dumps(body, indent=1).encode() + b"\n"


def _parse(body: Any) -> tuple[Recent, ...]:
    """Raises ValueError, KeyError, TypeError or AttributeError for anything but our own file."""
    if body["version"] != _VERSION:
        raise ValueError(body["version"])
    known = {each.name for each in fields(Target)}
    found: list[Recent] = []
    for each in body["recents"]:
        parts = {str(key): str(value) for key, value in each["target"].items() if key in known}
        last = datetime.fromisoformat(each["last"]).astimezone(UTC)
        weight = float(each["weight"])
        if not math.isfinite(weight):
            raise ValueError(weight)
        found.append(Recent(Target(**parts), weight, last))
    return tuple(found)


def _decay(seconds: float) -> float:
    # A clock that went back must not make old visits grow.
    return 0.5 ** (max(seconds, 0.0) / HALF_LIFE)


def without_password(url: str) -> str:
    """A `postgresql://` or `mysql://` URL without its password; other text as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    userinfo, at, host = parts.netloc.rpartition("@")
    kept = [
        pair
        for pair in parts.query.split("&")
        if pair.partition("=")[0].lower() not in ("password", "sslpassword", "passwd")
    ]
    netloc = userinfo.partition(":")[0] + at + host
    return urlunsplit(parts._replace(netloc=netloc, query="&".join(kept)))


def newest(entries: Sequence[Recent]) -> Recent | None:
    """The target opened last."""
    return max(entries, key=lambda each: each.last, default=None)
