"""Formatting: readable, and never with another meaning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolebrowser.connection.completion_words import words_of
from rolebrowser.connection.formatting import formatted
from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.errors import StatementError
from rolebrowser.target import Engine

from .conftest import Connect


def test_clauses_stand_below_each_other() -> None:
    text = "select id, total from sales.orders o where total > 1 and id < 9;"
    assert formatted(text) == (
        "select id,\n       total\nfrom sales.orders o\nwhere total > 1\n    and id < 9;"
    )


def test_commands_comments_and_gaps_stay_as_they_are() -> None:
    text = "-- all of them\nselect 1 /* one */ , 2;\n\n\n\\dp  sales.*\n\nselect 3 -- three\n"
    found = formatted(text)
    assert found.startswith("-- all of them\n")
    assert "\n\n\n\\dp  sales.*\n\n" in found
    assert found.endswith("select 3 -- three\n")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT  1 ;  SELECT 'a''b' $$;",
        "SELECT E'it\\'s  one', U&\"d\\0061t\", $x$ a  b $x$, '{\"a\":  1}'::jsonb->>'a';",
        'SELECT "odd ""  name" FROM "T  t" WHERE a->>\'b\' = ANY(ARRAY[1,2]);',
    ],
)
def test_strings_and_quoted_names_come_through_untouched(text: str, connect: Connect) -> None:
    before = [token for token in tokens(text) if token.kind in (Kind.STRING, Kind.NAME)]
    after = [token for token in tokens(formatted(text)) if token.kind in (Kind.STRING, Kind.NAME)]
    assert [token.text for token in after] == [token.text for token in before]


def test_the_server_answers_as_before(connect: Connect) -> None:
    connection = connect()
    text = (
        "select c.relname, (select count(*) from pg_attribute a where a.attrelid = c.oid) n, case "
        "when relkind = 'r' then 'table' else 'other' end from pg_class c join pg_namespace s on "
        "s.oid = c.relnamespace where s.nspname in ('pg_catalog', 'x') order by 1 limit 5"
    )
    laid_out = formatted(text)
    assert laid_out.count("\n") > 5
    assert connection.run(laid_out).result().page == connection.run(text).result().page


def test_what_it_cannot_do_is_said_and_left() -> None:
    with pytest.raises(StatementError, match="can't be formatted"):
        formatted("SELECT 'a'\n'b'")
    assert formatted("SELECT 'a'\n'b';\nselect 1,2").endswith("select 1,\n       2")
    assert formatted("\\d x") == "\\d x"
    assert formatted("") == ""


_WORDS = st.sampled_from(
    [
        *words_of("select from where a.b ( ) , ; -- /*c*/ = :: 1 as"),
        "\n",
        "'x  y'",
        '"Q  q"',
        "$$b  c$$",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=12))
def test_the_words_are_never_others(words: list[str]) -> None:
    text = " ".join(words)
    for engine in Engine:
        try:
            found = formatted(text, engine)
        except StatementError:
            continue

        def meant(script: str, engine: Engine = engine) -> list[str]:
            return [t.text.strip() for t in tokens(script, engine) if t.kind is not Kind.SPACE]

        assert meant(found) == meant(text)
