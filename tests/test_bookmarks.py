"""Bookmarks kept in config.toml: beside what a person wrote there, by several programs at once."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from rolebrowser import bookmarks, config
from rolebrowser.errors import ConfigError
from rolebrowser.target import Bookmark, Target

ORDERS = Bookmark("orders", Target(profile="production", database="orders", user="app"))


def test_a_bookmark_is_added_and_every_comment_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('# mine\ntheme = "x"  # why\n\n[guard]\npatterns = ["*live*"]\n')
    bookmarks.save(path, ORDERS)
    text = path.read_text()
    assert "# mine" in text
    assert "# why" in text
    assert config.parse(text, path).bookmarks == (ORDERS,)


def test_a_file_that_is_not_there_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    bookmarks.save(path, ORDERS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


def test_a_suggested_name_is_never_one_that_leads_elsewhere() -> None:
    target = ORDERS.target
    assert bookmarks.free_name(target, ()) == "orders"
    assert bookmarks.free_name(target, (Bookmark("prod", target),)) == "prod"
    other = target.with_changes(user="auditor")
    assert bookmarks.free_name(other, (ORDERS,)) == "auditor@orders"
    third = target.with_changes(user="auditor", dbname="else")
    known = (ORDERS, Bookmark("auditor@orders", other))
    assert bookmarks.free_name(third, known) == "auditor@orders 2"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# elsewhere\n")
    path = tmp_path / "config.toml"
    path.symlink_to(kept)
    bookmarks.save(path, ORDERS)
    assert path.is_symlink()
    assert "orders" in kept.read_text()


def test_several_at_once_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    names = [f"b{number}" for number in range(12)]
    threads = [
        threading.Thread(target=bookmarks.save, args=(path, Bookmark(name, ORDERS.target)))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {each.name for each in config.parse(path.read_text(), path).bookmarks}
    assert found == set(names)


@pytest.mark.parametrize("content", [b"[guard\n", b"\xff\xfe", b'bookmarks = "none"'])
def test_what_cannot_be_understood_is_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        bookmarks.save(path, ORDERS)
    assert path.read_bytes() == content


def test_bookmarks_written_as_one_list_are_added_to_as_well(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('bookmarks = [{ name = "a", database = "x", user = "u" }]\n')
    bookmarks.save(path, ORDERS)
    bookmarks.save(path, Bookmark("a", Target(database="y", user="u")))
    found = {
        each.name: each.target.database for each in config.parse(path.read_text(), path).bookmarks
    }
    assert found == {"a": "y", "orders": "orders"}
