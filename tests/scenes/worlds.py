"""Worlds beside the sandbox's own: nothing at all, and far too much."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from rolebrowser.sandbox.process import SandboxProcess

HOSTILE = "evil \x1b[31m[bold]x[/] \u202egnp 広い 🎉"
LONG = "a-profile-with-a-name-as-long-as-some-people-write-them"
_PROFILE = """
[profile {name}]
role_arn = arn:aws:iam::222222222222:role/some/long/path/of/the/organisation/{name}
source_profile = engineer
region = eu-west-1
"""
_BOOKMARK = """
[[bookmarks]]
name = "{name}"
profile = "staging"
database = "orders-staging"
user = "a_database_user_with_a_long_name"
"""


@contextlib.contextmanager
def nothing(directory: Path, sandbox: SandboxProcess) -> Iterator[Mapping[str, str]]:
    """A person who has never heard of AWS."""
    names = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "ROLEBROWSER_CONFIG")
    for name in names:
        (directory / name).touch()
    yield {name: str(directory / name) for name in names}


@contextlib.contextmanager
def crowded(directory: Path, sandbox: SandboxProcess) -> Iterator[Mapping[str, str]]:
    """Four hundred profiles with long names and twelve bookmarks more."""
    profiles = "".join(_PROFILE.format(name=f"{LONG}-{n:03}") for n in range(400))
    found = Path(sandbox.exports["AWS_CONFIG_FILE"]).read_text(encoding="utf-8")
    aws = directory / "aws-config"
    aws.write_text(found + profiles, encoding="utf-8")
    bookmarks = "".join(_BOOKMARK.format(name=f"{LONG[2:]}-{n}") for n in range(12))
    ours = directory / "config.toml"
    found = Path(sandbox.exports["ROLEBROWSER_CONFIG"]).read_text(encoding="utf-8")
    ours.write_text(found + bookmarks, encoding="utf-8")
    yield {"AWS_CONFIG_FILE": str(aws), "ROLEBROWSER_CONFIG": str(ours)}


@contextlib.contextmanager
def hostile_names(directory: Path, sandbox: SandboxProcess) -> Iterator[Mapping[str, str]]:
    """Roles and tables in the database whose names are long, or not meant well."""
    names = (HOSTILE, "a_role_whose_name_is_as_long_as_postgresql_allows_names_to_be_63")
    with psycopg.connect(sandbox.exports["SANDBOX_PG_DSN"], autocommit=True) as server:
        for name in names:
            for text in ("CREATE ROLE {}", "CREATE TABLE {} (id int)", "GRANT ALL ON {} TO {}"):
                server.execute(sql.SQL(text).format(*[sql.Identifier(name)] * text.count("{}")))
    try:
        yield {}
    finally:
        with psycopg.connect(sandbox.exports["SANDBOX_PG_DSN"], autocommit=True) as server:
            for name in names:
                for text in ("DROP TABLE {}", "DROP ROLE {}"):
                    server.execute(sql.SQL(text).format(sql.Identifier(name)))


@contextlib.contextmanager
def at_home(environ: Mapping[str, str]) -> Iterator[None]:
    """This process with these variables for a while."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def own_home(sandbox: SandboxProcess) -> Iterator[Path]:
    """This process in the sandbox for a while, in a home and with a config.toml of its own.

    Its path is as long in every run: pytest's own are longer the more runs and workers there are,
    and paths are cut and wrapped on screen. Saved queries are kept beside config.toml: the next
    walk would find them.
    """
    with tempfile.TemporaryDirectory(prefix="scene-") as directory:
        home = Path(directory)
        config = home / "config.toml"
        config.write_bytes(Path(sandbox.exports["ROLEBROWSER_CONFIG"]).read_bytes())
        where = {"HOME": str(home), "ROLEBROWSER_CONFIG": str(config)}
        with at_home({**sandbox.exports, **where}):
            yield home
