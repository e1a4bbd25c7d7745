"""Backslash commands against the real psql 18, byte for byte, in worlds of odd names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from rolebrowser.connection import backslash
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
    ],
)
def test_a_command_answers_as_psql_18_does(
    world: str, connect: Connect, real_psql: Callable[..., str], command: str
) -> None:
    ours = backslash.run(command, connect(dbname=world)).result().text
    assert ours == real_psql(command, dbname=world)


def test_an_unknown_command_is_refused_in_psqls_words(connect: Connect) -> None:
    with pytest.raises(StatementError, match=r"invalid command \\foo"):
        backslash.run(r"\foo bar", connect()).result()


def test_too_many_dots_are_refused_in_psqls_words(connect: Connect) -> None:
    with pytest.raises(StatementError, match="too many dotted names"):
        backslash.run(r"\du a.b", connect()).result()
