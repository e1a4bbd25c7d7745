"""Who can reach a table, by every kind of way; each way is gone by the role itself."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from rolebrowser.grants import fix
from rolebrowser.grants.explain import verdict, why
from rolebrowser.grants.picture import Section
from rolebrowser.grants.postgres_picture import PostgresPicture
from rolebrowser.grants.postgres_survey import PostgresSurvey
from rolebrowser.grants.question import Question, parse

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


@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW"])
@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("ONLY s.above_", 0),
        ("s.above_", 1),
        ("ONLY s.above_ x JOIN s.above_ y ON true", 0),
        ("ONLY s.above_ x RIGHT JOIN s.above_ y ON true", 1),
    ],
)
def test_from_only_reads_no_child(driver: Driver, kind: str, source: str, rows: int) -> None:
    driver.execute(
        "SET LOCAL ROLE owner_; CREATE TABLE s.above_ (c int);"
        " CREATE TABLE s.below_ () INHERITS (s.above_); INSERT INTO s.below_ VALUES (1)"
    )
    driver.execute(f"CREATE {kind} s.seen AS SELECT 1 AS one FROM {source}".encode())
    driver.execute("RESET ROLE; GRANT SELECT ON s.seen TO alice; SET LOCAL ROLE alice")
    assert len(driver.execute("SELECT * FROM s.seen").fetchall()) == rows
    driver.execute("RESET ROLE")
    # Where both stand in one query the child is read, whether rows come of it or not.
    reads_child = source != "ONLY s.above_"
    assert bool(records(driver, "alice", "s.below_")) == reads_child
    assert list(records(driver, "alice", "s.above_")) == ["indirect"]


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


# ── the same in records and reasons ──────────────────────────────────────────────────────────


def records(driver: Driver, role: str, table: str = "s.child") -> dict[str, tuple[str, ...]]:
    """State and ways of a role's SELECT as the command line lists them."""
    survey = PostgresSurvey(read(driver))
    return {
        each.state: each.via
        for each in survey.records([role], [table])
        if each.privilege == "SELECT" and each.object == table
    }


def gates(driver: Driver, question: str) -> list[tuple[str, bool | None, str]]:
    listing = PostgresSurvey(read(driver)).listing
    asked = parse(question, listing)
    assert isinstance(asked, Question)
    answer = why(listing, asked.role, asked.place, asked.privilege)
    return [(each.gate.value, each.passed, each.sentence) for each in answer.gates]


def test_a_way_round_about_is_a_record_and_names_each_step(driver: Driver) -> None:
    assert records(driver, "alice") == {}
    driver.execute("GRANT SELECT ON s.above TO PUBLIC; GRANT EXECUTE ON FUNCTION s.f() TO alice")
    assert records(driver, "alice") == {
        "indirect": (
            "alice → PUBLIC → view s.above (as its owner owner_) → view s.v (as its owner owner_)",
            "alice → function s.f() (runs as owner_; its body names table s.child)",
        )
    }
    assert reads(driver, "alice", "SELECT * FROM s.above")
    # Whoever reads the table by itself needs no way round.
    assert "indirect" not in records(driver, "bob")


def test_a_view_over_one_that_reads_as_who_asks_opens_nothing_more(driver: Driver) -> None:
    if driver.info.server_version < 150000:
        pytest.skip("security_invoker came with PostgreSQL 15")
    driver.execute("ALTER VIEW s.v SET (security_invoker); GRANT SELECT ON s.above TO alice")
    assert not reads(driver, "alice", "SELECT * FROM s.above")
    assert records(driver, "alice") == {}
    assert gates(driver, "alice SELECT s.above")[-2:] == [
        ("view", True, "s.above reads s.v as its owner owner_, who may."),
        ("view", False, "s.v reads s.child as who asks alice, and alice lacks SELECT there."),
    ]
    driver.execute("GRANT SELECT ON s.child TO alice; REVOKE USAGE ON SCHEMA s FROM PUBLIC")
    driver.execute("CREATE SCHEMA open; GRANT USAGE ON SCHEMA open TO PUBLIC, owner_")
    driver.execute("GRANT CREATE ON SCHEMA open TO owner_; SET LOCAL ROLE owner_")
    driver.execute("CREATE VIEW open.v AS SELECT * FROM s.above; RESET ROLE")
    driver.execute("GRANT SELECT ON open.v TO alice")
    # Names inside a view were looked up when it was made: USAGE isn't asked again.
    assert reads(driver, "alice", "SELECT * FROM open.v")
    assert all(passed is not False for _, passed, _ in gates(driver, "alice SELECT open.v"))


def test_a_view_over_one_that_reads_as_who_asks_is_a_way_for_who_may_read_below(
    driver: Driver,
) -> None:
    if driver.info.server_version < 150000:
        pytest.skip("security_invoker came with PostgreSQL 15")
    driver.execute("ALTER VIEW s.v SET (security_invoker); GRANT SELECT ON s.above TO alice")
    assert not reads(driver, "alice", "SELECT * FROM s.above")
    assert records(driver, "alice", "s.v") == {}
    driver.execute("GRANT SELECT ON s.child TO alice")
    assert reads(driver, "alice", "SELECT * FROM s.above")
    assert not reads(driver, "alice", "SELECT * FROM s.v")
    assert records(driver, "alice", "s.v") == {
        "indirect": ("alice → view s.above (as its owner owner_)",)
    }


def test_a_view_needs_its_owner_to_read_the_columns_that_it_takes(driver: Driver) -> None:
    driver.execute(
        "GRANT SELECT (a), INSERT ON s.child TO carol; GRANT CREATE ON SCHEMA s TO carol"
    )
    driver.execute("SET LOCAL ROLE carol; CREATE VIEW s.of_a AS SELECT a FROM s.child; RESET ROLE")
    driver.execute("GRANT SELECT ON s.of_a TO alice")
    assert reads(driver, "alice", "SELECT * FROM s.of_a")
    assert gates(driver, "alice SELECT s.of_a")[-1][:2] == ("view", True)
    assert list(records(driver, "alice")) == ["indirect"]
    driver.execute("REVOKE SELECT (a) ON s.child FROM carol")
    assert not reads(driver, "alice", "SELECT * FROM s.of_a")
    assert gates(driver, "alice SELECT s.of_a")[-1][:2] == ("view", False)
    assert records(driver, "alice") == {}


def test_policies_bind_the_views_owner_not_who_asks(driver: Driver) -> None:
    driver.execute("GRANT SELECT ON s.v TO alice; ALTER TABLE s.child ENABLE ROW LEVEL SECURITY")
    assert gates(driver, "alice SELECT s.v")[-1] == (
        "row security",
        True,
        "Policies don't bind owner_: it owns the table as owner_.",
    )
    count = "SELECT count(*) FROM s.v"
    driver.execute("SET LOCAL ROLE alice")
    assert driver.execute(count.encode()).fetchall() == [(1,)]
    driver.execute("RESET ROLE; ALTER TABLE s.child FORCE ROW LEVEL SECURITY")
    assert gates(driver, "alice SELECT s.v")[-1][:2] == ("row security", False)
    driver.execute("SET LOCAL ROLE alice")
    assert driver.execute(count.encode()).fetchall() == [(0,)]


def test_who_may_select_but_sees_no_row_is_not_told_that_it_cannot(driver: Driver) -> None:
    driver.execute(
        "GRANT SELECT ON s.child TO alice; ALTER TABLE s.child ENABLE ROW LEVEL SECURITY"
    )
    listing = PostgresSurvey(read(driver)).listing
    asked = parse("alice SELECT s.child", listing)
    assert isinstance(asked, Question)
    told = verdict(listing, why(listing, asked.role, asked.place, asked.privilege))
    assert told == "alice may use SELECT on s.child, but row security leaves it no rows."


def test_leaving_a_role_counts_what_only_set_role_gave(driver: Driver) -> None:
    driver.execute(
        "ALTER ROLE alice NOINHERIT; GRANT SELECT ON s.child TO carol; GRANT carol TO alice"
    )
    listing = PostgresSurvey(read(driver)).listing
    asked = parse("alice SELECT s.child", listing)
    assert isinstance(asked, Question)
    plans = fix.taking(listing, asked.role, asked.place, asked.privilege).plans
    (notes,) = [each.notes for each in plans if each.title == "At the role"]
    (loss,) = [each for each in notes if each.startswith("It loses")]
    assert loss.endswith("that it could reach by SET ROLE.")
    assert " 0 " not in loss


def test_functions_that_call_each_other_are_followed(driver: Driver) -> None:
    driver.execute(
        "CREATE FUNCTION s.chained() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql"
        " AS 'BEGIN RETURN s.f(); END'; ALTER FUNCTION s.chained() OWNER TO bob;"
        " REVOKE EXECUTE ON FUNCTION s.chained() FROM PUBLIC;"
        " GRANT EXECUTE ON FUNCTION s.chained() TO alice"
    )
    assert not reads(driver, "alice", "SELECT s.chained()")
    assert records(driver, "alice") == {}
    driver.execute("GRANT EXECUTE ON FUNCTION s.f() TO bob")
    assert reads(driver, "alice", "SELECT s.chained()")
    assert records(driver, "alice") == {
        "indirect": (
            "alice → function s.chained() (runs as bob; its body names function s.f())"
            " → function s.f() (runs as owner_; its body names table s.child)",
        )
    }


def test_a_body_in_sqls_own_syntax_is_known_for_sure(driver: Driver) -> None:
    if driver.info.server_version < 140000:
        pytest.skip("BEGIN ATOMIC came with PostgreSQL 14")
    driver.execute(
        "SET LOCAL ROLE owner_; CREATE FUNCTION s.sure() RETURNS bigint SECURITY DEFINER"
        " BEGIN ATOMIC SELECT count(*) FROM s.v; END; RESET ROLE;"
        " REVOKE EXECUTE ON FUNCTION s.sure() FROM PUBLIC;"
        " GRANT EXECUTE ON FUNCTION s.sure() TO alice"
    )
    assert reads(driver, "alice", "SELECT s.sure()")
    assert "alice" in audience(driver)["Through a function"]
    assert "alice" not in audience(driver).get("Perhaps through a function", [])


def test_taking_a_table_away_says_what_stays_open(driver: Driver) -> None:
    driver.execute("GRANT SELECT ON s.child, s.v TO alice")
    listing = PostgresSurvey(read(driver)).listing
    asked = parse("alice SELECT s.child", listing)
    assert isinstance(asked, Question)
    plan = fix.taking(listing, asked.role, asked.place, asked.privilege).plans[0]
    assert plan.statements == ("REVOKE SELECT ON TABLE s.child FROM alice;",)
    left = "Its rows are still read round about: alice → view s.v (as its owner owner_)."
    assert left in plan.notes
    driver.execute(plan.statements[0].encode())
    assert not reads(driver, "alice", "SELECT * FROM s.child")
    assert reads(driver, "alice", "SELECT * FROM s.v")
