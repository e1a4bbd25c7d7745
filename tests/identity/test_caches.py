"""The CLI's cache files: what is read, what is passed over, and how they are written."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.cache_names import Login, Portal
from rolebrowser.identity.caches import FileCache, cli_cache, read, sso_cache

T = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def role_body(ends: datetime, key: str = "ASIAEXAMPLE") -> dict[str, Any]:
    return {
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": "s",
            "SessionToken": "t",
            "Expiration": ends,
        },
        "AssumedRoleUser": {"Arn": "arn:aws:sts::123456789012:assumed-role/Admin/x"},
    }


def put(path: Path, body: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = body if isinstance(body, str) else json.dumps(body)
    path.write_text(text, encoding="utf-8")


def test_the_ends_of_roles_portals_and_logins_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library that refreshes a login, as far as is looked.
    (tmp_path / "awscrt").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    put(cli_cache(tmp_path) / "r.json", {"Credentials": {"Expiration": "2026-11-23T20:00:00UTC"}})
    put(
        sso_cache(tmp_path) / "p.json",
        {
            "accessToken": "x",
            "expiresAt": "2026-11-23T20:00:00Z",
            "refreshToken": "r",
            "clientId": "c",
            "clientSecret": "s",
            "registrationExpiresAt": "2026-12-23T20:00:00Z",
        },
    )
    put(sso_cache(tmp_path) / "l.json", {"accessToken": "x", "expiresAt": "2026-11-23T20:00:00Z"})
    put(sso_cache(tmp_path) / "client.json", {"clientId": "c", "expiresAt": "2027-01-01T00:00:00Z"})
    put(
        tmp_path / "login" / "cache" / "g.json",
        {"accessToken": {"expiresAt": "2026-11-23T20:00:00Z"}, "refreshToken": "x"},
    )
    snapshot = read(tmp_path, {})
    assert snapshot.roles == {"r": T}
    assert snapshot.portals == {"p": Portal(T, T + timedelta(days=30)), "l": Portal(T)}
    assert snapshot.logins == {"g": Login(T, True)}


def test_the_login_cache_may_be_elsewhere(tmp_path: Path) -> None:
    put(tmp_path / "x" / "g.json", {"accessToken": {"expiresAt": "2026-11-23T20:00:00Z"}})
    snapshot = read(tmp_path, {"AWS_LOGIN_CACHE_DIRECTORY": str(tmp_path / "x")})
    assert snapshot.logins == {"g": Login(T, False)}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        '{"Credentials": {"Expiration": "2026-11-2',
        "[]",
        "null",
        '{"Credentials": []}',
        '{"Credentials": {"Expiration": 5}}',
        '{"Credentials": {"Expiration": "soon"}}',
        "[" * 100_000,
        "x" * 300_000,
    ],
)
def test_torn_and_alien_files_are_passed_over(tmp_path: Path, content: str) -> None:
    put(cli_cache(tmp_path) / "bad.json", content)
    put(cli_cache(tmp_path) / "good.json", {"Credentials": {"Expiration": "2026-11-23T20:00:00Z"}})
    assert read(tmp_path, {}).roles == {"good": T}


@given(content=st.binary(max_size=80))
def test_no_content_makes_reading_raise(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    aws_dir = tmp_path_factory.getbasetemp() / "fuzzed-cache"
    for directory in (cli_cache(aws_dir), sso_cache(aws_dir), aws_dir / "login" / "cache"):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "x.json").write_bytes(content)
    snapshot = read(aws_dir, {})
    assert not snapshot.roles
    assert "x" not in FileCache(cli_cache(aws_dir)) or json.loads(content) is not None


def test_pipes_directories_and_dangling_links_do_not_hold_it_up(tmp_path: Path) -> None:
    directory = cli_cache(tmp_path)
    directory.mkdir(parents=True)
    os.mkfifo(directory / "pipe.json")
    (directory / "dir.json").mkdir()
    (directory / "link.json").symlink_to(tmp_path / "nowhere")
    assert read(tmp_path, {}).roles == {}
    assert "pipe" not in FileCache(directory)


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    path = cli_cache(tmp_path) / "r.json"
    put(path, {"Credentials": {"Expiration": "2026-11-23T20:00:00Z"}})
    first = read(tmp_path, {})
    status = path.stat()
    put(path, {"Credentials": {"Expiration": "2026-11-23T21:00:00Z"}})
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    # Same size, same time: only reading it would tell the difference.
    assert read(tmp_path, {}, first).roles == {"r": T}
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert read(tmp_path, {}, first).roles == {"r": T + timedelta(hours=1)}
    path.unlink()
    assert read(tmp_path, {}, first).roles == {}


def test_a_snapshot_holds_no_secret(tmp_path: Path) -> None:
    FileCache(cli_cache(tmp_path))["r"] = role_body(T, "ASIAHUSH")
    put(
        sso_cache(tmp_path) / "p.json", {"accessToken": "HUSH", "expiresAt": "2026-11-23T20:00:00Z"}
    )
    assert "HUSH" not in repr(read(tmp_path, {}))


def test_entries_are_written_for_the_owner_only_and_as_the_cli_writes_them(tmp_path: Path) -> None:
    directory = cli_cache(tmp_path / ".aws")
    FileCache(directory)["k"] = role_body(T)
    (path,) = directory.iterdir()
    assert path.name == "k.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for made in (directory, directory.parent, directory.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["Credentials"]["Expiration"] == "2026-11-23T20:00:00UTC"


def test_an_entry_is_never_replaced_by_one_that_ends_sooner(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    cache["k"] = role_body(T + timedelta(hours=1), "LATER")
    cache["k"] = role_body(T, "SOONER")
    assert cache["k"]["Credentials"]["AccessKeyId"] == "LATER"
    cache["k"] = role_body(T + timedelta(hours=2), "LAST")
    assert FileCache(tmp_path)["k"]["Credentials"]["AccessKeyId"] == "LAST"


def test_a_hidden_entry_stays_on_disk_until_another_takes_its_place(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    cache["k"] = role_body(T + timedelta(hours=1), "OLD")
    cache.hide("k")
    assert "k" not in cache
    assert FileCache(tmp_path)["k"]["Credentials"]["AccessKeyId"] == "OLD"
    cache["k"] = role_body(T, "NEW")
    assert FileCache(tmp_path)["k"]["Credentials"]["AccessKeyId"] == "NEW"


def test_a_torn_entry_is_not_found_and_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text('{"Credentials": {"Expira')
    cache = FileCache(tmp_path)
    assert "k" not in cache
    cache["k"] = role_body(T)
    assert "k" in cache


def test_an_entry_without_a_usable_end_is_not_found(tmp_path: Path) -> None:
    body = role_body(T)
    body["Credentials"]["Expiration"] = "soon"
    (tmp_path / "k.json").write_text(json.dumps(body))
    assert "k" not in FileCache(tmp_path)


def test_a_directory_that_cannot_be_written_keeps_the_session_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FileCache(tmp_path / "file" / "cache")
    cache["k"] = role_body(T)
    assert cache["k"]["Credentials"]["AccessKeyId"] == "ASIAEXAMPLE"
    assert cache.problems[0].startswith("The session is not kept: ")


def test_writers_at_the_same_time_leave_one_whole_entry(tmp_path: Path) -> None:
    def write(number: int) -> None:
        for turn in range(20):
            FileCache(tmp_path)["k"] = role_body(T + timedelta(seconds=turn), f"W{number}" * 200)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [path.name for path in tmp_path.iterdir()] == ["k.json"]
    assert read_end(tmp_path / "k.json") == T + timedelta(seconds=19)


def read_end(path: Path) -> datetime:
    text = json.loads(path.read_text())["Credentials"]["Expiration"]
    return datetime.fromisoformat(text.replace("UTC", "+00:00"))


def test_forgetting_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    del cache["k"]
    assert list(cache) == []
