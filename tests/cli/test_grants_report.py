"""`rolebrowser grants --report`: one file for a ticket, hostile names and all."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import psycopg
import pytest

from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.sandbox.postgres import PostgresServer

from .conftest import Rolebrowser

HOSTILE = '<script src="//x">&`` | @ops [a](b) \x1b[31m\u202e\nline'
WORLD = """
CREATE ROLE rep_login LOGIN; CREATE ROLE rep_group; GRANT rep_group TO rep_login;
CREATE SCHEMA rep; CREATE TABLE rep.t (a int); GRANT SELECT ON rep.t TO rep_group;
"""


@pytest.fixture(scope="module")
def url(postgres_server: PostgresServer) -> Iterator[str]:
    name = '"' + HOSTILE.replace('"', '""') + '"'
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as driver:
        driver.execute("CREATE DATABASE cli_report")
        with psycopg.connect(postgres_server.dsn("cli_report"), autocommit=True) as inside:
            inside.execute(WORLD.encode())
            inside.execute(f"CREATE ROLE {name}; CREATE TABLE rep.{name} (a int)".encode())
            inside.execute(f"GRANT SELECT ON rep.{name} TO {name}".encode())
        yield postgres_server.dsn("cli_report")
        driver.execute("DROP DATABASE cli_report")
        driver.execute(f"DROP ROLE rep_login, rep_group, {name}".encode())


class Page(HTMLParser):
    """The tags of a page, its text, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{key}={value}" for key, value in attrs if key in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_runs_and_loads_nothing(rolebrowser: Rolebrowser, url: str, tmp_path: Path) -> None:
    file = tmp_path / "grants.html"
    done = rolebrowser("grants", url, "--report", str(file))
    assert done.code == 0, done.err
    assert done.out == ""
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert page.loads == []
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in text
    assert '<script src="//x">' in page.words
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "rep_login → rep_group [no USAGE on schema rep]" in page.words
    assert "login; member of rep_group" in page.words
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".g")] == []


def test_markdown_keeps_foreign_names_in_code(
    rolebrowser: Rolebrowser, url: str, tmp_path: Path
) -> None:
    file = tmp_path / "grants.md"
    done = rolebrowser("grants", url, "--report", str(file))
    assert done.code == 0, done.err
    lines = file.read_text(encoding="utf-8").splitlines()
    hostile = [line for line in lines if "script" in line]
    assert hostile
    for line in hostile:
        # Two backticks are in the name, so three are around it; a | is escaped.
        assert "```" in line
        assert " | @ops" not in line or line.startswith("#")
    tables = [line for line in lines if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {3, 4, 5}
    assert "### `rep_login`" in lines
    # What everybody has is told once for each object, not with each role.
    assert any(line.startswith("| `PUBLIC` |") and "effective for" in line for line in lines)
    assert not any(line.endswith("| `rep_login → PUBLIC` |") for line in lines)
    assert any("`rep_login → rep_group [no USAGE on schema rep]`" in line for line in lines)


def test_a_report_can_be_narrowed(rolebrowser: Rolebrowser, url: str, tmp_path: Path) -> None:
    file = tmp_path / "one.md"
    done = rolebrowser("grants", url, "--role", "rep_login", "--table", "rep.t",
                       "--report", str(file))  # fmt: skip
    assert done.code == 0, done.err
    text = file.read_text(encoding="utf-8")
    assert "- Narrowed to: `role rep_login, table rep.t`" in text
    assert "script" not in text
    assert "`SELECT`" in text


def test_what_was_not_seen_is_in_the_report(
    rolebrowser: Rolebrowser, mariadb_server: MariadbServer, tmp_path: Path
) -> None:
    mariadb_server.execute("CREATE USER rep@'%' IDENTIFIED BY 'sesame'")
    try:
        file = tmp_path / "own.html"
        own = f"mysql://rep:sesame@127.0.0.1:{mariadb_server.port}/"
        done = rolebrowser("grants", own, "--report", str(file))
        assert done.code == 0, done.err
        text = file.read_text(encoding="utf-8")
        assert "Only rep@% and its roles are shown" in text
        assert "sesame" not in text
    finally:
        mariadb_server.execute("DROP USER rep@'%'")


def test_bad_file_names_are_told_before_anybody_is_asked(
    rolebrowser: Rolebrowser, tmp_path: Path
) -> None:
    done = rolebrowser("grants", "postgresql://nowhere.invalid/x", "--report", "grants.pdf")
    assert done.code == 2
    assert ".md or .html" in done.err
    done = rolebrowser("grants", "postgresql://nowhere.invalid/x", "--report",
                       str(tmp_path / "no" / "grants.md"))  # fmt: skip
    assert done.code == 1
    assert "directory isn't there" in done.err
