"""`rolebrowser sql` against the sandbox, and against the stock psql where it says how."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]


@pytest.fixture
def table(sandbox_env: SandboxProcess) -> str:
    """An empty table in orders_staging that app_oncall may write."""
    dsn = sandbox_env.exports["SANDBOX_PG_DSN"].rpartition("/")[0] + "/orders_staging"
    with psycopg.connect(dsn, autocommit=True) as direct:
        direct.execute("DROP TABLE IF EXISTS public.cli_notes")
        direct.execute("CREATE TABLE public.cli_notes (note text UNIQUE)")
        direct.execute("GRANT USAGE ON SCHEMA public TO app_oncall")
        direct.execute("GRANT ALL ON public.cli_notes TO app_oncall")
    return "public.cli_notes"


def test_the_main_job_in_one_line(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "1", "-c", r"\du")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(" " * 37 + "List of roles\n")
    assert "\n app_oncall " in done.out


def test_several_commands_run_in_order(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "2", "-c", "SELECT 1 AS one", "-c", "SET lock_timeout = 0")
    assert done.out == " one \n-----\n   1\n(1 row)\n\nSET\n"


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 AS a, 'x' AS b, NULL AS c, 1.50 AS d, true AS e",
        "SELECT * FROM generate_series(1, 1200) AS n",
        "SELECT E'two\\nlines' AS t, '広い' AS w, 'tab\there' AS tab",
        "SELECT 1 AS a WHERE false",
        "SELECT 1; SELECT 2 AS two; SET lock_timeout = 0",
        "SELECT '{\"a\": 1}'::jsonb, ARRAY[1, 2], '\\xdead'::bytea, 'infinity'::timestamptz",
    ],
)
@pytest.mark.parametrize("csv", [False, True])
def test_tables_are_psqls_byte_for_byte(
    statement: str, csv: bool, in_sandbox: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    dsn = sandbox_env.exports["SANDBOX_PG_DSN"]
    form = ["--csv"] if csv else []
    stock = subprocess.run(
        ["psql", "-X", *form, dsn, "-c", statement],
        capture_output=True,
        text=True,
        env={**os.environ, "PGCLIENTENCODING": "UTF8", "LC_ALL": "C.UTF-8"},
    )
    done = in_sandbox("sql", dsn, *form, "-c", statement)
    expected = stock.stdout.removesuffix("SET\n") if csv else stock.stdout
    assert (done.code, done.out) == (stock.returncode, expected)


EXIT_CODES = [
    (["-c", "bad", "-c", "SELECT 1"], None),
    (["-c", "SELECT 1", "-c", "bad"], None),
    (["-c", "bad; SELECT 1"], None),
    (["-v", "ON_ERROR_STOP=1", "-c", "bad", "-c", "SELECT 1"], None),
    (["-c", r"\nope"], None),
    ([], "bad; SELECT 1;"),
    (["-v", "ON_ERROR_STOP=1"], "bad; SELECT 1;"),
    (["-v", "ON_ERROR_STOP=off"], "bad; SELECT 1;"),
    ([], ""),
    (["-f", "/nonexistent/file"], None),
    (["-c", "\\dt nothing"], None),
    (["-c", "\\d nothing"], None),
    (["-v", "ON_ERROR_STOP=1"], "\\dt nothing\nSELECT 1;"),
    (["-v", "ON_ERROR_STOP"], "bad; SELECT 1;"),
    (["-v", "ON_ERROR_STOP="], "bad; SELECT 1;"),
    (["-v", "ON_ERROR_STOP=TRUE"], "bad; SELECT 1;"),
    (["-v", "ON_ERROR_STOP=n"], "bad; SELECT 1;"),
    (["-v", "ON_ERROR_STOP=maybe"], "SELECT 1;"),
    ([], "\\c nowhere\nSELECT 1;"),
    (["-v", "ON_ERROR_STOP=1"], "\\c nowhere\nSELECT 1;"),
    (["-c", "\\c nowhere"], None),
    (["-v", "ON_ERROR_STOP=1"], "SELECT 1;\n\\i /nowhere\nSELECT 2;"),
    ([], "SELECT 1;\n\\q\nbad;"),
]


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
@pytest.mark.parametrize(("arguments", "text"), EXIT_CODES)
def test_exit_codes_are_psqls(
    arguments: list[str], text: str | None, program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    dsn = sandbox_env.exports["SANDBOX_PG_DSN"]
    stock = subprocess.run(
        ["psql", "-X", dsn, *arguments],
        input=text or "",
        capture_output=True,
        text=True,
    )
    done = program("sql", dsn, *arguments, text=text or "")
    assert (done.code, done.out) == (stock.returncode, stock.stdout)
    assert "Traceback" not in done.err


def test_a_connection_that_is_lost_ends_with_2(program: Rolebrowser, table: str) -> None:
    kill = "SELECT pg_terminate_backend(pg_backend_pid()); SELECT 1;"
    done = program("sql", "2", "--read-write", text=kill)
    assert (done.code, done.out) == (2, "")
    assert "lost" in done.err


def test_an_error_is_said_as_psql_says_it(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "2", "-c", "SELECT *\nFROM nowhere")
    assert done.code == 1
    assert done.err.startswith(
        'ERROR:  relation "nowhere" does not exist\nLINE 2: FROM nowhere\n             ^\n'
    )


def test_json_is_an_array_of_objects(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox(
        "sql", "2", "--json", "-c", "SELECT n, n::text AS t FROM generate_series(1, 1200) AS n"
    )
    assert done.json[:2] == [{"n": 1, "t": "1"}, {"n": 2, "t": "2"}]
    assert len(done.json) == 1200


def test_backslash_commands_have_json_and_csv_too(in_sandbox: Rolebrowser) -> None:
    as_json = in_sandbox("sql", "1", "--json", "-c", r"\du app_oncall").json
    assert [row["Role name"] for row in as_json] == ["app_oncall"]
    as_csv = in_sandbox("sql", "1", "--csv", "-c", r"\du app_oncall").out
    assert as_csv.splitlines()[0] == "Role name,Attributes"


def test_a_script_comes_from_a_file_or_from_standard_input(
    program: Rolebrowser, sandbox_env: SandboxProcess, tmp_path: Path
) -> None:
    script = tmp_path / "script.sql"
    script.write_text("SELECT ';' AS a;\n-- a comment\nSELECT 2 AS b;\n\\du app_oncall\n")
    from_file = program("sql", "2", "--csv", "-f", str(script))
    from_stdin = program("sql", "2", "--csv", text=script.read_text())
    assert from_file.out == from_stdin.out
    assert from_file.out.startswith("a\n;\nb\n2\n")
    assert from_file.out.endswith('app_oncall,""\n')


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_a_sentence_before_anything_runs(
    content: bytes | None, in_sandbox: Rolebrowser, tmp_path: Path
) -> None:
    path = tmp_path / "script.sql"
    if content is not None:
        path.write_bytes(content)
    done = in_sandbox("sql", "2", "-c", "SELECT 1", "-f", str(path))
    assert (done.code, done.out) == (1, "")
    assert str(path) in done.err


def test_writing_has_to_be_asked_for(in_sandbox: Rolebrowser, table: str) -> None:
    insert = f"INSERT INTO {table} VALUES ('x')"
    refused = in_sandbox("sql", "2", "-c", insert)
    assert refused.code == 1
    assert "read-only" in refused.err
    assert in_sandbox("sql", "2", "--read-write", "-c", insert).out == "INSERT 0 1\n"


def test_explain_analyze_of_a_change_is_rolled_back(in_sandbox: Rolebrowser, table: str) -> None:
    insert = f"EXPLAIN ANALYZE INSERT INTO {table} VALUES ('x')"
    for statements in (insert, f"SELECT 1; {insert}; SELECT 2"):
        done = in_sandbox("sql", "2", "--read-write", "-c", statements)
        assert done.code == 0
        assert "Insert on cli_notes" in done.out
        assert done.err == "NOTE:  The statement was executed and rolled back.\n"
    count = f"SELECT count(*) FROM {table}"
    assert in_sandbox("sql", "2", "--csv", "-c", count).out == "count\n0\n"


def test_one_command_is_one_transaction(in_sandbox: Rolebrowser, table: str) -> None:
    both = f"INSERT INTO {table} VALUES ('kept?'); INSERT INTO {table} VALUES ('kept?')"
    done = in_sandbox("sql", "2", "--read-write", "-c", both)
    assert done.code == 1
    count = f"SELECT count(*) FROM {table}"
    assert in_sandbox("sql", "2", "--csv", "-c", count).out == "count\n0\n"
    begun = f"BEGIN; INSERT INTO {table} VALUES ('kept'); COMMIT; SELECT 1/0"
    assert in_sandbox("sql", "2", "--read-write", "-c", begun).code == 1
    assert in_sandbox("sql", "2", "--csv", "-c", count).out == "count\n1\n"


def test_a_script_is_a_transaction_for_each_statement(program: Rolebrowser, table: str) -> None:
    text = f"INSERT INTO {table} VALUES ('a'); bad; INSERT INTO {table} VALUES ('b');"
    assert program("sql", "2", "--read-write", text=text).out == "INSERT 0 1\nINSERT 0 1\n"


def test_production_is_not_written_to_by_habit(in_sandbox: Rolebrowser) -> None:
    show = ["-c", "SHOW transaction_read_only", "--csv"]
    refused = in_sandbox("sql", "1", "--read-write", *show)
    assert (refused.code, refused.out) == (1, "")
    # The database's name, as the UI wants it: not the bookmark's, nor the server's id.
    assert refused.err.endswith("--read-write --confirm orders\n")
    for name, code in (("orders-production", 1), ("orders", 0)):
        tried = in_sandbox("sql", "1", "--read-write", "--confirm", name, *show)
        assert (tried.code, tried.out) == (code, "" if code else "transaction_read_only\noff\n")
    by_id = ["orders-production", "-p", "production-readonly", "-u", "app_oncall"]
    refused = in_sandbox("sql", *by_id, "--read-write", *show)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.endswith("--confirm orders\n")
    assert in_sandbox("sql", "1", *show).out == "transaction_read_only\non\n"


def test_what_cannot_be_done_is_said_rather_than_passed_over(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "2", "--csv", "--json", "-c", "SELECT 1")
    assert (done.code, done.out) == (2, "")
    assert "--csv and --json: one at a time" in done.err
    done = in_sandbox("sql", "2", "-c", "\\watch 1")
    assert (done.code, done.out) == (1, "")
    assert "\\watch cannot be used with an empty query" in done.err


def test_unknown_variables_are_refused_rather_than_ignored(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "2", "-v", "table=x", "-c", "SELECT 1")
    assert done.code == 2
    assert "ON_ERROR_STOP" in done.err


def test_a_database_is_named_by_its_id_with_a_profile(in_sandbox: Rolebrowser) -> None:
    choices = ["-p", "staging", "-u", "app_oncall", "--csv", "-c", "SELECT current_user"]
    assert in_sandbox("sql", "orders-staging", *choices).out == "current_user\napp_oncall\n"
    by_role = ["--role", "arn:aws:iam::222222222222:role/Developer", "-p", "engineer"]
    done = in_sandbox("sql", "orders-staging", *by_role, *choices[2:])
    assert done.out == "current_user\napp_oncall\n"


def test_options_win_over_a_bookmark(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "2", "-u", "app_oncall_ro", "--csv", "-c", "SELECT current_user")
    assert done.out == "current_user\napp_oncall_ro\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["order-production"], ["'orders-production'", "bookmark"]),
        (["orders-stagin", "-p", "staging", "-u", "x"], ["'orders-staging'", "database"]),
        (["orders-staging", "-p", "stagin", "-u", "x"], ["'staging'", "profile"]),
        (["archive", "-p", "staging"], ["-u USER", "rolebrowser users"]),
        (["orders-staging", "-p", "staging", "-u", "x", "--route", "sandbx"], ["'sandbox'"]),
        (["3"], ["MFA", "arn:aws:iam::111111111111:mfa/alice"]),
        (["4"], ["GRANT rds_iam TO billing_app"]),
        (["5"], ["--enable-iam-database-authentication"]),
    ],
)
def test_what_goes_wrong_is_a_sentence_with_what_to_do(
    arguments: list[str], words: list[str], in_sandbox: Rolebrowser
) -> None:
    done = in_sandbox("sql", *arguments, "-c", "SELECT 1")
    assert (done.code, done.out) == (1, "")
    assert all(word in done.err for word in words)


def test_a_plain_urls_password_is_never_shown(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("sql", "postgresql://u:s3cr3tword@127.0.0.1:1/x", "-c", "SELECT 1")
    assert (done.code, done.out) == (1, "")
    assert "refused" in done.err
    assert "s3cr3tword" not in done.err
