"""What people ask with `--why`, in the forms in which they write it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.model import Model
from rolebrowser.grants.privileges import WORDS
from rolebrowser.grants.question import Question, parse
from rolebrowser.grants.signatures import spelt
from rolebrowser.sandbox.postgres import PostgresServer

from .conftest import read

WORLD = """
CREATE ROLE alice; CREATE ROLE "Bob B"; CREATE SCHEMA s; CREATE SCHEMA "S x";
CREATE TABLE s.t (a int, "B, (b" int); CREATE TABLE "S x"."T.t" (a int);
GRANT UPDATE ("B, (b") ON s.t TO alice;
CREATE FUNCTION s.f(a int, b varchar) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION s.g(timestamptz, int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE s.p(int8) LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE s.q; CREATE TYPE s.ty AS ENUM ('x');
"""


@pytest.fixture(scope="module")
def listing(postgres_server: PostgresServer) -> Iterator[Listing]:
    with psycopg.connect(postgres_server.dsn()) as driver:
        driver.execute(WORLD)
        yield Listing(Model(read(driver)))
        driver.rollback()


def asked(text: str, listing: Listing) -> list[tuple[str, str, str]]:
    """(role, privilege, object) of each part."""
    found = parse(text, listing)
    parts = (found,) if isinstance(found, Question) else found.parts
    model = listing.model
    return [
        (
            model.roles[each.role].name,
            WORDS[each.privilege],
            object_name(model.facts, model.securables[each.place]),
        )
        for each in parts
    ]


@pytest.mark.parametrize(
    ("text", "privilege", "name"),
    [
        ("SELECT s.t", "SELECT", "s.t"),
        ("select on table s.t;", "SELECT", "s.t"),
        ('UPDATE("B, (b") s.t', "UPDATE", 's.t."B, (b"'),
        ('UPDATE ( "B, (b" ) ON s.t', "UPDATE", 's.t."B, (b"'),
        # Nothing was granted on the column: the table's rights decide.
        ("SELECT (a) ON s.t", "SELECT", "s.t"),
        ('SELECT "S x"."T.t"', "SELECT", '"S x"."T.t"'),
        ("EXECUTE f(int, varchar)", "EXECUTE", "function s.f(integer, character varying)"),
        ("EXECUTE ON FUNCTION s.g(timestamptz,int[])", "EXECUTE",
         "function s.g(timestamp with time zone, integer[])"),
        ("EXECUTE s.p(int8)", "EXECUTE", "procedure s.p(bigint)"),
        ("EXECUTE s.f", "EXECUTE", "function s.f(integer, character varying)"),
        ('USAGE ON SCHEMA "S x"', "USAGE", 'schema "S x"'),
        ("USAGE s", "USAGE", "schema s"),
        ("USAGE ON SEQUENCE s.q", "USAGE", "s.q"),
        ("USAGE s.ty", "USAGE", "type s.ty"),
        ("TEMP ON DATABASE postgres", "TEMPORARY", "database postgres"),
    ],
)  # fmt: skip
def test_a_privilege_is_asked_for_in_many_ways(
    text: str, privilege: str, name: str, listing: Listing
) -> None:
    assert asked(f"alice {text}", listing) == [("alice", privilege, name)]


def test_several_privileges_are_several_questions(listing: Listing) -> None:
    assert asked('alice SELECT, UPDATE (a, "B, (b") ON s.t', listing) == [
        ("alice", "SELECT", "s.t"),
        ("alice", "UPDATE", "s.t"),
        ("alice", "UPDATE", 's.t."B, (b"'),
    ]


def test_a_role_with_a_blank_in_its_name_needs_no_quotes(listing: Listing) -> None:
    assert asked("Bob B SELECT s.t", listing) == asked('"Bob B" SELECT s.t', listing)


def test_a_statement_is_told_from_a_privilege(listing: Listing) -> None:
    assert asked("alice SELECT (a) FROM s.t, s.q", listing) == [
        ("alice", "SELECT", "s.t"),
        ("alice", "SELECT", "s.q"),
    ]
    assert asked("alice INSERT INTO s.t(a) VALUES (1)", listing) == [("alice", "INSERT", "s.t")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alice", "asks nothing"),
        ("alice FLY s.t", "doesn't begin with a privilege"),
        ("alice SELECT", "on what"),
        ("alice USAGE s.t", "has no privilege USAGE"),
        ("alice USAGE (a) ON s.t", "has no privilege USAGE"),
        ("alice DELETE s", "s is a schema, and a schema has no privilege DELETE"),
        ("ERROR:  permission denied for table t", "refusal of the server's about table t"),
        ("psql:x.sql:3: ERROR:  permission denied for schema s", "about schema s"),
        ("permission denied for materialized view v", "about materialized view v"),
    ],
)
def test_what_is_no_question_is_told_so(text: str, said: str, listing: Listing) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(text, listing)


def test_what_to_ask_instead_is_told(listing: Listing) -> None:
    for text, fix in (
        ("alice DELETE s", "It has USAGE, CREATE: 'ROLE USAGE schema s'. DELETE is asked"),
        ("ERROR: permission denied for table t", "'ROLE SELECT t'"),
        ("permission denied for schema s", "'ROLE USAGE schema s'"),
    ):
        with pytest.raises(ConfigError) as told:
            parse(text, listing)
        assert fix in told.value.fix
    # What a statement speaks of is no refusal.
    assert asked("alice SELECT 'permission denied for table t' FROM s.t", listing)


@pytest.mark.parametrize("text", ["nobody SELECT s.t", "alice SELECT s.u", "alice SELECT (c) s.t"])
def test_what_is_not_there_is_told_so(text: str, listing: Listing) -> None:
    with pytest.raises(UnknownName):
        parse(text, listing)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("s.f()", "s.f()"),
        ("s.f( int4 ,TIMESTAMP  WITH TIME ZONE)", "s.f(integer, TIMESTAMP WITH TIME ZONE)"),
        ("f(varchar[], int[3][3])", "f(character varying[], integer[])"),
        ('"f(x"("My Type")', '"f(x"("My Type")'),
        ('"weird(a)"', '"weird(a)"'),
    ],
)
def test_types_are_spelt_as_the_server_spells_them(written: str, spelled: str) -> None:
    assert spelt(written) == spelled


def test_a_statement_alone_is_the_current_users(listing: Listing) -> None:
    me = listing.model.facts.user
    assert asked("UPDATE s.t SET a = 1;", listing) == [(me, "UPDATE", "s.t")]
    assert asked("select\na from s.t", listing) == [(me, "SELECT", "s.t")]
    with pytest.raises(UnknownName):
        parse("carol SELECT s.t", listing)
