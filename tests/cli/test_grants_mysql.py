"""`rolebrowser grants` on a real MariaDB, and MySQL: the same keys, the same options."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from rolebrowser.sandbox.mariadb import MariadbServer
from tests.mysql_server import is_mysql, spoken

from .conftest import Rolebrowser

WORLD = (
    "CREATE USER ma@'%' IDENTIFIED BY 'x'",
    "CREATE USER mb@'%' IDENTIFIED BY 'x'",
    "CREATE USER mb@localhost IDENTIFIED BY 'x'",
    "CREATE USER 'm '' `c'@'10.%' IDENTIFIED BY 'x'",
    "CREATE ROLE mr",
    "CREATE DATABASE ms",
    "CREATE DATABASE `m ``s`",
    "CREATE TABLE ms.t (a int, b int)",
    "CREATE TABLE `m ``s`.`T.t` (a int)",
    "CREATE FUNCTION ms.f() RETURNS int RETURN 1",
    "GRANT SELECT ON ms.* TO ma@'%'",
    "GRANT INSERT (a) ON ms.t TO mr",
    "GRANT mr TO ma@'%'",
    "GRANT EXECUTE ON FUNCTION ms.f TO mb@'%'",
    "GRANT SELECT ON `m ``s`.`T.t` TO 'm '' `c'@'10.%' WITH GRANT OPTION",
)


@pytest.fixture(scope="module")
def server(either_server: MariadbServer) -> Iterator[MariadbServer]:
    either_server.execute(*WORLD)
    yield either_server
    either_server.execute(
        "DROP USER ma@'%', mb@'%', mb@localhost, 'm '' `c'@'10.%'",
        "DROP ROLE mr",
        "DROP DATABASE ms",
        "DROP DATABASE `m ``s`",
    )


def said(server: MariadbServer, text: str) -> str:
    return spoken(not is_mysql(server), text, "mr")


def test_json_has_the_keys_of_postgresql(rolebrowser: Rolebrowser, server: MariadbServer) -> None:
    done = rolebrowser("grants", server.dsn(), "--json")
    assert done.code == 0, done.err
    assert {tuple(row) for row in done.json} == {
        ("role", "object", "privilege", "state", "via", "grantable")
    }
    found = {(row["role"], row["object"], row["privilege"]): row for row in done.json}
    assert len(found) == len(done.json)
    row = found["ma@%", "ms.t", "SELECT"]
    assert (row["state"], row["via"]) == ("effective", ["ma@% (on ms.*)"])
    row = found["ma@%", "ms.t.a", "INSERT"]
    assert (row["state"], row["via"]) == ("latent", [said(server, "ma@% ⇒ SET ROLE mr")])
    assert found["mb@%", "function ms.f", "EXECUTE"]["state"] == "effective"
    assert found["m ' `c@10.%", "`m ``s`.`T.t`", "SELECT"]["grantable"] is True
    assert found["rdsadmin@%", "*.*", "CREATE USER"]["state"] == "effective"
    assert ("mb@localhost", "ms.t", "SELECT") not in found


def test_one_account_on_one_table(rolebrowser: Rolebrowser, server: MariadbServer) -> None:
    for name in ("ma@%", "'ma'@'%'", "`ma`@`%`", "ma"):
        done = rolebrowser("grants", server.dsn(), "--role", name, "--table", "ms.t", "--csv")
        rows = list(csv.DictReader(io.StringIO(done.out)))
        assert {row["role"] for row in rows} == {"ma@%"}
        assert {row["object"] for row in rows} == {"ms.t", "ms.t.a"}
    done = rolebrowser("grants", server.dsn(), "--role", "mb")
    assert done.code == 1
    assert "mb@%, mb@localhost" in done.err


def test_people_read_a_table(rolebrowser: Rolebrowser, server: MariadbServer) -> None:
    done = rolebrowser("grants", server.dsn(), "--role", "ma")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["ROLE", "OBJECT", "PRIVILEGES", "STATE", "VIA"]
    # What a table has as its database has it isn't said twice.
    assert [line[1] for line in lines[1:]] == ["ms.*", "ms.t.a"]


def test_why_walks_the_gates(rolebrowser: Rolebrowser, server: MariadbServer) -> None:
    done = rolebrowser("grants", server.dsn(), "--why", "ma@% INSERT(a) ms.t")
    assert done.code == 0, done.err
    assert "✗ INSERT " in done.out
    at_once = f"SET ROLE {'`mr`@`%`' if is_mysql(server) else '`mr`'};"
    lines = [line.strip() for line in done.out.splitlines()]
    assert lines[lines.index("To give it:") + 2] == at_once
    assert said(server, "it can by  ma@% ⇒ SET ROLE mr") in done.out
    assert said(server, "SET DEFAULT ROLE `mr` FOR `ma`@`%`;") in done.out
    (answer,) = rolebrowser("grants", server.dsn(), "--why", "ma@% SELECT ms.t", "--json").json
    assert answer["state"] == "effective"
    assert answer["take"] == [["REVOKE SELECT ON `ms`.* FROM `ma`@`%`;"]]


def test_what_is_no_question_is_told_what_to_ask_instead(
    rolebrowser: Rolebrowser, server: MariadbServer
) -> None:
    denied = "SELECT command denied to user 'ma'@'localhost' for table `ms`.`t`"
    for text in (denied, f"ERROR 1142 (42000): {denied}"):
        done = rolebrowser("grants", server.dsn(), "--why", text)
        assert done.code == 1
        assert "'ACCOUNT SELECT ms.t' (the account that ma@localhost logged in to)" in done.err
    done = rolebrowser("grants", server.dsn(), "--why", "ma DELETE ms")
    assert "ms is a database." in done.err
    assert "'DELETE ms.*'" in done.err


def test_one_verifies_ones_own_with_explain(
    rolebrowser: Rolebrowser, server: MariadbServer
) -> None:
    own = f"mysql://ma:x@127.0.0.1:{server.port}/"
    done = rolebrowser("grants", own, "--why", "ma SELECT ms.t")
    assert "verified ✓ EXPLAIN SELECT * FROM `ms`.`t`: yes" in done.out
    done = rolebrowser("grants", own, "--why", "ma DELETE FROM ms.t")
    assert "\nEXPLAIN as ma@% is refused:" in done.out
    assert "DELETE command denied" in done.out


def test_an_ordinary_account_is_told_what_it_can_not_see(
    rolebrowser: Rolebrowser, server: MariadbServer
) -> None:
    own = f"mysql://ma:x@127.0.0.1:{server.port}/"
    done = rolebrowser("grants", own, "--json")
    assert "Only ma@% and its roles are shown" in done.err
    if is_mysql(server):
        assert {row["role"] for row in done.json} == {"ma@%", "mr@%"}
    else:
        assert {row["role"] for row in done.json} == {"ma@%"}
        assert "What mr has can't be seen while it isn't active" in done.err
    done = rolebrowser("grants", own, "--role", "mb@%", "--json")
    assert done.code == 1
    assert "Nothing can be said of 'mb@%'" in done.err


def test_compare_shows_only_what_differs(rolebrowser: Rolebrowser, server: MariadbServer) -> None:
    rows = rolebrowser("grants", server.dsn(), "--compare", "ma@%", "mb@%", "--json").json
    assert {(row["object"], row["privilege"]): (row["ma@%"], row["mb@%"]) for row in rows} == {
        ("ms.*", "SELECT"): ("effective", None),
        ("ms.t", "SELECT"): ("effective", None),
        ("ms.t.a", "SELECT"): ("effective", None),
        ("ms.t.a", "INSERT"): ("latent", None),
        ("function ms.f", "EXECUTE"): (None, "effective"),
    }


def test_a_bookmark_of_the_sandbox_leads_there_too(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("grants", "inventory", "--json")
    assert done.code == 0, done.err
    assert "app_oncall@%" in {row["role"] for row in done.json}
    assert "Only app_oncall@% and its roles are shown" in done.err
