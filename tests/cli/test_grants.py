"""`rolebrowser grants` on real servers."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.sandbox.postgres import PostgresServer

from .conftest import Rolebrowser

WORLD = '''
CREATE ROLE ga LOGIN; CREATE ROLE gb; CREATE ROLE gc; CREATE ROLE gd; CREATE ROLE ge LOGIN;
CREATE ROLE "g → ""x""" LOGIN;
GRANT gb TO ga; GRANT gc TO gb; GRANT gc TO ga; GRANT gd TO ga WITH INHERIT FALSE;
GRANT gc TO ge WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
CREATE SCHEMA g; CREATE SCHEMA "hid.den";
CREATE TABLE g.t (a int, b int); CREATE TABLE "hid.den"."T" (a int);
GRANT USAGE ON SCHEMA g TO gc, gd;
GRANT SELECT ON g.t TO gc; GRANT INSERT ON g.t TO gd;
GRANT UPDATE (a) ON g.t TO ga WITH GRANT OPTION;
GRANT SELECT ON "hid.den"."T" TO "g → ""x""";
'''


@pytest.fixture(scope="module")
def grants_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of its own with a few roles."""
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as driver:
        driver.execute("CREATE DATABASE cli_grants")
        with psycopg.connect(postgres_server.dsn("cli_grants"), autocommit=True) as inside:
            inside.execute(WORLD)
        yield postgres_server.dsn("cli_grants")
        driver.execute("DROP DATABASE cli_grants")
        driver.execute('DROP ROLE ga, gb, gc, gd, ge, "g → ""x"""')


def _by_key(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], tuple[str, list[str], bool]]:
    return {
        (row["role"], row["object"], row["privilege"]): (row["state"], row["via"], row["grantable"])
        for row in rows
    }


def test_json_has_each_privilege_once_with_its_state_and_paths(
    rolebrowser: Rolebrowser, grants_url: str
) -> None:
    done = rolebrowser("grants", grants_url, "--json")
    assert done.code == 0, done.err
    assert {tuple(row) for row in done.json} == {
        ("role", "object", "privilege", "state", "via", "grantable")
    }
    found = _by_key(done.json)
    assert len(found) == len(done.json)
    assert found["ga", "g.t", "SELECT"] == ("effective", ["ga → gb → gc", "ga → gc"], False)
    assert found["ga", "g.t", "INSERT"] == ("latent", ["ga ⇒ SET ROLE gd"], False)
    assert found["ga", "g.t.a", "UPDATE"] == ("effective", ["ga"], True)
    assert found["ge", "g.t", "SELECT"][0] == "escalatable"
    blocked = 'g → "x"', '"hid.den"."T"', "SELECT"
    assert found[blocked] == ("blocked", ['"g → ""x""" [no USAGE on schema "hid.den"]'], False)
    assert ("ga", "g.t", "DELETE") not in found


def test_one_role_on_one_table(rolebrowser: Rolebrowser, grants_url: str) -> None:
    done = rolebrowser("grants", grants_url, "--role", "ga", "--table", "t", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert {row["role"] for row in rows} == {"ga"}
    assert {row["object"] for row in rows} == {"g.t", "g.t.a"}
    assert rows[0]["via"] == "ga → gb → gc\nga → gc"
    assert rows[0]["grantable"] == "false"


def test_people_read_a_table(rolebrowser: Rolebrowser, grants_url: str) -> None:
    done = rolebrowser("grants", grants_url, "--role", "ga", "--table", "g.t")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["ROLE", "OBJECT", "PRIVILEGES", "STATE", "VIA"]
    assert lines[1][:4] == ["ga", "g.t", "SELECT", "effective"]
    # What a column has as its table has it isn't said twice.
    assert [line[2] for line in lines if line[1] == "g.t.a"] == ["UPDATE*"]


def test_names_that_are_not_there_are_told_with_the_nearest(
    rolebrowser: Rolebrowser, grants_url: str
) -> None:
    done = rolebrowser("grants", grants_url, "--role", "rdsadmi")
    assert done.code == 1
    assert "rdsadmin" in done.err
    done = rolebrowser("grants", grants_url, "--table", "g.tt")
    assert done.code == 1
    assert "g.t" in done.err


def test_a_bookmark_leads_there_too(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("grants", "1", "--role", "app_oncall", "--json")
    assert done.code == 0, done.err
    assert {row["role"] for row in done.json} == {"app_oncall"}
    assert any(row["privilege"] == "SELECT" for row in done.json)


def test_why_walks_the_gates_and_asks_the_server(rolebrowser: Rolebrowser, grants_url: str) -> None:
    done = rolebrowser("grants", grants_url, "--why", '"g → ""x""" SELECT "hid.den"."T"')
    assert done.code == 0, done.err
    assert "✗ USAGE" in done.out
    assert "✓ SELECT " in done.out
    assert 'GRANT USAGE ON SCHEMA "hid.den" TO "g → ""x""";' in done.out
    assert "DIFFERS" not in done.out


def test_why_in_json_has_the_gates_and_the_statements(
    rolebrowser: Rolebrowser, grants_url: str
) -> None:
    (answer,) = rolebrowser("grants", grants_url, "--why", "ga INSERT g.t", "--json").json
    assert answer["state"] == "latent"
    assert answer["via"] == ["ga ⇒ SET ROLE gd"]
    assert [gate["status"] for gate in answer["gates"]] == ["pass", "pass", "pass", "fail"]
    assert all(each["agrees"] for each in answer["verified"])
    assert answer["give"][0] == ["SET ROLE gd;"]
    assert ["GRANT INSERT ON TABLE g.t TO ga;"] in answer["give"]


def test_a_statement_is_tried_with_explain_and_never_run(
    rolebrowser: Rolebrowser, grants_url: str
) -> None:
    done = rolebrowser("grants", grants_url, "--why", "ga DELETE FROM g.t")
    assert done.code == 0, done.err
    assert "agrees: EXPLAIN as ga is refused:" in done.out
    assert "permission denied for table t" in done.out
    done = rolebrowser("grants", grants_url, "--why", "ga SELECT a FROM g.t")
    assert "agrees: EXPLAIN as ga is allowed:" in done.out
    assert "Seq Scan on t" in done.out


def test_what_the_states_mean_is_said_on_a_terminal_beside_the_data(
    rolebrowser: Rolebrowser, grants_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("grants", grants_url, "--role", "ga")
    assert "latent:" not in rolebrowser(*asked).err
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done = rolebrowser(*asked)
    assert "effective: has it, and can use it; latent: only after SET ROLE" in done.err
    assert "escalatable" not in done.out + done.err
    assert "latent:" not in rolebrowser(*asked, "--csv").err
    done = rolebrowser("grants", grants_url, "--compare", "ga", "gb")
    assert "latent: only after SET ROLE; -: can't." in done.err


def test_compare_shows_only_what_differs(rolebrowser: Rolebrowser, grants_url: str) -> None:
    rows = rolebrowser("grants", grants_url, "--compare", "ga", "gb", "--json").json
    assert {(row["object"], row["privilege"]): (row["ga"], row["gb"]) for row in rows} == {
        ("g.t", "INSERT"): ("latent", None),
        ("g.t.a", "INSERT"): ("latent", None),
        ("g.t.a", "UPDATE"): ("effective", None),
    }


def test_one_role_in_two_databases_shows_only_what_differs(
    rolebrowser: Rolebrowser, grants_url: str, postgres_server: PostgresServer
) -> None:
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as driver:
        driver.execute("CREATE DATABASE cli_grants_there")
        there = postgres_server.dsn("cli_grants_there")
        try:
            with psycopg.connect(there, autocommit=True) as inside:
                inside.execute(
                    "CREATE SCHEMA g; CREATE TABLE g.t (a int, b int); CREATE TABLE g.more ();"
                    "GRANT USAGE ON SCHEMA g TO gc; GRANT SELECT, UPDATE, DELETE ON g.t TO gc;"
                    "GRANT SELECT ON g.more TO ga"
                )
            asked = ("grants", grants_url, "--against", there)
            rows = rolebrowser(*asked, "--role", "ga", "--json").json
            found = {(row["object"], row["privilege"]): (row[grants_url], row[there])
                     for row in rows}  # fmt: skip
            assert found["g.t", "DELETE"] == (None, "effective")
            assert found["g.more", "SELECT"] == ("no such object", "effective")
            # The column has an ACL of its own only here; there the table's right covers it.
            assert ("g.t.a", "UPDATE") not in found
            assert found["g.t", "UPDATE"] == (None, "effective")
            assert found["g.t", "INSERT"] == ("latent", None)
            assert ("g.t", "SELECT") not in found
            assert {row["role"] for row in rows} == {"ga"}
            other = rolebrowser(*asked, "--compare", "gc", "ga", "--csv")
            lines = list(csv.DictReader(io.StringIO(other.out)))
            assert {line["role"] for line in lines} == {"gc / ga"}
            everybody = rolebrowser(*asked, "--json").json
            assert {"ga", "gb", "gc"} <= {row["role"] for row in everybody}
        finally:
            driver.execute("DROP DATABASE cli_grants_there WITH (FORCE)")


def test_two_engines_are_not_compared(
    rolebrowser: Rolebrowser, grants_url: str, mariadb_server: MariadbServer
) -> None:
    asked = ("grants", grants_url, "--against", mariadb_server.dsn())
    done = rolebrowser(*asked, "--compare", "ga", "root@localhost")
    assert done.code == 1
    assert "Only two PostgreSQL databases can be compared" in done.err
    assert "no role in common" in rolebrowser(*asked).err


def test_a_view_is_told_as_a_way_to_its_table(
    rolebrowser: Rolebrowser, grants_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(grants_url, autocommit=True) as driver:
        driver.execute("CREATE VIEW g.v AS SELECT a FROM g.t; GRANT SELECT ON g.v TO gd")
        try:
            listed = rolebrowser("grants", grants_url, "--table", "g.t", "--role", "gd", "--json")
            found = _by_key(listed.json)
            way = "gd → view g.v (as its owner rdsadmin)"
            assert found["gd", "g.t", "SELECT"] == ("indirect", [way], False)
            told = rolebrowser("grants", grants_url, "--why", "gd SELECT g.t")
            assert f"it reads the rows by  {way}" in told.out
            rolebrowser("grants", grants_url, "--report", str(tmp_path / "r.md"))
            assert f"`{way}`" in (tmp_path / "r.md").read_text()
            assert (tmp_path / "r.md").stat().st_mode & 0o777 == 0o600
        finally:
            driver.execute("DROP VIEW g.v")
