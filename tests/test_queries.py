"""Saved queries: a file that a person edits and rolebrowser changes without spoiling it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.errors import ConfigError
from rolebrowser.queries import Queries, Query, parse, replaced, without

FILE = """-- my queries, by hand

-- name: orders
SELECT * FROM orders; -- all of them

--NAME:   who is here \t
SELECT * FROM pg_stat_activity
 WHERE state <> 'idle';
"""


def test_a_query_goes_from_its_heading_to_the_next_one() -> None:
    assert parse(FILE) == (
        Query("orders", "SELECT * FROM orders; -- all of them"),
        Query("who is here", "SELECT * FROM pg_stat_activity\n WHERE state <> 'idle';"),
    )


def test_saving_replaces_one_and_leaves_the_rest_to_the_letter() -> None:
    changed = replaced(FILE, Query("orders", "SELECT 1"))
    assert changed == FILE.replace("SELECT * FROM orders; -- all of them", "SELECT 1")


def test_a_new_one_goes_to_the_end() -> None:
    assert replaced(FILE, Query("new", "SELECT 2")) == f"{FILE}\n-- name: new\nSELECT 2\n"
    assert replaced("", Query("new", "SELECT 2")) == "-- name: new\nSELECT 2\n"


def test_deleting_takes_the_heading_along() -> None:
    assert parse(without(FILE, "orders")) == parse(FILE)[1:]
    assert without(FILE, "orders").startswith("-- my queries, by hand\n\n--NAME:")
    assert without(FILE, "nobody") == FILE


_names = st.text("abc é字'[", min_size=1, max_size=5).map(str.strip).filter(bool)
_bodies = st.text("SELECT 1;-\n'", max_size=12).map(str.strip)
_queries = st.builds(Query, _names, _bodies)


@given(st.lists(_queries, max_size=5))
def test_what_is_saved_is_read_back(saved: list[Query]) -> None:
    text = "-- by hand\n"
    for query in saved:
        text = replaced(text, query)
    assert {q.name: q.text for q in parse(text)} == {q.name: q.text for q in saved}
    for query in saved:
        text = without(text, query.name)
    assert text.strip() == "-- by hand"


def test_the_file_is_made_private_and_read_anew_each_time(tmp_path: Path) -> None:
    queries = Queries(tmp_path / "config" / "queries.sql")
    assert queries.load() == ()
    queries.save(Query("one", "SELECT 1"))
    assert stat.S_IMODE(queries.path.stat().st_mode) == 0o600
    queries.path.write_text(queries.path.read_text() + "-- name: two\nSELECT 2\n")
    assert [query.name for query in queries.load()] == ["one", "two"]
    queries.delete("one")
    assert [query.name for query in queries.load()] == ["two"]


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles.sql").write_text(FILE)
    (tmp_path / "queries.sql").symlink_to(tmp_path / "dotfiles.sql")
    Queries(tmp_path / "queries.sql").save(Query("new", "SELECT 2"))
    assert (tmp_path / "queries.sql").is_symlink()
    assert parse((tmp_path / "dotfiles.sql").read_text())[-1].name == "new"


def test_a_query_that_would_begin_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="begin another query"):
        Queries(tmp_path / "queries.sql").save(Query("a", "SELECT 1\n-- name: b\nSELECT 2"))


def test_a_file_that_is_no_text_is_left_alone_and_said(tmp_path: Path) -> None:
    path = tmp_path / "queries.sql"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="can't be read"):
        Queries(path).load()
    with pytest.raises(ConfigError, match="can't be written"):
        Queries(path).save(Query("a", "b"))
    assert path.read_bytes() == b"\xff\xfe"
