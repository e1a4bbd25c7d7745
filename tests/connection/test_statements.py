"""Splitting scripts by psql's rules, and taking text apart without losing any of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.connection.statements import split, statement_at
from rolebrowser.target import Engine

pieces = st.lists(
    st.sampled_from(
        (
            *("'", '"', "`", "$", "$$", "$a$", "--", "/*", "*/", "\\", ";", "(", ")", "\n", " "),
            *("E'", "a", "1", "é", "\0", "BEGIN ", "END ", "CASE ", "CREATE ", "FUNCTION "),
            *("DELIMITER ", "//", "\ud800", "''", '""', "\\'", "x'", "#"),
        )
    ),
    max_size=30,
).map("".join)
anything = st.one_of(pieces, st.text(max_size=40))
engines = st.sampled_from(list(Engine))


@given(anything, engines)
def test_tokens_joined_give_the_text_back(text: str, engine: Engine) -> None:
    found = list(tokens(text, engine))
    assert "".join(token.text for token in found) == text
    assert [token.start for token in found] == [
        sum(len(before.text) for before in found[:place]) for place in range(len(found))
    ]


@given(anything, engines)
def test_splitting_loses_nothing_but_blanks_comments_and_delimiters(
    text: str, engine: Engine
) -> None:
    if "DELIMITER" in text:
        return
    place = 0
    between: list[str] = []
    for statement in split(text, engine):
        assert text[statement.start : statement.end] == statement.text
        assert place <= statement.start < statement.end
        between.append(text[place : statement.start])
        place = statement.end
    for piece in (*between, text[place:]):
        kinds = {token.kind for token in tokens(piece, engine)}
        assert kinds <= {Kind.SEMICOLON, Kind.COMMENT, Kind.SPACE}


@given(anything, engines, st.integers(-2, 50))
def test_the_statement_at_a_place_is_one_of_the_split(
    text: str, engine: Engine, offset: int
) -> None:
    statement = statement_at(text, offset, engine)
    found = split(text, engine)
    assert statement in found if found else statement is None


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        ("SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", "SELECT 2"]),
        (r"SELECT E'\';'; SELECT 2", [r"SELECT E'\';'", "SELECT 2"]),
        (r"SELECT '\'; SELECT 2", [r"SELECT '\'", "SELECT 2"]),
        ("SELECT E'a'\n  'b\\';'; SELECT 2", ["SELECT E'a'\n  'b\\';'", "SELECT 2"]),
        ('SELECT ";""" FROM x; y', ['SELECT ";""" FROM x', "y"]),
        ("SELECT $$;$$; SELECT $a$;$$;$a$", ["SELECT $$;$$", "SELECT $a$;$$;$a$"]),
        ("SELECT a$b$, c$b$; y", ["SELECT a$b$, c$b$", "y"]),
        ("SELECT $1; y", ["SELECT $1", "y"]),
        ("SELECT 1 -- ; no\n; y", ["SELECT 1", "y"]),
        ("SELECT /* ; /* ; */ ; */ 1; y", ["SELECT /* ; /* ; */ ; */ 1", "y"]),
        ("CREATE RULE r AS ON INSERT TO t DO (a; b); y",
         ["CREATE RULE r AS ON INSERT TO t DO (a; b)", "y"]),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END;"
         " END; y",
         ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 "
          "END; END", "y"]),
        ("CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC x; END; y",
         ["CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC x; END", "y"]),
        ("BEGIN; SELECT 1; END", ["BEGIN", "SELECT 1", "END"]),
        ("; ;; \n -- nothing\n", []),
        ("\\du\nSELECT 1;\n  \\dp x.*  \nSELECT 2",
         ["\\du", "SELECT 1", "\\dp x.*", "SELECT 2"]),
        ("SELECT 1 \\gx\nSELECT 2", ["SELECT 1", "\\gx", "SELECT 2"]),
        ("-- about it\nSELECT 1; -- behind it\n\n-- the next\nSELECT 2",
         ["-- about it\nSELECT 1", "-- the next\nSELECT 2"]),
        ("SELECT 'never ends; SELECT 2", ["SELECT 'never ends; SELECT 2"]),
        ("SELECT é; SELECT \"字;\"", ["SELECT é", "SELECT \"字;\""]),
    ],
)  # fmt: skip
def test_a_script_is_split_as_psql_splits_it(script: str, expected: list[str]) -> None:
    assert [statement.text for statement in split(script)] == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("SELECT `;`; SELECT 2", ["SELECT `;`", "SELECT 2"]),
        (r"SELECT '\';'; SELECT 2", [r"SELECT '\';'", "SELECT 2"]),
        ('SELECT "a\\";"; y', ['SELECT "a\\";"', "y"]),
        ("SELECT 1 # ;\n; y", ["SELECT 1", "y"]),
        ("SELECT 1--1; y", ["SELECT 1--1", "y"]),
        ("SELECT /* /* ; */ 1; y", ["SELECT /* /* ; */ 1", "y"]),
        ("SELECT $$; y", ["SELECT $$", "y"]),
        ("DELIMITER //\nCREATE PROCEDURE p() BEGIN a; b; END//\nDELIMITER ;\nSELECT 1; y",
         ["CREATE PROCEDURE p() BEGIN a; b; END", "SELECT 1", "y"]),
        ("DELIMITER $$\nCREATE PROCEDURE p() BEGIN a; b; END$$\nSELECT 1$$\nSELECT '$$' $$ y",
         ["CREATE PROCEDURE p() BEGIN a; b; END", "SELECT 1", "SELECT '$$'", "y"]),
    ],
)  # fmt: skip
def test_a_mysql_script_is_split_as_the_mysql_client_splits_it(
    script: str, expected: list[str]
) -> None:
    assert [statement.text for statement in split(script, Engine.MYSQL)] == expected


def test_the_cursor_finds_its_statement() -> None:
    text = "SELECT 1;\n\nSELECT 2;  \n\\du\n"
    chosen = {
        offset: (found := statement_at(text, offset)) and found.text for offset in range(len(text))
    }
    assert chosen[0] == chosen[8] == "SELECT 1"
    assert chosen[text.index("SELECT 2")] == "SELECT 2"
    assert chosen[text.index("\\du") + 2] == "\\du"
    assert statement_at("  -- nothing\n", 3) is None


def test_a_statement_says_whether_it_was_ended() -> None:
    assert [statement.complete for statement in split("a; b")] == [True, False]


def test_a_long_script_is_split_in_one_go() -> None:
    script = "INSERT INTO t VALUES (1, 'x;y', $$;$$); -- no\n" * 5000
    assert len(split(script)) == 5000
    assert re.sub(r"; -- no\n", "", script).startswith(split(script)[0].text)
