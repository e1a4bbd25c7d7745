"""Which other logins lead inside the same server, to be asked about a user there. Pure."""

from __future__ import annotations

from rolebrowser.config import Config
from rolebrowser.database import describe
from rolebrowser.database.model import Database
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.opened import Opened
from rolebrowser.target import Target


def check_via(via: str, target: Target, config: Config) -> None:
    """That a bookmark may be asked about a target.

    Raises:
        UnknownName: there is no such bookmark.
        ConfigError: it leads to another server, or as the same user.
    """
    bookmark = config.bookmark(via)
    if bookmark is None:
        raise UnknownName("bookmark", via, [each.name for each in config.bookmarks])
    other = bookmark.target
    if not _same_name(other, target):
        where = "a plain URL" if other.url else other.database
        mine = "what a plain URL leads to" if target.url else target.database
        raise ConfigError(
            f"The bookmark {bookmark.name} leads to {where}, not to {mine}.",
            why="Users are looked up in the server they log in to; another one knows others.",
            fix=f"--via takes a bookmark of {mine} with another user.",
        )
    if other.user == target.user:
        raise ConfigError(
            f"The bookmark {bookmark.name} logs in as {other.user} too.",
            fix="--via takes a bookmark of the same database with another user.",
        )


def inside(other: Target, target: Target) -> bool:
    """Whether a bookmark's target may lead inside the server by another user."""
    return _same_name(other, target) and other.user != target.user


def same_server(database: Database | None, opened: Opened) -> bool:
    """Whether what was opened is the database that is examined: names alone may be of several
    accounts."""
    if database is None or opened.endpoint is None:
        return True
    known = {each.host for each in database.endpoints}
    here = {opened.endpoint.host}
    if opened.database is not None:
        here |= {each.host for each in opened.database.endpoints}
    return bool(known & here)


def _same_name(other: Target, target: Target) -> bool:
    if not target.database or not other.database:
        return False
    regions = {each for each in (other.region, target.region) if each}
    return _id(other) == _id(target) and len(regions) < 2


def _id(target: Target) -> str:
    named = describe.from_host(target.database)
    return named.id if named is not None else target.database
