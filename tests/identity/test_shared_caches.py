"""The CLI's cache while another process is at it: never fatal, never overwritten with less."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rolebrowser.identity.caches import FileCache, cli_cache, read

from .conftest import Machine

_LOCKS = """
import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.flock(file, fcntl.LOCK_EX)
fcntl.lockf(file, fcntl.LOCK_EX)
print("ready", flush=True)
sys.stdin.read()
"""
_REWRITES = """
import json, sys
path, body = sys.argv[1:]
print("ready", flush=True)
while True:
    with open(path, "w") as file:  # as tools do that don't rename: torn for a moment
        for place in range(0, len(body), 40):
            file.write(body[place : place + 40])
            file.flush()
"""


@contextmanager
def another_process(program: str, *arguments: str) -> Iterator[None]:
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            process.kill()


def body(ends: datetime, key: str) -> dict[str, dict[str, str]]:
    keys = {"AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t"}
    return {"Credentials": {**keys, "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SUTC}"}}


def test_an_entry_that_another_process_has_locked_is_read_and_replaced(machine: Machine) -> None:
    first = machine.resolve("staging")
    (entry,) = cli_cache(machine.home / ".aws").iterdir()
    with another_process(_LOCKS, str(entry)):
        assert machine.resolve("staging").access_key == first.access_key
        renewed = machine.resolve("staging", fresh=True)
        assert not renewed.warnings
        assert machine.resolve("staging").access_key == renewed.access_key != first.access_key


def test_an_entry_that_another_process_keeps_rewriting_is_whole_or_passed_over(
    tmp_path: Path,
) -> None:
    cache = FileCache(cli_cache(tmp_path))
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    cache["r"] = body(ends, "ASIAOURS")
    seen: set[str] = set()

    def look() -> None:
        known = read(tmp_path, {}).roles.get("r")
        assert known in (None, ends)
        entry = cache.get("r")
        seen.add("torn" if entry is None else entry["Credentials"]["AccessKeyId"])

    theirs = json.dumps(body(ends, "ASIATHEIRS"))
    with another_process(_REWRITES, str(cache.path("r")), theirs):
        until(lambda: {"torn", "ASIATHEIRS"} <= seen, look)
        # What ends later replaces theirs whole, though they may write over it again.
        cache["r"] = body(ends + timedelta(hours=1), "ASIALATER")
    assert seen <= {"torn", "ASIATHEIRS", "ASIAOURS"}
    cache["r"] = body(ends + timedelta(hours=1), "ASIALATER")
    cache["r"] = body(ends, "ASIASOONER")
    assert cache["r"]["Credentials"]["AccessKeyId"] == "ASIALATER"
    assert not cache.problems


def test_what_was_found_can_be_used_though_its_file_is_half_written_by_then(
    tmp_path: Path,
) -> None:
    cache = FileCache(cli_cache(tmp_path))
    cache["r"] = body(datetime.now(UTC) + timedelta(hours=1), "ASIAOURS")
    # As botocore's `CachedCredentialFetcher` does it.
    assert "r" in cache
    cache.path("r").write_text('{"Credentials": {')
    assert cache["r"]["Credentials"]["AccessKeyId"] == "ASIAOURS"
    assert "r" not in cache
    with pytest.raises(KeyError):
        cache["r"]


def until(happened: Callable[[], bool], look: Callable[[], None]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        look()


def test_two_programs_that_get_a_session_at_once_leave_one_whole_entry(machine: Machine) -> None:
    command = [sys.executable, "-m", "rolebrowser", "credential-process", "-p", "staging"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    given = {json.loads(each.communicate(timeout=60)[0])["AccessKeyId"] for each in both}
    assert [each.returncode for each in both] == [0, 0]
    (entry,) = cli_cache(machine.home / ".aws").iterdir()
    assert json.loads(entry.read_text())["Credentials"]["AccessKeyId"] in given
    assert machine.resolve("staging").access_key in given
