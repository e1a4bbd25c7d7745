"""Random worlds: SQL that hypothesis thinks up, run on a real server in a transaction."""

from __future__ import annotations

import psycopg
from hypothesis import strategies as st

from rolebrowser.grants.privileges import WORDS, Kind, bits, of_kind

from .conftest import Driver

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
