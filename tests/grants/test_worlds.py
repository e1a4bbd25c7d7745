"""Random worlds on real servers: the model says of every role what has_*_privilege says."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Facts
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.privileges import RELATIONS, WORDS, Kind, bits
from rolebrowser.sandbox.postgres import PostgresServer

Driver = psycopg.Connection[tuple[Any, ...]]
ReadFacts = Callable[[Driver], Facts]

ROLES = (
    "alice", 'Bob "the" Quote', "o'hara", "a=b/c", "r,w", "{x}", "back\\slash", "new\nline",
    "1234", "ünï→", "select", '""', "%s %%", "🐘",
)  # fmt: skip
PREDEFINED = ("pg_read_all_data", "pg_write_all_data", "pg_maintain", "pg_monitor")
SCHEMAS = ("s", 'S "x".y', "new\nline")
TABLES = (("s", "t"), ("s", 'T"é.x'), ('S "x".y', "t"), ("new\nline", "a=r/b"), ("public", "p"))
COLUMNS = ("c", 'C"ol,{}')

roles = st.sampled_from(ROLES)
grantees = st.one_of(roles, st.sampled_from((*PREDEFINED, "PUBLIC")))
flags = st.tuples(*[st.booleans()] * 5)


def words(kind: Kind) -> st.SearchStrategy[str]:
    from rolebrowser.grants.privileges import of_kind

    return st.sampled_from([WORDS[bit] for bit in bits(of_kind(kind, 180000))])


def name(*parts: str) -> sql.Composable:
    return sql.Identifier(*parts)


def grantee_name(role: str) -> sql.Composable:
    return sql.SQL("PUBLIC") if role == "PUBLIC" else name(role)


@st.composite
def attributes(draw: st.DrawFn) -> sql.Composable:
    role = draw(roles)
    word = draw(st.sampled_from(("LOGIN", "NOINHERIT", "CREATEROLE", "BYPASSRLS", "SUPERUSER")))
    return sql.SQL("ALTER ROLE {} " + word).format(name(role))


@st.composite
def membership(draw: st.DrawFn) -> sql.Composable:
    role = draw(st.one_of(roles, st.sampled_from(PREDEFINED)))
    option = draw(
        st.sampled_from(
            ("", "", "WITH ADMIN OPTION", "WITH INHERIT FALSE", "WITH SET FALSE",
             "WITH INHERIT FALSE, SET FALSE, ADMIN TRUE", "WITH INHERIT TRUE")
        )
    )  # fmt: skip
    return sql.SQL("GRANT {} TO {} " + option).format(name(role), name(draw(roles)))


def _on(draw: st.DrawFn) -> tuple[str, sql.Composable]:
    """Privileges, and what they are granted on."""
    kind = draw(st.sampled_from(("t", "t", "t", "c", "n", "n", "d", "q", "f", "T", "m", "all")))
    table = name(*draw(st.sampled_from(TABLES)))
    if kind == "t":
        return draw(words(Kind.TABLE)), sql.SQL("TABLE {}").format(table)
    if kind == "c":
        column = name(draw(st.sampled_from(COLUMNS)))
        word = draw(words(Kind.COLUMN))
        return "", sql.SQL(word + " ({}) ON TABLE {}").format(column, table)
    if kind == "n":
        schema = name(draw(st.sampled_from((*SCHEMAS, "public"))))
        return draw(words(Kind.SCHEMA)), sql.SQL("SCHEMA {}").format(schema)
    if kind == "d":
        return draw(words(Kind.DATABASE)), sql.SQL("DATABASE postgres")
    if kind == "q":
        return draw(words(Kind.SEQUENCE)), sql.SQL('SEQUENCE s."Q q"')
    if kind == "f":
        return "EXECUTE", sql.SQL('FUNCTION s."f(x"(integer, text)')
    if kind == "T":
        return "USAGE", sql.SQL('TYPE s."ty pe"')
    if kind == "m":
        return draw(words(Kind.TABLE)), sql.SQL("s.v, s.m")
    return "ALL", sql.SQL("TABLE {}").format(table)


@st.composite
def grant(draw: st.DrawFn) -> sql.Composable:
    word, target = _on(draw)
    on = sql.SQL(word + " ON " if word else "") + target
    role = grantee_name(draw(grantees))
    if draw(st.integers(0, 3)):
        option = " WITH GRANT OPTION" if draw(st.booleans()) else ""
        return sql.SQL("GRANT {} TO {}" + option).format(on, role)
    cascade = " CASCADE" if draw(st.booleans()) else ""
    return sql.SQL("REVOKE {} FROM {}" + cascade).format(on, role)


@st.composite
def somebodys(draw: st.DrawFn) -> sql.Composable:
    """The same by somebody who may or may not be allowed to."""
    step = draw(st.one_of(grant(), membership()))
    who = name(draw(roles))
    return sql.SQL("SET LOCAL ROLE {}; {}; RESET ROLE").format(who, step)


@st.composite
def owner(draw: st.DrawFn) -> sql.Composable:
    role = name(draw(roles))
    what = draw(
        st.sampled_from(
            [sql.SQL("TABLE {}").format(name(*table)) for table in TABLES]
            + [sql.SQL("SCHEMA {}").format(name(schema)) for schema in SCHEMAS]
            + [sql.SQL(each) for each in ("DATABASE postgres", "VIEW s.v", 'TYPE s."ty pe"',
               'SEQUENCE s."Q q"', 'FUNCTION s."f(x"(integer, text)')]
        )
    )  # fmt: skip
    return sql.SQL("ALTER {} OWNER TO {}").format(what, role)


steps = st.lists(
    st.one_of(grant(), grant(), membership(), membership(), attributes(), owner(), somebodys()),
    min_size=5,
    max_size=60,
)


def build(driver: Driver, world: list[sql.Composable]) -> int:
    """Make the world; what the server refuses is left out. How many steps were taken."""
    script = [sql.SQL("CREATE ROLE {}").format(name(role)) for role in ROLES]
    script += [sql.SQL("CREATE SCHEMA {}").format(name(schema)) for schema in SCHEMAS]
    first, second = (name(column) for column in COLUMNS)
    script += [
        sql.SQL("CREATE TABLE {} ({} int, {} int)").format(name(*table), first, second)
        for table in TABLES
    ]
    script += [
        sql.SQL(each)
        for each in (
            "CREATE VIEW s.v AS SELECT * FROM s.t",
            "CREATE MATERIALIZED VIEW s.m AS SELECT * FROM s.t",
            'CREATE SEQUENCE s."Q q"',
            "CREATE FUNCTION s.\"f(x\"(integer, text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE TYPE s.\"ty pe\" AS ENUM ('a')",
        )
    ]
    driver.execute(sql.SQL(";").join(script))
    taken = 0
    for step in world:
        driver.execute("SAVEPOINT step")
        try:
            driver.execute(step)
            taken += 1
        except psycopg.Error:
            driver.execute("ROLLBACK TO SAVEPOINT step")
    driver.execute("RESET ROLE")
    return taken


ASK = {
    Kind.DATABASE: "has_database_privilege(r.oid, o.oid, p)",
    Kind.SCHEMA: "has_schema_privilege(r.oid, o.oid, p)",
    Kind.SEQUENCE: "has_sequence_privilege(r.oid, o.oid, p)",
    Kind.COLUMN: "has_column_privilege(r.oid, o.oid, o.attnum, p)",
    Kind.FUNCTION: "has_function_privilege(r.oid, o.oid, p)",
    Kind.TYPE: "has_type_privilege(r.oid, o.oid, p)",
    Kind.LANGUAGE: "has_language_privilege(r.oid, o.oid, p)",
    Kind.TABLESPACE: "has_tablespace_privilege(r.oid, o.oid, p)",
} | dict.fromkeys(RELATIONS, "has_table_privilege(r.oid, o.oid, p)")


def server_says(driver: Driver, model: Model, kind: Kind, option: str = "") -> set[Any]:
    """(role, place, privilege) that has_*_privilege affirms, for all securables of a kind."""
    places = list(bitset.members(model.of_kind.get(kind, 0)))
    securables = [model.securables[place] for place in places]
    from rolebrowser.grants.privileges import of_kind

    privileges = bits(of_kind(kind, model.facts.version))
    rows = driver.execute(
        f"SELECT r.oid::int, o.place, p.bit FROM pg_roles r,"
        f" unnest(%s::int[], %s::oid[], %s::int2[]) AS o(place, oid, attnum),"
        f" unnest(%s::int[], %s::text[]) AS p(bit, p) WHERE {ASK[kind]}",
        (
            places,
            [each.oid for each in securables],
            [each.attnum for each in securables],
            list(privileges),
            [WORDS[bit] + option for bit in privileges],
        ),
    ).fetchall()
    return {tuple(row) for row in rows}


def model_says(model: Model, kind: Kind, *, option: bool = False) -> set[Any]:
    there = model.of_kind.get(kind, 0)
    said = set()
    for number, role in enumerate(model.roles):
        rights = model.grantable(number) if option else model.held(number)
        for bit in bits(model.privileges(model.securables[next(bitset.members(there))])):
            said |= {(role.oid, place, bit) for place in bitset.members(rights.get(bit, 0) & there)}
    return said


def check(driver: Driver, facts: Facts) -> None:
    model = Model(facts)
    for kind in model.of_kind:
        if kind in ASK:
            assert model_says(model, kind) == server_says(driver, model, kind), kind
            options = server_says(driver, model, kind, " WITH GRANT OPTION")
            assert model_says(model, kind, option=True) == options, kind
    check_memberships(driver, model)
    check_turned(model)


def check_memberships(driver: Driver, model: Model) -> None:
    graph = model.memberships
    question = "SELECT a.oid::int, b.oid::int FROM pg_roles a, pg_roles b WHERE "

    def says(condition: str) -> set[Any]:
        return {tuple(row) for row in driver.execute(question + condition).fetchall()}

    def ours(sets: list[int]) -> set[Any]:
        return {
            (model.roles[number].oid, model.roles[other].oid)
            for number, bits_ in enumerate(sets)
            for other in bitset.members(bits_)
        }

    everything = [graph.everybody if role.superuser else 0 for role in model.roles]

    def or_superuser(sets: list[int]) -> list[int]:
        return [bits_ | every for bits_, every in zip(sets, everything, strict=True)]

    assert ours(or_superuser(graph.inherits)) == says("pg_has_role(a.oid, b.oid, 'USAGE')")
    assert ours(or_superuser(graph.member_of)) == says("pg_has_role(a.oid, b.oid, 'MEMBER')")
    if model.facts.version >= 160000:
        assert ours(graph.can_set) == says("pg_has_role(a.oid, b.oid, 'SET')")
    else:
        assert ours(graph.can_set) == says("pg_has_role(a.oid, b.oid, 'MEMBER')")


def check_turned(model: Model) -> None:
    """Seen from the role and seen from the object: the same."""
    holders = Holders(model)
    by_role: set[Any] = set()
    by_object: set[Any] = set()
    for number in range(len(model.roles)):
        for state, rights in model.states(number).items():
            for bit, places in rights.items():
                by_role |= {(state, number, bit, place) for place in bitset.members(places)}
    for place in range(model.size):
        for state, rights in holders.states(place).items():
            for bit, numbers in rights.items():
                by_object |= {(state, number, bit, place) for number in bitset.members(numbers)}
    assert by_role == by_object
    assert {state for state, *_ in by_role} >= {State.EFFECTIVE}


@pytest.fixture(scope="module")
def world_driver(any_server: PostgresServer) -> Any:
    with psycopg.connect(any_server.dsn()) as driver:
        yield driver
        driver.rollback()


@settings(
    max_examples=int(os.environ.get("ROLEBROWSER_WORLDS", "25")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
)
@given(world=steps)
def test_the_model_agrees_with_the_server(
    world: list[sql.Composable], world_driver: Driver, facts_of: ReadFacts
) -> None:
    build(world_driver, world)
    try:
        check(world_driver, facts_of(world_driver))
    finally:
        world_driver.rollback()
