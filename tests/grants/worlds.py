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
VIEWS = (("s", "v"), ("s", "m"), ("public", "top"), ("s", "asking"), ("s", "over"))
MORE = (("s", "whole"), ("s", "part"), ("s", "far"), *VIEWS)
"""Partitioned, a partition of it, a foreign table, and views of several kinds."""
LARGE_OBJECT = 424242
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
    to = name(draw(roles))
    if not draw(st.integers(0, 5)):
        what = draw(st.sampled_from(("", "ADMIN OPTION FOR", "INHERIT OPTION FOR",
                                     "SET OPTION FOR")))  # fmt: skip
        return f"REVOKE {what} {name(role)} FROM {to} CASCADE"
    option = draw(
        st.sampled_from(
            ("", "", "WITH ADMIN OPTION", "WITH INHERIT FALSE", "WITH SET FALSE",
             "WITH INHERIT FALSE, SET FALSE, ADMIN TRUE", "WITH INHERIT TRUE",
             f"WITH INHERIT TRUE, SET FALSE GRANTED BY {name(draw(roles))}")
        )
    )  # fmt: skip
    return f"GRANT {name(role)} TO {to} {option}"


def _on(draw: st.DrawFn) -> str:
    """Privileges, and what they are granted on."""
    kind = draw(st.sampled_from(("t", "t", "t", "c", "n", "n", "d", "q", "f", "T", "o", "all")))
    table = name(*draw(st.sampled_from(TABLES + MORE)))
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
        called = st.sampled_from(('FUNCTION s."f(x"(integer, text)', "FUNCTION s.definer()",
                                  "PROCEDURE s.p()", "FUNCTION s.agg(int)"))  # fmt: skip
        return f"EXECUTE ON {draw(called)}"
    if kind == "T":
        return f"""USAGE ON {draw(st.sampled_from(('TYPE s."ty pe"', "DOMAIN s.d")))}"""
    if kind == "o":
        return draw(st.sampled_from(OTHERS))
    return f"ALL ON TABLE {table}"


OTHERS = (
    f"SELECT ON LARGE OBJECT {LARGE_OBJECT}", f"UPDATE ON LARGE OBJECT {LARGE_OBJECT}",
    "USAGE ON FOREIGN DATA WRAPPER w", "USAGE ON FOREIGN SERVER far", "USAGE ON LANGUAGE sql",
    "USAGE ON LANGUAGE plpgsql", "CREATE ON TABLESPACE pg_default", "SET ON PARAMETER work_mem",
    "ALTER SYSTEM ON PARAMETER work_mem", "SELECT ON TABLE pg_catalog.pg_authid",
    "UPDATE ON TABLE pg_catalog.pg_class", "USAGE ON SCHEMA pg_catalog",
    "EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text)",
)  # fmt: skip


@st.composite
def grant(draw: st.DrawFn) -> str:
    on = _on(draw)
    role = grantee_name(draw(grantees))
    if draw(st.integers(0, 3)):
        return f"GRANT {on} TO {role}" + (" WITH GRANT OPTION" if draw(st.booleans()) else "")
    return f"REVOKE {on} FROM {role}" + (" CASCADE" if draw(st.booleans()) else "")


@st.composite
def somebodys(draw: st.DrawFn) -> str:
    """A grant by who was given the right to it, or by somebody who may not be allowed to."""
    giver = name(draw(roles))
    kind = draw(st.sampled_from(("object", "role", "whatever")))
    if kind == "object":
        on, other = _on(draw), grantee_name(draw(grantees))
        usage = ", ".join(map(name, (*SCHEMAS, "public")))
        before = (
            f"GRANT USAGE ON SCHEMA {usage} TO {giver}; GRANT {on} TO {giver} WITH GRANT OPTION"
        )
        step = f"GRANT {on} TO {other}"
    elif kind == "role":
        role, other = name(draw(roles)), name(draw(roles))
        before = f"GRANT {role} TO {giver} WITH ADMIN OPTION"
        step = f"GRANT {role} TO {other}"
    else:
        before, step = "SELECT 1", draw(st.one_of(grant(), membership()))
    return f"{before}; SET LOCAL ROLE {giver}; {step}; RESET ROLE"


@st.composite
def owner(draw: st.DrawFn) -> str:
    what = draw(
        st.sampled_from(
            [f"TABLE {name(*table)}" for table in TABLES]
            + [f"SCHEMA {name(schema)}" for schema in SCHEMAS]
            + ["DATABASE postgres", "VIEW s.v", "VIEW public.top", "VIEW s.asking", "VIEW s.over",
               'TYPE s."ty pe"',
               'SEQUENCE s."Q q"', 'FUNCTION s."f(x"(integer, text)', "FUNCTION s.definer()",
               "TABLE s.whole", "FOREIGN TABLE s.far", "MATERIALIZED VIEW s.m",
               f"LARGE OBJECT {LARGE_OBJECT}", "SERVER far"]
        )
    )  # fmt: skip
    return f"ALTER {what} OWNER TO {name(draw(roles))}"


@st.composite
def defaults(draw: st.DrawFn) -> str:
    """Default privileges, and something made under them."""
    role = name(draw(roles))
    where = draw(st.sampled_from(("", "IN SCHEMA s")))
    word = draw(st.sampled_from(("ALL", "SELECT")))
    to = grantee_name(draw(grantees))
    verb = draw(st.sampled_from((f"GRANT {word} ON TABLES TO", f"REVOKE {word} ON TABLES FROM",
                                 "GRANT ALL ON SEQUENCES TO", "REVOKE ALL ON TYPES FROM",
                                 "REVOKE EXECUTE ON FUNCTIONS FROM")))  # fmt: skip
    made = draw(st.sampled_from(("TABLE s.made (c int)", "SEQUENCE s.counted",
                                 "TYPE s.listed AS ENUM ('a')", "VIEW s.seen AS SELECT 1 AS c",
                                 "FUNCTION s.called() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                                 "SCHEMA made")))  # fmt: skip
    return (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {role} {where} {verb} {to};"
        f" GRANT CREATE ON SCHEMA s TO {role}; SET LOCAL ROLE {role}; CREATE {made}; RESET ROLE"
    )


@st.composite
def gone(draw: st.DrawFn) -> str:
    """A role dropped as one should, or torn out of the catalog, so that ACLs still name it."""
    role = draw(roles)
    if draw(st.booleans()):
        return f"DROP OWNED BY {name(role)}; DROP ROLE {name(role)}"
    # A plain literal: standard_conforming_strings keeps a backslash a backslash.
    literal = role.replace("'", "''")
    return (
        f"SET LOCAL allow_system_table_mods = on; DELETE FROM pg_authid WHERE rolname = '{literal}'"
    )


steps = st.lists(
    st.one_of(
        grant(),
        grant(),
        grant(),
        membership(),
        membership(),
        membership(),
        attributes(),
        owner(),
        owner(),
        somebodys(),
        defaults(),
        gone(),
    ),
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
        "CREATE DOMAIN s.d AS int",
        "CREATE TABLE s.whole (c int) PARTITION BY RANGE (c)",
        "CREATE TABLE s.part PARTITION OF s.whole FOR VALUES FROM (0) TO (10)",
        "CREATE FOREIGN DATA WRAPPER w",
        "CREATE SERVER far FOREIGN DATA WRAPPER w",
        "CREATE FOREIGN TABLE s.far (c int) SERVER far",
        "CREATE VIEW public.top AS SELECT v.c FROM s.v JOIN s.whole USING (c)",
        "CREATE PROCEDURE s.p() LANGUAGE sql AS 'SELECT 1'",
        "CREATE AGGREGATE s.agg(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0')",
        "CREATE FUNCTION s.definer() RETURNS bigint SECURITY DEFINER LANGUAGE sql"
        " AS 'SELECT count(*) FROM s.t'",
        f"SELECT lo_create({LARGE_OBJECT})",
    ]
    invoker = "WITH (security_invoker)" if driver.info.server_version >= 150000 else ""
    script += [
        f"CREATE VIEW s.asking {invoker} AS SELECT c FROM s.t",
        "CREATE VIEW s.over AS SELECT asking.c FROM s.asking, s.m",
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
