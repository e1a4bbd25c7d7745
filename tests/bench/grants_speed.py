"""`python tests/bench/grants_speed.py`: all rights of 500 roles on 5,000 tables, ours and theirs.

Theirs is the obvious way, the cross product of has_table_privilege; both must say the same.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg

from rolebrowser.connection.postgres import open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import parse
from rolebrowser.grants import postgres
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.model import Model
from rolebrowser.grants.privileges import RELATIONS, WORDS, bits, of_kind
from rolebrowser.sandbox.postgres import PostgresServer

TABLES, ROLES, SCHEMAS = 5000, 500, 50


def world() -> str:
    """SQL of the world: a third of the roles log in, each is in a few groups, four deep."""
    dice = random.Random(6)
    steps = [f"CREATE ROLE r{n} {'LOGIN' if n % 3 else 'NOLOGIN'}" for n in range(ROLES)]
    for n in range(1, ROLES):
        for other in {dice.randrange(n) for _ in range(dice.randrange(1, 4))}:
            option = dice.choice(("", "", "", "WITH INHERIT FALSE"))
            steps.append(f"GRANT r{other // 4} TO r{n} {option}")
    for schema in range(SCHEMAS):
        steps.append(f"CREATE SCHEMA s{schema}")
        steps.append(f"GRANT USAGE ON SCHEMA s{schema} TO r{schema}, r{schema + 1}")
    words = ("SELECT", "INSERT", "UPDATE", "DELETE", "SELECT, INSERT", "ALL", "TRUNCATE")
    for n in range(TABLES):
        table = f"s{n % SCHEMAS}.t{n}"
        steps.append(f"CREATE TABLE {table} (a int, b text)")
        for _ in range(dice.randrange(2, 7)):
            role = dice.randrange(ROLES) if dice.random() < 0.4 else dice.randrange(20)
            steps.append(f"GRANT {dice.choice(words)} ON {table} TO r{role}")
        if n % 50 == 0:
            steps.append(f"GRANT SELECT ON {table} TO PUBLIC")
            steps.append(f"GRANT UPDATE (a) ON {table} TO r{n % ROLES}")
    return ";\n".join(steps)


def median(work: Callable[[], Any], rounds: int = 7) -> tuple[float, Any]:
    """Median seconds of some work, and what it gave last."""
    times: list[float] = []
    result: Any = None
    for _ in range(rounds):
        started = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - started)
    return statistics.median(times), result


def row(name: str, seconds: float, aim: float | None = None) -> None:
    """One line of the table; times in milliseconds."""
    aimed = f"{aim * 1000:8.0f}" if aim is not None else " " * 8
    print(f"{name:<58} {seconds * 1000:9.1f} {aimed}", flush=True)


def everything(model: Model) -> int:
    """All states of all roles; how many bits are held on tables."""
    tables = 0
    for kind in RELATIONS:
        tables |= model.of_kind.get(kind, 0)
    held = 0
    for role in range(len(model.roles)):
        held += sum((having & tables).bit_count() for having in model.held(role).values())
        model.states(role)
    return held


def main() -> None:
    """Build the world, measure, compare."""
    with PostgresServer.start() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as driver:
            for step in world().split(";\n"):
                driver.execute(step.encode())
            driver.execute("ANALYZE")
        connection = open_connection(parse(server.dsn(), {}, None), Settings())
        print(f"{'median ms':<58} {'ours':>9} {'aim':>8}")
        seconds, facts = median(lambda: postgres.load(connection))
        row("facts: query, transfer, parse", seconds)
        bits_seconds, held = median(lambda: everything(Model(facts)))
        row("all states of all roles", bits_seconds)
        row("facts and all bits", seconds + bits_seconds, 0.5)
        of_one(facts)
        connection.close()
        if "--ours" not in sys.argv:
            theirs(server, held)


def of_one(facts: Any) -> None:
    """One role, one table: from the facts, nothing remembered."""
    row("model from facts", median(lambda: Model(facts).of_kind)[0])
    fresh = [Model(facts) for _ in range(21)]
    for each in fresh:
        each.states(0)
    role = ROLES // 2
    row("one role × all tables, the first time", median(lambda: fresh.pop().states(role))[0], 0.02)
    holders = [Holders(each) for each in fresh]
    table = Listing(fresh[0]).find_table("s7.t7")
    seconds, _ = median(lambda: holders.pop().states(table))
    row("one table × all roles, the first time", seconds, 0.02)
    listing = Listing(fresh[0])
    roles, places = listing.everything()
    seconds, rows = median(lambda: list(listing.records(roles, listing.with_columns(table))), 3)
    row(f"one table × all roles, {len(rows)} records with paths", seconds)
    seconds, rows = median(lambda: list(listing.records([role], places)), 3)
    row(f"one role × all objects, {len(rows)} records with paths", seconds)


def theirs(server: PostgresServer, held: int) -> None:
    """has_table_privilege, role by role."""
    with psycopg.connect(server.dsn()) as driver:
        words = [WORDS[bit] for bit in bits(of_kind(next(iter(RELATIONS)), 180000))]
        started = time.perf_counter()
        found = driver.execute(
            "SELECT count(*) FROM pg_roles r, pg_class c, unnest(%s::text[]) AS p"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'"
            " AND c.relnamespace <> 'pg_toast'::regnamespace"
            " AND has_table_privilege(r.oid, c.oid, p)",
            (words,),
        ).fetchone()
        row("has_table_privilege for all", time.perf_counter() - started)
    count = found[0] if found else 0
    print(f"{held} rights by ours, {count} by theirs: {'the same' if held == count else 'WRONG'}")
    if held != count:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
