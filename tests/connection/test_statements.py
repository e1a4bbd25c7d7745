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
        # Two backslashes lead from a command back to SQL.
        assert kinds <= {Kind.SEMICOLON, Kind.COMMENT, Kind.SPACE, Kind.BACKSLASH}


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
        ("SELECT 1 \\gx f.txt \\\\ SELECT 2; y",
         ["SELECT 1", "\\gx f.txt", "SELECT 2", "y"]),
        ("SELECT 1\\G SELECT 2\\G; y", ["SELECT 1", "\\G", "SELECT 2", "\\G", "y"]),
        ("\\x \\timing off\\\\SELECT 1", ["\\x", "\\timing off", "SELECT 1"]),
        ("\\echo 'a\\'b' \"c\\d\" `e\\f` \\q", ["\\echo 'a\\'b' \"c\\d\" `e\\f`", "\\q"]),
        ("\\echo 'open\\\nSELECT 1", ["\\echo 'open\\", "SELECT 1"]),
        ("\\copy t to 'f' escape '\\' \\\\ y\nSELECT 1",
         ["\\copy t to 'f' escape '\\' \\\\ y", "SELECT 1"]),
        ("\\\\ SELECT 1", ["\\\\ SELECT 1"]),
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
        ("SELECT 1\\g SELECT 2\\G y", ["SELECT 1", "\\g", "SELECT 2", "\\G", "y"]),
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


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "COPY t FROM stdin;\n1\tit's; -- no comment\n\\.\nSELECT 2",
            [("COPY t FROM stdin", "1\tit's; -- no comment\n"), ("SELECT 2", None)],
        ),
        # As psql: the rest of the line is read first, the data after it.
        (
            "COPY t (a) FROM STDIN WITH (FORMAT csv); SELECT 1;\na;b\n\\.\nSELECT 2;",
            [
                ("COPY t (a) FROM STDIN WITH (FORMAT csv)", "a;b\n"),
                ("SELECT 1", None),
                ("SELECT 2", None),
            ],
        ),
        (
            "COPY t FROM stdin;\r\n1\r\n\\.\r\nSELECT 2",
            [("COPY t FROM stdin", "1\r\n"), ("SELECT 2", None)],
        ),
        ("COPY t FROM stdin;\n\\.\n", [("COPY t FROM stdin", "")]),
        ("COPY t FROM stdin;\n1\n2", [("COPY t FROM stdin", "1\n2")]),
        ("copy t from stdin;\n\\.x\n\\.", [("copy t from stdin", "\\.x\n")]),
        ("COPY t FROM stdin", [("COPY t FROM stdin", None)]),
        ("COPY t FROM stdin;", [("COPY t FROM stdin", None)]),
        ("COPY t TO stdout;\nSELECT 1;", [("COPY t TO stdout", None), ("SELECT 1", None)]),
        (
            "COPY (SELECT 1 FROM stdin) TO stdout;\nSELECT 1",
            [("COPY (SELECT 1 FROM stdin) TO stdout", None), ("SELECT 1", None)],
        ),
        ("COPY t FROM '/f';\nSELECT 1", [("COPY t FROM '/f'", None), ("SELECT 1", None)]),
    ],
)
def test_the_lines_below_a_copy_are_its_data(
    script: str, expected: list[tuple[str, str | None]]
) -> None:
    assert [(each.text, each.data) for each in split(script)] == expected


@pytest.mark.parametrize("quoted", ["'//'", '"//"', "`//`", "//", "//  and a remark"])
def test_a_delimiter_may_be_quoted_as_for_the_mysql_client(quoted: str) -> None:
    script = f"DELIMITER {quoted}\nSELECT 1; y//\nSELECT 2//\ndelimiter ;\nSELECT 3;"
    assert [each.text for each in split(script, Engine.MYSQL)] == [
        "SELECT 1; y",
        "SELECT 2",
        "SELECT 3",
    ]
