"""What the classic tools would run is run: every statement of every view, about everything."""

from __future__ import annotations

import psycopg
import pytest

from rolebrowser.connection.statements import split
from rolebrowser.grants import classic
from rolebrowser.grants.picture import EVERYBODY
from rolebrowser.grants.postgres_picture import PostgresPicture
from rolebrowser.grants.question import Question
from rolebrowser.target import Engine

from .conftest import Driver, read

WORLD = r"""
CREATE ROLE "a'l""ice" LOGIN; CREATE ROLE group_;
CREATE SCHEMA "s'x"; CREATE TABLE "s'x"."t`""1" (a int, "b'c" int); CREATE SEQUENCE "s'x".q;
CREATE VIEW "s'x".v AS SELECT 1 AS one; CREATE TYPE "s'x".kind AS ENUM ('one');
CREATE FUNCTION "s'x".f(integer, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE "s'x".p() LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ("b'c") ON "s'x"."t`""1" TO group_; GRANT group_ TO "a'l""ice";
GRANT USAGE ON SCHEMA "s'x" TO PUBLIC
"""
VIEWS = ("matrix", "role", "table", "why", "compare", "seen", "changes")


@pytest.mark.parametrize("view", VIEWS)
def test_every_statement_can_be_run(any_driver: Driver, view: str) -> None:
    any_driver.execute(WORLD.encode())
    picture = PostgresPicture(read(any_driver))
    roles = [head.number for head in picture.roles if head.name in ("a'l\"ice", "PUBLIC")]
    assert EVERYBODY in roles
    places = [(-1, 0)]
    for level in picture.levels:
        mine = [head for head in picture.objects(level) if "s'x" in head.title] or list(
            picture.objects(level)[:1]
        )
        places += [(head.number, picture.privileges(head.number)[0]) for head in mine]
    texts = {
        picture.classic(view, Question(role, place, privilege), "group_")
        for role in roles
        for place, privilege in places
    }
    ran = 0
    for text in texts:
        for statement in split(text, Engine.POSTGRES):
            if statement.text.split()[-1].rstrip(";") in ("ROLLBACK", "ONLY"):
                continue  # we are inside a transaction
            ran += 1
            any_driver.execute("SAVEPOINT here")
            try:
                any_driver.execute(statement.text.encode())
            except psycopg.errors.InsufficientPrivilege:
                assert "EXPLAIN" in statement.text
            any_driver.execute("ROLLBACK TO here")
    assert ran or texts == {classic.NOTHING}
