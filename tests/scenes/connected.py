"""Walks through a connection: overview, statements and their results, and what lies over them."""

from __future__ import annotations

from tests.scenes.stage import Visit, walk
from tests.scenes.worlds import hostile_names

SQL = "SELECT status, count(*), sum(total)\nFROM sales.orders\nGROUP BY status ORDER BY 2 DESC, 1;"
WIDE = (
    "SELECT n, n * 1.5 AS price, 'order ' || n AS title, repeat('many words ', 9) AS words,"
    " n % 2 = 0 AS even, NULL AS nothing, 'x' AS a_column_with_a_long_name, ARRAY[n, n] AS list,"
    " '{\"a\": 1}'::jsonb AS json, n AS one_more FROM generate_series(1, 5000) n;"
)
HOSTILE = (
    r"SELECT E'[bold]no[/] \x1b[31mred\x07' AS \"[@click=app.quit]x[/]\", repeat('long ', 200) AS"
    r" long, NULL AS nothing, E'two\nlines' AS lines, '広い 🎉' AS wide;"
).replace('\\"', '"')


@walk("1")
async def connection(at: Visit) -> None:
    """Overview, a result, and what can be done with its rows."""
    person = at.person
    await person.sees("Role name", "grantee")
    await at.keep("connection")
    await person.press("f4")
    await person.sees("orders")
    await at.keep("read-write")
    await person.press("escape")
    await person.run(SQL, "returned", "paid")
    await at.keep("result")
    await person.press("enter")
    await person.sees("Esc closes")
    await at.keep("cell")
    await person.press("escape", "c")
    await person.sees("CSV")
    await at.keep("copy-as")
    await person.press("escape", "e")
    await person.sees("Export")
    await at.keep("export")
    await person.press("escape", "x")
    await person.sees("RECORD")
    await at.keep("records")
    await person.press("x", "slash", *"paid")
    await at.keep("rows-search")
    await person.press("escape")
    await person.run("SELECT * FROM sales.orders WHERE false;", "0 rows")
    await at.keep("result-empty")
    await person.run(WIDE, "order 1 ")
    await at.keep("result-wide")
    await person.run(HOSTILE, "long")
    await at.keep("result-hostile")
    await person.press("f7")
    await person.sees("List of role grants")
    await at.keep("roles-tab")
    await person.press("i")
    await person.sees("CA")
    await at.keep("about-connection")


@walk("2")
async def statements(at: Visit) -> None:
    """What goes wrong, takes long, or stays open."""
    person = at.person
    await person.run("DELETE FROM sales.orders;", "ERROR")
    await at.keep("denied")
    await person.run("SELEC 1;", "syntax error")
    await at.keep("syntax-error")
    await person.run("SELECT pg_sleep(600);", "Running")
    await at.keep("running")
    await person.press("escape")
    await person.sees("The statement was cancelled")
    await at.keep("cancelled")
    await person.write("SELECT * FROM sales.ord")
    await person.press("ctrl+@")
    await person.sees("orders    table")
    await at.keep("completion")
    await person.press("escape")
    await person.write(SQL)
    await person.press("alt+e")
    await person.sees("▾ Sort", "own cost")
    await at.keep("explain")
    await person.press("alt+x")
    await person.sees("EXPLAIN ANALYZE SELECT", "own time")
    await at.keep("explain-analyze")
    await person.write(SQL)
    await person.press("ctrl+o")
    await person.sees("Esc closes")
    await at.keep("queries-none")
    await person.press("escape")
    await person.press("ctrl+s")
    await person.sees("Enter takes it")
    await at.keep("save-query")
    await person.type("orders by status")
    await person.press("enter")
    await person.hears("Saved as orders by status")
    await person.press("ctrl+o")
    await person.sees("▌orders by status")
    await at.keep("queries")
    await person.press("escape", "ctrl+r")
    await person.sees("History", "SELEC 1")
    await at.keep("history")
    await person.press("escape", "alt+a")
    await person.run("SELECT 1 AS one;", "1 row")
    await at.keep("transaction")
    await person.press("f10")
    await person.sees("Close orders-staging?")
    await at.keep("transaction-close")


@walk("1")
async def grants(at: Visit) -> None:
    """Every view of the grants."""
    person = at.person
    await person.press("f7", "f7")
    await person.sees("roles ×", "PUBLIC")
    await person.press("slash")
    await person.type("app_oncall")
    await person.press("tab")
    await person.type("finance.invoices")
    await at.keep("grants-filter")
    await person.press("enter")
    await person.press("escape")
    await at.keep("grants")
    for key, text, name in (
        ("w", "USAGE", "grants-why"),
        ("e", "can do", "grants-role"),
        ("t", "Superusers", "grants-who"),
        ("s", "role_table_grants", "grants-seen"),
        ("n", "look", "grants-changes"),
    ):
        await person.press("m", key)
        await person.sees(text)
        await at.keep(name)
    await person.press("m", "c")
    await person.sees("Compare app_oncall with")
    await at.keep("grants-compare-pick")
    await person.press("enter")
    await person.loses("Compare app_oncall with")
    await at.keep("grants-compare")
    await person.press("escape", "m", "z")
    await person.sees("[schemas]")
    await at.keep("grants-schemas")
    await person.press("question_mark")
    await person.sees("Esc closes")
    await at.keep("grants-help")


@walk("1", world=hostile_names)
async def hostile(at: Visit) -> None:
    """A database whose names are long, or not meant well."""
    person = at.person
    await person.sees("Role name", "grantee")
    await at.keep("hostile-connection")
    await person.press("f7", "f7")
    await person.sees("41 of 57 roles ×", "app_oncall")
    await at.keep("hostile-grants")
    await person.press("slash", *"evil", "enter", "escape", "e")
    await person.sees("can do")
    await at.keep("hostile-role")
