"""The audit log's file: whole lines, private, shared by processes, and no secrets in it."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rolebrowser.audit import AuditLog, Ending, Entry

ENTRY = Entry(
    time="2026-11-24T03:00:00.000Z",
    identity="arn:aws:sts::333333333333:assumed-role/OnCall/alice",
    database="orders",
    dbname="orders",
    user="app_oncall",
    mode="read-write",
    statement="UPDATE sales.orders SET note = 'x'",
    rows=3,
    complete=True,
    seconds=0.25,
    outcome=Ending.OK,
)


def entry(**changes: object) -> Entry:
    return Entry(**{**{name: getattr(ENTRY, name) for name in Entry.__slots__}, **changes})  # type: ignore[arg-type]


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_entry_is_a_line_of_json_that_only_the_owner_reads(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "made" / "here")
    log.append(ENTRY)
    log.append(entry(statement="SELECT '広い\n\ud800'", rows=None))
    first, second = lines(log.path)
    assert first["statement"] == ENTRY.statement
    assert (first["rows"], first["outcome"], second["rows"]) == (3, "ok", None)
    assert second["statement"] == "SELECT '広い\n\ud800'"
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    for made in (log.path.parent, log.path.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE a PASSWORD 'hunter2'",
        "ALTER USER a WITH ENCRYPTED PASSWORD E'hunter2'",
        "CREATE USER a IDENTIFIED BY 'hunter2'",
        "SET PASSWORD = PASSWORD('hunter2')",
        "SET PASSWORD FOR 'a'@'%' = 'hunter2'",
        "SELECT dblink('host=h user=u password=hunter2 dbname=d', 'SELECT 1')",
        "CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:hunter2@h/d' PUBLICATION p",
        "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password 'hunter2')",
    ],
)
def test_no_secret_reaches_the_file(tmp_path: Path, statement: str) -> None:
    log = AuditLog(tmp_path)
    log.append(entry(statement=statement, error=f"syntax error in {statement}"))
    assert "hunter2" not in log.path.read_text()


def test_processes_that_write_at_once_lose_and_mix_no_line(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = [sys.argv[2]]\n"
        "from pathlib import Path; from test_audit import entry; from rolebrowser.audit import *\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for n in range(200): log.append(entry(statement=sys.argv[3] * 5000, rows=n))\n"
    )
    here = str(Path(__file__).parent)
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), here, letter])
        for letter in "abc"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = lines(AuditLog(tmp_path).path)
    for letter in "abc":
        rows = [each["rows"] for each in found if each["statement"] == letter * 5000]
        assert rows == list(range(200))
    assert len(found) == 600


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    log.append(ENTRY)
    before = log.path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file that may not grow: the kernel writes part of the line, as on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limit[1]))
    try:
        with pytest.raises(OSError, match="space"):
            log.append(ENTRY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert log.path.read_bytes() == before


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    os.symlink(elsewhere, tmp_path / "audit.jsonl")
    with pytest.raises(OSError, match="symbolic"):
        AuditLog(tmp_path).append(ENTRY)
    assert elsewhere.read_text() == "mine"
