"""Random worlds on real servers: the model says of every role what has_*_privilege says."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Facts
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.privileges import RELATIONS, WORDS, Kind, bits, of_kind
from rolebrowser.sandbox.postgres import PostgresServer

from .conftest import Driver, read

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
    return st.sampled_from([WORDS[bit] for bit in bits(of_kind(kind, 180000))])


def name(*parts: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def grantee_name(role: str) -> str:
    return "PUBLIC" if role == "PUBLIC" else name(role)


@st.composite
def attributes(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(("LOGIN", "NOINHERIT", "CREATEROLE", "BYPASSRLS", "SUPERUSER")))
    return f"ALTER ROLE {name(draw(roles))} {word}"


@st.composite
def membership(draw: st.DrawFn) -> str:
    role = draw(st.one_of(roles, st.sampled_from(PREDEFINED)))
    option = draw(
        st.sampled_from(
            ("", "", "WITH ADMIN OPTION", "WITH INHERIT FALSE", "WITH SET FALSE",
             "WITH INHERIT FALSE, SET FALSE, ADMIN TRUE", "WITH INHERIT TRUE")
        )
    )  # fmt: skip
    return f"GRANT {name(role)} TO {name(draw(roles))} {option}"


def _on(draw: st.DrawFn) -> str:
    """Privileges, and what they are granted on."""
    kind = draw(st.sampled_from(("t", "t", "t", "c", "n", "n", "d", "q", "f", "T", "m", "all")))
    table = name(*draw(st.sampled_from(TABLES)))
    if kind == "t":
        return f"{draw(words(Kind.TABLE))} ON TABLE {table}"
    if kind == "c":
        column = name(draw(st.sampled_from(COLUMNS)))
        return f"{draw(words(Kind.COLUMN))} ({column}) ON TABLE {table}"
    if kind == "n":
        schema = name(draw(st.sampled_from((*SCHEMAS, "public"))))
        return f"{draw(words(Kind.SCHEMA))} ON SCHEMA {schema}"
    if kind == "d":
        return f"{draw(words(Kind.DATABASE))} ON DATABASE postgres"
    if kind == "q":
        return f'{draw(words(Kind.SEQUENCE))} ON SEQUENCE s."Q q"'
    if kind == "f":
        return 'EXECUTE ON FUNCTION s."f(x"(integer, text)'
    if kind == "T":
        return 'USAGE ON TYPE s."ty pe"'
    if kind == "m":
        return f"{draw(words(Kind.TABLE))} ON s.v, s.m"
    return f"ALL ON TABLE {table}"


@st.composite
def grant(draw: st.DrawFn) -> str:
    on = _on(draw)
    role = grantee_name(draw(grantees))
    if draw(st.integers(0, 3)):
        return f"GRANT {on} TO {role}" + (" WITH GRANT OPTION" if draw(st.booleans()) else "")
    return f"REVOKE {on} FROM {role}" + (" CASCADE" if draw(st.booleans()) else "")


@st.composite
def somebodys(draw: st.DrawFn) -> str:
    """The same by somebody who may or may not be allowed to."""
    step = draw(st.one_of(grant(), membership()))
    return f"SET LOCAL ROLE {name(draw(roles))}; {step}; RESET ROLE"


@st.composite
def owner(draw: st.DrawFn) -> str:
    what = draw(
        st.sampled_from(
            [f"TABLE {name(*table)}" for table in TABLES]
            + [f"SCHEMA {name(schema)}" for schema in SCHEMAS]
            + ["DATABASE postgres", "VIEW s.v", 'TYPE s."ty pe"', 'SEQUENCE s."Q q"',
               'FUNCTION s."f(x"(integer, text)']
        )
    )  # fmt: skip
    return f"ALTER {what} OWNER TO {name(draw(roles))}"


steps = st.lists(
    st.one_of(grant(), grant(), membership(), membership(), attributes(), owner(), somebodys()),
    min_size=5,
    max_size=60,
)


def build(driver: Driver, world: list[str]) -> int:
    """Make the world; what the server refuses is left out. How many steps were taken."""
    script = [f"CREATE ROLE {name(role)}" for role in ROLES]
    script += [f"CREATE SCHEMA {name(schema)}" for schema in SCHEMAS]
    columns = ", ".join(f"{name(column)} int" for column in COLUMNS)
    script += [f"CREATE TABLE {name(*table)} ({columns})" for table in TABLES]
    script += [
        "CREATE VIEW s.v AS SELECT * FROM s.t",
        "CREATE MATERIALIZED VIEW s.m AS SELECT * FROM s.t",
        'CREATE SEQUENCE s."Q q"',
        "CREATE FUNCTION s.\"f(x\"(integer, text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE s.\"ty pe\" AS ENUM ('a')",
    ]
    driver.execute(";\n".join(script).encode())
    taken = 0
    for step in world:
        driver.execute("SAVEPOINT step")
        try:
            driver.execute(step.encode())
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
    privileges = bits(of_kind(kind, model.facts.version))
    question = (
        "SELECT r.oid::int, o.place, p.bit FROM pg_roles r,"
        " unnest(%s::int[], %s::oid[], %s::int2[]) AS o(place, oid, attnum),"
        f" unnest(%s::int[], %s::text[]) AS p(bit, p) WHERE {ASK[kind]}"
    )
    rows = driver.execute(
        question.encode(),
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
        return {tuple(row) for row in driver.execute((question + condition).encode()).fetchall()}

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
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=steps)
def test_the_model_agrees_with_the_server(world: list[str], world_driver: Driver) -> None:
    build(world_driver, world)
    try:
        check(world_driver, read(world_driver))
    finally:
        world_driver.rollback()
