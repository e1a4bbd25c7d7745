"""Suggestions do what they say: on the model, and run for real in a transaction."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolebrowser.connection.names import quoted
from rolebrowser.grants import fix, operations
from rolebrowser.grants.facts import Facts, Securable
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.privileges import Kind, bits

from .conftest import Driver, read
from .worlds import build, steps

Asked = tuple[int, int, int]


def acls(facts: Facts) -> dict[tuple[Kind, int, int], object]:
    """Every ACL, without the order of its entries; a default one spelled out."""

    def entries(each: Securable) -> object:
        return frozenset(model.entries(each))

    model = Model(facts)
    return {
        (each.kind, each.oid, each.attnum): entries(each)
        for each in model.securables
        if model.entries(each)
    }


def run(driver: Driver, plan: fix.Plan, reader: str = "") -> Facts | None:
    """The facts after the statements were really run; None: the reader may not."""
    driver.execute("SAVEPOINT plan")
    try:
        if reader:
            driver.execute(f"SET SESSION AUTHORIZATION {quoted(reader)}".encode())
        for statement in plan.statements:
            driver.execute(statement.encode())
        if reader:
            driver.execute("RESET SESSION AUTHORIZATION")
        return read(driver)
    except psycopg.errors.InsufficientPrivilege:
        return None
    finally:
        driver.execute("ROLLBACK TO SAVEPOINT plan")


def questions(model: Model, dice: random.Random, count: int) -> list[Asked]:
    places = [n for n, each in enumerate(model.securables) if not model.facts.is_system(each)]
    roles = [n for n, role in enumerate(model.roles) if not role.predefined]
    found: list[Asked] = []
    while len(found) < count:
        place = dice.choice(places)
        privilege = dice.choice(bits(model.privileges(model.securables[place])))
        found.append((dice.choice(roles), place, privilege))
    return found


def state(listing: Listing, after: Facts, asked: Asked) -> State | None:
    """How it stands after; numbers of another reading are other numbers."""
    role, place, privilege = asked
    was = listing.model.securables[place]
    model = Model(after)
    number = model.memberships.number[listing.model.roles[role].oid]
    there = model.number.get((was.kind, was.oid, was.attnum))
    return fix.state_of(model, number, there, privilege) if there is not None else None


def check(driver: Driver, facts: Facts, listing: Listing, asked: Asked) -> None:
    """Both fixes, each plan run for real."""
    given_ = fix.giving(listing, *asked)
    for plan in given_.plans:
        after = run(driver, plan)
        assert after is not None
        assert plan.reached
        assert state(listing, after, asked) is State.EFFECTIVE, plan
        assert acls(operations.apply(facts, plan.operations)) == acls(after), plan
    taken = fix.taking(listing, *asked)
    for plan in taken.plans:
        after = run(driver, plan)
        assert after is not None
        reached = state(listing, after, asked) in (None, State.ESCALATABLE)
        assert reached == plan.reached, plan
        assert acls(operations.apply(facts, plan.operations)) == acls(after), plan
    before = fix.state_of(listing.model, *asked)
    superuser = listing.model.roles[asked[0]].superuser
    if before in (State.EFFECTIVE, State.BLOCKED, State.LATENT) and not superuser:
        assert taken.sentences or taken.plans


def check_who_may(driver: Driver, facts: Facts, asked: Asked, reader: str) -> None:
    """What is said of who may run a plan, held against somebody who runs it."""
    listing = Listing(Model(replace(facts, user=reader)))
    wanted = {fix.giving: (State.EFFECTIVE,), fix.taking: (None, State.ESCALATABLE)}
    for suggest, states in wanted.items():
        for plan in suggest(listing, *asked).plans:
            after = run(driver, plan, reader)
            # Without the right to them GRANT and REVOKE only warn, where one has another right.
            did = after is not None and state(listing, after, asked) in states
            told = any("may not run it" in note for note in plan.notes)
            assert not plan.reached or did is not told, (reader, plan)


@settings(
    max_examples=int(os.environ.get("ROLEBROWSER_WORLDS", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=steps, seed=st.integers(0, 2**32))
def test_what_is_suggested_does_it(world: list[str], seed: int, world_driver: Driver) -> None:
    build(world_driver, world)
    try:
        facts = read(world_driver)
        listing = Listing(Model(facts))
        dice = random.Random(seed)
        readers = [role.name for role in facts.roles if not role.predefined]
        for asked in questions(listing.model, dice, 6):
            check(world_driver, facts, listing, asked)
            check_who_may(world_driver, facts, asked, dice.choice(readers))
    finally:
        world_driver.rollback()
