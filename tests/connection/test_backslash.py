"""Backslash commands against the real psql 18, byte for byte, in worlds of odd names."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from rolebrowser.connection import backslash
from rolebrowser.connection.describe import COMMANDS
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.errors import StatementError

Connect = Callable[..., PostgresConnection]

WORLD = [
    "CREATE ROLE readers",
    "CREATE ROLE app LOGIN IN ROLE readers CONNECTION LIMIT 1 VALID UNTIL 'infinity'",
    "CREATE ROLE noinherit NOINHERIT LOGIN CONNECTION LIMIT 0",
    "CREATE ROLE many LOGIN CONNECTION LIMIT 7 REPLICATION BYPASSRLS CREATEDB CREATEROLE",
    "CREATE ROLE expired LOGIN VALID UNTIL '2020-02-29 12:00:00+00'",
    'CREATE ROLE "Mixed Case" LOGIN',
    'CREATE ROLE "宽字符" LOGIN',
    'CREATE ROLE "e\u0301moji 🎉" NOLOGIN',
    'CREATE ROLE "two\nlines"',
    'CREATE ROLE "tab\there"',
    'CREATE ROLE "esc\x1b[31m"',
    'CREATE ROLE "c1\x85\x9b"',
    'CREATE ROLE "cr\rhere"',
    'CREATE ROLE "bidi\u202e zero\u200b"',
    'CREATE ROLE "quo""te\'s"',
    "COMMENT ON ROLE readers IS 'reads\nmuch, 说明'",
    "COMMENT ON ROLE app IS '[@click=app.quit]x[/]'",
    'GRANT readers TO "Mixed Case" WITH ADMIN OPTION',
    "GRANT readers TO many WITH INHERIT FALSE, SET FALSE",
    "GRANT app TO noinherit WITH INHERIT TRUE, SET FALSE",
    "CREATE SCHEMA odd",
    'CREATE SCHEMA "Wide 字"',
    "CREATE TABLE odd.plain (a int, b text)",
    'CREATE TABLE public."Ta""ble" (a int, "co l" text)',
    "GRANT SELECT, UPDATE ON odd.plain TO readers WITH GRANT OPTION",
    'GRANT SELECT (a), UPDATE (b) ON odd.plain TO "Mixed Case"',
    "ALTER TABLE odd.plain ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON odd.plain AS RESTRICTIVE FOR SELECT TO readers USING (a > 0)",
    "CREATE POLICY theirs ON odd.plain USING (true) WITH CHECK (b <> 'x')",
    'GRANT SELECT ON public."Ta""ble" TO PUBLIC',
    'CREATE VIEW public.seen AS SELECT * FROM public."Ta""ble"',
    "CREATE SEQUENCE public.counter",
    "REVOKE ALL ON public.seen FROM rdsadmin",
    "GRANT USAGE ON SCHEMA odd TO readers",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA odd GRANT SELECT ON TABLES TO readers",
    "ALTER DEFAULT PRIVILEGES FOR ROLE many REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "GRANT CONNECT ON DATABASE oddities TO readers",
    "COMMENT ON SCHEMA odd IS 'a\ttab'",
]
ROLES = [line.split()[2] for line in WORLD if line.startswith("CREATE ROLE") and '"' not in line]


@pytest.fixture(scope="module")
def world(postgres_server) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """A database of oddities; its roles go with it."""
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as admin:
        before = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
        admin.execute("CREATE DATABASE oddities")
    with psycopg.connect(postgres_server.dsn("oddities"), autocommit=True) as admin:
        for line in WORLD:
            admin.execute(line.encode())
    yield "oddities"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as admin:
        admin.execute("DROP DATABASE oddities WITH (FORCE)")
        made = admin.execute("SELECT rolname FROM pg_roles").fetchall()
        for (name,) in made:
            if name not in before:
                admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.mark.parametrize(
    "command",
    [
        r"\du",
        r"\du+",
        r"\duS",
        r"\duS+",
        r"\du app",
        r"\du *e*",
        r'\du "Mixed Case"',
        r"\du Mixed?Case",
        r"\du nobody",
        r"\du+ rea*",
        r"\drg",
        r"\drgS",
        r"\drg many",
        r"\dp",
        r"\dp odd.*",
        r"\dp odd.pl?in",
        r'\dp "Ta""ble"',
        r"\dp *.plain",
        r"\dpS pg_class",
        r"\z nothing",
        r"\ddp",
        r"\ddp odd",
        r"\dn",
        r"\dn+",
        r"\dnS",
        r"\dnS+ o*",
        r'\dn "Wide 字"',
        r"\l",
        r"\l odd*",
        r"\l+ oddities",
        r"\list odd*",
        r"\d",
        r"\d+",
        r"\dS",
        r"\dt",
        r"\dt+ odd.*",
        r"\dtS pg_cl*",
        r"\dt *.*",
        r"\dv",
        r"\di+",
        r"\diS pg_class*",
        r"\ds",
        r"\df",
        r"\df+ pg_catalog.abs",
        r"\df int4pl",
        r"\dfa",
        r"\dfw rank",
        r"\dfn+ abs float8",
        r"\dfpt",
        r"\dfnpS ab*",
        r"\df int4pl int integer",
        r"\df * int[]",
        r"\df *abs* -",
        r'\df * pg_catalog.int8 "double precision"',
        r"\df a.b.c.d",
        r"\dtv",
        r"\dtvs+ *",
        r"\dti *",
        r"\dsv+ odd.*",
        r"\dEm",
        r"\dxS",
        r"\ddpS+ odd",
        r"\z+",
        r"\dx",
        r"\dx+",
        r"\dx+ pl*",
        r"\dx+ nothing",
        r"\dx+x",
        r"\dux",
        r"\dux nobody",
        r"\dnx nobody",
        r"\dpx",
        r"\lx",
        r"\dgS+x",
        r"\drg+",
        r"\dp oddities.odd.plain",
        r"\du $a",
        r"\du pg_*",
        r"\du app|many",
        r"\dp odd.[]",
        # Refused in psql's words.
        r"\dp other.odd.plain",
        r"\dp a.b.c.d",
        r"\dn a.b",
        r"\dn a.b.c",
        r"\du a.b",
        r"\ddp odd.x",
        r"\dt nothing",
        r"\dm",
        r"\dt 'x y'",
    ],
)
def test_a_command_answers_as_psql_18_does(
    world: str, connect: Connect, real_psql: Callable[..., str], command: str
) -> None:
    try:
        ours = backslash.run(command, connect(dbname=world)).result().text
    except StatementError as error:
        ours = f"{error.what}\n"
    assert ours == real_psql(command, dbname=world)


def test_conninfo_is_psqls_but_for_the_process(
    world: str, connect: Connect, real_psql: Callable[..., str]
) -> None:
    def without_pid(text: str) -> list[str]:
        return [line for line in text.splitlines() if "Backend PID" not in line]

    ours = backslash.run(r"\conninfo", connect(dbname=world)).result().text
    assert without_pid(ours) == without_pid(real_psql(r"\conninfo", dbname=world))


def test_arguments_too_many_are_said_in_psqls_words(connect: Connect) -> None:
    outcome = backslash.run(r"\du a* b", connect()).result()
    assert [notice.text for notice in outcome.notices] == [r'\du: extra argument "b" ignored']


def test_the_grid_gets_the_same_data(connect: Connect) -> None:
    outcome = backslash.run(r"\du rdsadmin", connect()).result()
    assert [column.name for column in outcome.columns] == ["Role name", "Attributes"]
    ((name, attributes),) = outcome.page.rows
    assert name == "rdsadmin"
    assert (attributes or "").startswith("Superuser, ")


def test_the_help_lists_every_command(connect: Connect) -> None:
    text = backslash.run(r"\?", connect()).result().text
    for name in COMMANDS:
        assert f"\\{name}" in text


ATTRIBUTES = [
    *("SUPERUSER", "NOINHERIT", "CREATEROLE", "CREATEDB", "LOGIN", "REPLICATION", "BYPASSRLS"),
    *("CONNECTION LIMIT 0", "CONNECTION LIMIT 1", "CONNECTION LIMIT 12"),
    *("VALID UNTIL 'infinity'", "VALID UNTIL '2031-05-06'", "VALID UNTIL '-infinity'"),
]
names = st.text(
    st.one_of(
        st.sampled_from("ab\"' \t\n\r\x1b\x7f\x9b.*?$\\|+é字🎉\u0301\u202e"),
        st.characters(codec="utf-8", exclude_characters="\0").filter(
            lambda char: ord(char) & 0xFFFE != 0xFFFE
        ),
    ),
    min_size=1,
    max_size=12,
)
roles = st.dictionaries(names, st.lists(st.sampled_from(ATTRIBUTES), unique=True), max_size=5)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(roles, names)
def test_any_roles_are_shown_as_psql_18_shows_them(
    admin: psycopg.Connection[tuple[object, ...]],
    connect: Connect,
    real_psql: Callable[..., str],
    world: dict[str, list[str]],
    comment: str,
) -> None:
    connection = connect()
    made = {f"t {name}": attributes for name, attributes in world.items()}
    previous = "rdsadmin"
    try:
        for name, attributes in made.items():
            role = sql.Identifier(name).as_string(admin)
            kinds = {attribute.split()[0]: attribute for attribute in attributes}
            admin.execute(f"CREATE ROLE {role} {' '.join(kinds.values())}".encode())
            literal = sql.Literal(comment).as_string(admin)
            admin.execute(f"COMMENT ON ROLE {role} IS {literal}".encode())
            admin.execute(f"GRANT {sql.Identifier(previous).as_string(admin)} TO {role}".encode())
            previous = name
        for command in (r"\du", r"\du+", r"\drg", r"\dux+"):
            assert backslash.run(command, connection).result().text == real_psql(command)
    finally:
        for name in reversed(made):
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.mark.parametrize(
    "text", ["\\", "\\ ", "\\;", "\\du '", '\\du "', "\\d\0", "\\é", "\\l \\ "]
)
def test_no_command_is_too_odd(connect: Connect, text: str) -> None:
    with contextlib.suppress(StatementError):
        assert backslash.run(text, connect()).result().text


def test_an_unknown_command_is_refused_in_psqls_words(connect: Connect) -> None:
    with pytest.raises(StatementError, match=r"invalid command \\foo"):
        backslash.run(r"\foo bar", connect()).result()
