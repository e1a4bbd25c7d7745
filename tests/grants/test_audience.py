"""Who can reach a table, by every kind of way; each way is gone by the role itself."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from rolebrowser.grants.picture import Section
from rolebrowser.grants.postgres_picture import PostgresPicture

from .conftest import Driver, read

WORLD = """
CREATE ROLE alice; CREATE ROLE bob; CREATE ROLE carol; CREATE ROLE readers; CREATE ROLE owner_;
CREATE SCHEMA s AUTHORIZATION owner_; GRANT USAGE ON SCHEMA s TO PUBLIC; SET LOCAL ROLE owner_;
CREATE TABLE s.t (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE s.child PARTITION OF s.t FOR VALUES FROM (0) TO (10);
INSERT INTO s.t VALUES (1, 2);
CREATE VIEW s.v AS SELECT * FROM s.child;
CREATE VIEW s.above AS SELECT * FROM s.v;
CREATE MATERIALIZED VIEW s.copied AS SELECT * FROM s.child;
CREATE FUNCTION s.f() RETURNS bigint SECURITY DEFINER LANGUAGE sql
    AS 'SELECT count(*) FROM s.child';
REVOKE EXECUTE ON FUNCTION s.f() FROM PUBLIC;
RESET ROLE;
GRANT SELECT ON s.child TO readers; GRANT readers TO bob;
GRANT SELECT (a) ON s.child TO carol
"""


@pytest.fixture
def driver(any_driver: Driver) -> Driver:
    any_driver.execute(WORLD.encode())
    return any_driver


def audience(driver: Driver, table: str = "s.child") -> dict[str, list[str]]:
    picture = PostgresPicture(read(driver))
    return titles(picture.audience(picture.listing.find_table(table)))


def titles(sections: Sequence[Section]) -> dict[str, list[str]]:
    return {each.title: [entry.text for entry in each.entries] for each in sections}


def reads(driver: Driver, role: str, statement: str) -> bool:
    """Whether the role, SET for it, may run a statement."""
    driver.execute("SAVEPOINT here")
    try:
        driver.execute(f"SET LOCAL ROLE {role}".encode())
        driver.execute(statement.encode())
        return True
    except psycopg.errors.InsufficientPrivilege:
        return False
    finally:
        driver.execute("ROLLBACK TO SAVEPOINT here")
        driver.execute("RESET ROLE")


def test_roles_owner_superusers_and_columns_have_groups_of_their_own(driver: Driver) -> None:
    found = audience(driver)
    assert found["Granted to a role"] == ["bob → readers", "readers"]
    assert found["Owner"] == ["owner_ (owner)"]
    assert found["On some columns only"] == ["carol"]
    assert any(line.endswith("(superuser)") for line in found["Superusers"])
    assert reads(driver, "bob", "SELECT * FROM s.child")
    assert reads(driver, "carol", "SELECT a FROM s.child")
    assert not reads(driver, "carol", "SELECT * FROM s.child")


@pytest.mark.parametrize("view", ["v", "above", "copied"])
def test_a_view_that_reads_as_its_owner_is_a_way(driver: Driver, view: str) -> None:
    driver.execute(f"GRANT SELECT ON s.{view} TO alice".encode())
    assert not reads(driver, "alice", "SELECT * FROM s.child")
    assert reads(driver, "alice", f"SELECT * FROM s.{view}")
    assert "alice" in audience(driver)["Through a view"]


def test_a_view_that_reads_as_who_asks_is_none(driver: Driver) -> None:
    if driver.info.server_version < 150000:
        pytest.skip("security_invoker came with PostgreSQL 15")
    driver.execute("ALTER VIEW s.v SET (security_invoker); GRANT SELECT ON s.v TO alice")
    assert not reads(driver, "alice", "SELECT * FROM s.v")
    assert "alice" not in audience(driver).get("Through a view", [])


def test_a_view_whose_owner_may_not_read_is_none(driver: Driver) -> None:
    driver.execute("GRANT SELECT ON s.v TO alice; REVOKE SELECT ON s.child FROM owner_")
    assert not reads(driver, "alice", "SELECT * FROM s.v")
    assert "alice" not in audience(driver).get("Through a view", [])


def test_a_child_is_read_through_its_parent(driver: Driver) -> None:
    driver.execute("GRANT SELECT ON s.t TO alice")
    assert not reads(driver, "alice", "SELECT * FROM s.child")
    assert reads(driver, "alice", "SELECT * FROM s.t")
    assert "alice" in audience(driver)["Through a parent table"]


def test_a_function_with_its_owners_rights_may_be_a_way(driver: Driver) -> None:
    driver.execute("GRANT EXECUTE ON FUNCTION s.f() TO alice")
    assert reads(driver, "alice", "SELECT s.f()")
    assert "alice" in audience(driver)["Perhaps through a function"]


def test_public_is_one_line_and_says_how_many_it_lets_in(driver: Driver) -> None:
    driver.execute("GRANT SELECT ON s.child TO PUBLIC")
    assert audience(driver)["PUBLIC"] == ["everybody"]


def test_what_role_table_grants_leaves_out_adds_up(driver: Driver) -> None:
    question = (
        "SELECT count(*) FROM information_schema.role_table_grants"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    driver.execute("GRANT INSERT ON s.child TO PUBLIC; GRANT UPDATE ON s.v TO alice")
    everything = driver.execute(question.encode()).fetchall()[0][0]
    assert PostgresPicture(read(driver)).left_out() == _not_there(driver)
    driver.execute("SET LOCAL ROLE alice")
    shown = driver.execute(question.encode()).fetchall()[0][0]
    missing: dict[str, int] = {}
    for phrase in PostgresPicture(read(driver)).left_out():
        count, _, reason = phrase.partition(" ")
        missing[reason] = int(count)
    assert 0 < shown < everything
    kept = missing["to roles that aren't the reader's"] + missing["to PUBLIC"]
    assert shown + kept == everything


def _not_there(driver: Driver) -> tuple[str, ...]:
    """What even a superuser isn't shown: counted by the server itself."""
    kinds = {"on materialized views": "m", "on sequences": "S"}
    found: list[str] = []
    for title, kind in kinds.items():
        question = (
            "SELECT count(*) FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault("
            "(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::\"char\", c.relowner))) a"
            f" WHERE c.relkind = '{kind}' AND c.relnamespace::regnamespace::text !~ '^pg_'"
            " AND a.privilege_type <> 'MAINTAIN'"
        )
        count = driver.execute(question.encode()).fetchall()[0][0]
        found += [f"{count} {title}"] if count else []
    found.append("1 on columns only")
    if driver.info.server_version >= 170000:
        question = (
            "SELECT count(*) FROM pg_class c, aclexplode(coalesce(c.relacl,"
            " acldefault('r', c.relowner))) a WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')"
            " AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
            " AND a.privilege_type = 'MAINTAIN'"
        )
        found.append(f"{driver.execute(question.encode()).fetchall()[0][0]} MAINTAIN")
    return tuple(found)
