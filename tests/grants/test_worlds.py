"""Random worlds on real servers: the model says of every role what has_*_privilege says."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings

from rolebrowser.connection.names import quoted
from rolebrowser.grants import bitset
from rolebrowser.grants.explain import Gate, why
from rolebrowser.grants.facts import Facts
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.privileges import RELATIONS, SELECT, WORDS, Kind, bits, of_kind

from .conftest import Driver, read
from .test_matrix import check_matrix
from .worlds import MORE, ROLES, TABLES, build, name, steps

ASK = {
    Kind.DATABASE: "has_database_privilege(r.oid, o.oid, p)",
    Kind.SCHEMA: "has_schema_privilege(r.oid, o.oid, p)",
    Kind.SEQUENCE: "has_sequence_privilege(r.oid, o.oid, p)",
    Kind.COLUMN: "has_column_privilege(r.oid, o.oid, o.attnum, p)",
    Kind.FUNCTION: "has_function_privilege(r.oid, o.oid, p)",
    Kind.TYPE: "has_type_privilege(r.oid, o.oid, p)",
    Kind.LANGUAGE: "has_language_privilege(r.oid, o.oid, p)",
    Kind.TABLESPACE: "has_tablespace_privilege(r.oid, o.oid, p)",
    Kind.PROCEDURE: "has_function_privilege(r.oid, o.oid, p)",
    Kind.FOREIGN_DATA_WRAPPER: "has_foreign_data_wrapper_privilege(r.oid, o.oid, p)",
    Kind.FOREIGN_SERVER: "has_server_privilege(r.oid, o.oid, p)",
    Kind.PARAMETER: "has_parameter_privilege(r.oid, o.name, p)",
    Kind.LARGE_OBJECT: "has_largeobject_privilege(r.oid, o.oid, p)",
} | dict.fromkeys(RELATIONS, "has_table_privilege(r.oid, o.oid, p)")


def server_says(driver: Driver, model: Model, kind: Kind, option: str = "") -> set[Any]:
    """(role, place, privilege) that has_*_privilege affirms, for all securables of a kind."""
    places = list(bitset.members(model.of_kind.get(kind, 0)))
    securables = [model.securables[place] for place in places]
    privileges = bits(of_kind(kind, model.facts.version))
    question = (
        "SELECT r.oid::int, o.place, p.bit FROM pg_roles r,"
        " unnest(%s::int[], %s::oid[], %s::int2[], %s::text[]) AS o(place, oid, attnum, name),"
        f" unnest(%s::int[], %s::text[]) AS p(bit, p) WHERE {ASK[kind]}"
    )
    rows = driver.execute(
        question.encode(),
        (
            places,
            [each.oid for each in securables],
            [each.attnum for each in securables],
            [each.name for each in securables],
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
        if kind in ASK and (kind is not Kind.LARGE_OBJECT or facts.version >= 180000):
            assert model_says(model, kind) == server_says(driver, model, kind), kind
            options = server_says(driver, model, kind, " WITH GRANT OPTION")
            assert model_says(model, kind, option=True) == options, kind
    check_memberships(driver, model)
    check_granting(driver, model)
    check_reading(driver, model)
    check_turned(model)
    check_paths(model)
    check_matrix(model)


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


def check_granting(driver: Driver, model: Model) -> None:
    """Who may grant which role: each tried, by the role itself."""
    graph = model.memberships
    ours = [n for n, role in enumerate(model.roles) if role.name in ROLES]
    for giver in ours[:6]:
        for role in ours:
            # A role can't be granted to one that it is itself a member of.
            fits = not graph.member_of[role] >> giver & 1
            expected = bool(graph.can_grant[giver] >> role & 1) and fits
            assert may_grant(driver, model, giver, role) == expected, (
                model.roles[giver].name,
                model.roles[role].name,
            )


def may_grant(driver: Driver, model: Model, giver: int, role: int) -> bool:
    own, granted = (name(model.roles[each].name) for each in (giver, role))
    driver.execute("SAVEPOINT try")
    try:
        driver.execute(f"SET LOCAL ROLE {own}; GRANT {granted} TO {own}".encode())
        return True
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.InvalidGrantOperation,
        psycopg.errors.InternalError_,
    ):
        # The last from 16 on: an ADMIN option that is not inherited ("no possible grantors").
        return False
    finally:
        driver.execute("ROLLBACK TO SAVEPOINT try; RESET ROLE")


def check_reading(driver: Driver, model: Model) -> None:
    """Who may read which relation, views with all that is behind them: each tried."""
    listing = Listing(model)
    places = listing.numbers(range(model.size))
    ours = [n for n, role in enumerate(model.roles) if role.name in ROLES][:6]
    for schema, relation in (*TABLES[:3], *MORE):
        title = f"{quoted(schema)}.{quoted(relation)}"
        place = places.get(title)
        if place is None or relation == "far":  # dropped; a server that has nothing to ask
            continue
        for role in ours:
            allowed = may_read(driver, model, role, name(schema, relation))
            answer = why(listing, role, place, SELECT)
            if not answer.partly:
                gates = (g for g in answer.gates if g.gate not in (Gate.LOGIN, Gate.CONNECT))
                assert allowed == all(g.passed is not False for g in gates), (role, answer)
            if model.may_connect(role):
                check_detours(listing, role, place, allowed)


def check_detours(listing: Listing, role: int, entrance: int, allowed: bool) -> None:
    """Who reads a view with the whole privilege comes through it, and nobody else."""
    whole = bool(listing.model.held(role).get(SELECT, 0) >> entrance & 1)
    for place in range(listing.model.size):
        for detour in listing.detours.to(place):
            if detour.entrance == entrance:
                assert bool(detour.users >> role & 1) == (allowed and whole), detour


def may_read(driver: Driver, model: Model, role: int, relation: str) -> bool:
    driver.execute("SAVEPOINT try")
    try:
        driver.execute(f"SET LOCAL ROLE {name(model.roles[role].name)}".encode())
        driver.execute(f"EXPLAIN SELECT * FROM {relation}".encode())
        return True
    except psycopg.errors.InsufficientPrivilege:
        return False
    finally:
        driver.execute("ROLLBACK TO SAVEPOINT try; RESET ROLE")


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


def check_paths(model: Model) -> None:
    """What is listed says through what."""
    listing = Listing(model)
    for record in listing.records(*listing.everything()):
        assert record.via, record


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
