"""Completion: what is offered where, written as the text with `|` for the cursor."""

from __future__ import annotations

import time

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolebrowser.connection.catalog import Attribute, Catalog, Function, Listing, Relation
from rolebrowser.connection.catalog_reader import CatalogReader
from rolebrowser.connection.completion import Completion, complete
from rolebrowser.connection.completion_words import words_of
from rolebrowser.target import Engine

from .conftest import Connect

_PATH = ("public", "pg_catalog")
_COMMANDS = (("\\d", "describe"), ("\\du", "list roles"), ("\\dp", "list privileges"))
CATALOG = Catalog(
    Engine.POSTGRES,
    _PATH,
    ("hr", "public", "sales", "pg_catalog"),
    Listing(
        (
            Relation("public", "orders"),
            Relation("public", "Odd Name"),
            Relation("sales", "orders"),
            Relation("sales", "items", "view"),
            Relation("pg_catalog", "pg_class"),
        ),
        _PATH,
    ),
    Listing(
        (
            Function("pg_catalog", "now"),
            Function("pg_catalog", "count", "aggregate", '"any"'),
            Function("sales", "order_count"),
        ),
        _PATH,
    ),
    ("alice", "app_oncall", "Odd Role"),
    ("orders", "postgres"),
    {
        ("public", "orders"): (
            Attribute("id", "integer"),
            Attribute("total", "numeric"),
            Attribute("Odd Col", "text"),
        ),
        ("sales", "items"): (Attribute("id", "integer"), Attribute("order_id", "integer")),
        ("sales", "orders"): (Attribute("sid", "integer"),),
    },
)
MYSQL = Catalog(
    Engine.MYSQL,
    ("shop",),
    ("shop", "information_schema"),
    Listing((Relation("shop", "Orders"), Relation("shop", "odd`name")), ("shop",)),
    roles=("app@%", "o'neil@localhost", "readers@"),
    columns={("shop", "Orders"): (Attribute("Id", "int"), Attribute("key", "int"))},
)


def at(marked: str, catalog: Catalog = CATALOG) -> Completion:
    cursor = marked.index("|")
    return complete(marked.replace("|", "", 1), cursor, catalog, _COMMANDS)


def offered(marked: str, catalog: Catalog = CATALOG) -> list[str]:
    return [candidate.text for candidate in at(marked, catalog).candidates]


COLUMNS = ["id", "total", '"Odd Col"']
ROLES = ["alice", "app_oncall", '"Odd Role"']
SCHEMAS = ["hr", "public", "sales", "pg_catalog"]
TABLES = ['"Odd Name"', "orders", "sales.items", "sales.orders", "pg_class"]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("|", ["SELECT", "INSERT"]),
        ("sel|", ["select"]),
        ("SELECT 1; SEL|", ["SELECT"]),
        ("SELECT * FROM |", TABLES),
        ("SELECT * FROM o|", ['"Odd Name"', "orders", "sales.orders"]),
        ("SELECT * FROM sales.|", ["items", "orders"]),
        ('SELECT * FROM "sales".i|', ["items"]),
        ("SELECT * FROM orders o, |", TABLES),
        ("SELECT * FROM (SELECT 1) x JOIN |", TABLES),
        ("DELETE FROM |", TABLES),
        ("INSERT INTO |", TABLES),
        ("TRUNCATE |", TABLES),
        ("DROP TABLE IF EXISTS |", TABLES),
        ("SELECT | FROM orders", COLUMNS),
        ("SELECT id, | FROM orders", COLUMNS),
        ("SELECT * FROM orders WHERE |", COLUMNS),
        ("SELECT * FROM orders WHERE total > 1 AND |", COLUMNS),
        ("SELECT sum(|) FROM orders", COLUMNS),
        ("SELECT * FROM orders ORDER BY t|", ["total"]),
        ("SELECT o.| FROM sales.orders o", ["sid"]),
        ("SELECT o.| FROM sales.orders AS o WHERE 1 = 1; SELECT 2", ["sid"]),
        ("SELECT orders.| FROM orders", COLUMNS),
        ("SELECT sales.orders.| FROM sales.orders", ["sid"]),
        ("SELECT i| FROM orders a JOIN sales.items b ON true", ["a.id", "b.id"]),
        ("SELECT * FROM orders a JOIN sales.items b ON a.id = b.|", ["id", "order_id"]),
        ("SELECT * FROM orders a JOIN sales.items USING (|)", COLUMNS),
        ("EXPLAIN ANALYZE SELECT | FROM orders", COLUMNS),
        ("WITH q AS (SELECT 1) SELECT * FROM |", ["q", *TABLES]),
        ("WITH q AS (SELECT | FROM orders) SELECT * FROM q", COLUMNS),
        ("INSERT INTO orders (|", COLUMNS),
        ("INSERT INTO orders (id, |) VALUES", COLUMNS),
        ("UPDATE orders SET |", COLUMNS),
        ("UPDATE orders SET id = 1, |", COLUMNS),
        ("UPDATE orders SET id = |", COLUMNS),
        ("ALTER TABLE orders DROP COLUMN |", COLUMNS),
        ("CREATE INDEX ON orders (|", COLUMNS),
        ("SELECT * FROM orders ORDER |", ["BY"]),
        ("SELECT * FROM orders w|", ["where"]),
        ("SELECT * FROM orders LEFT |", ["JOIN"]),
        ("SELECT 1 UNION ALL s|", ["select"]),
        ("GRANT |", ["SELECT", "INSERT"]),
        ("GRANT a|", ["all", "alice", "app_oncall"]),
        ("GRANT SELECT ON |", TABLES),
        ("GRANT SELECT (|) ON orders TO alice", COLUMNS),
        ("GRANT SELECT ON orders TO |", ROLES),
        ("GRANT SELECT ON orders TO alice, |", ROLES),
        ("GRANT USAGE ON SCHEMA |", SCHEMAS),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA |", SCHEMAS),
        ("GRANT CONNECT ON DATABASE |", ["orders", "postgres"]),
        ("REVOKE ALL ON orders FROM a|", ["alice", "app_oncall"]),
        ("SET ROLE |", ROLES),
        ("SET SESSION AUTHORIZATION |", ROLES),
        ("SET r|", ["role", "row_security"]),
        ("SET search_path = |", SCHEMAS),
        ("SET search_path TO sales, |", SCHEMAS),
        ("ALTER ROLE |", ROLES),
        ("ALTER TABLE orders OWNER TO |", ROLES),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE |", ROLES),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA |", SCHEMAS),
        ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO |", ROLES),
        ("CREATE POLICY p ON orders TO |", ROLES),
        ("DROP OWNED BY |", ROLES),
        ("SELECT x::in|", ["inet", "int", "integer", "interval"]),
        ("SELECT CAST(id AS te|", ["text"]),
        ("SELECT cou|", ["count(", "sales.order_count("]),
        ("CALL ord|", ["sales.order_count("]),
        ("\\d|", ["\\d", "\\du", "\\dp"]),
        ("SELECT 1;\n\\du|", ["\\du"]),
        ("\\dp sales.|", ["items", "orders"]),
        ("\\dp+ sa|", ["sales."]),
        ("\\dn |", SCHEMAS),
        ("\\du a|", ["alice", "app_oncall"]),
        ("\\d orders\nSELECT * FROM |", TABLES),
        ('SELECT "O| FROM orders', ['"Odd Col"']),
        ('SELECT * FROM "o|', ['"Odd Name"', '"orders"', 'sales."orders"']),
    ],
)
def test_what_is_offered_first(marked: str, first: list[str]) -> None:
    assert offered(marked)[: len(first)] == first


@pytest.mark.parametrize(
    "marked",
    [
        "SELECT 'or|",
        "SELECT 'or| FROM orders'",
        "SELECT E'it\\'s |'",
        "SELECT $$ or|",
        "SELECT 1 -- or|",
        "SELECT /* or| */ 1",
        "SELECT 12|",
        "SELECT id AS |",
        "SELECT nobody.| FROM orders",
        "SELECT * FROM nowhere.|",
        "SELECT .|",
        "\\conninfo |",
    ],
)
def test_nothing_is_offered_where_nothing_can_be_known(marked: str) -> None:
    assert offered(marked) == []


def test_columns_of_the_query_around_are_in_scope_too() -> None:
    found = offered("SELECT * FROM sales.items i WHERE EXISTS (SELECT 1 FROM orders o WHERE |)")
    assert found[:5] == ["o.id", "total", '"Odd Col"', "i.id", "order_id"]


def test_a_keyword_follows_the_case_one_types_in() -> None:
    assert offered("SELECT * FROM orders WH|") == ["WHERE"]
    assert offered("select * from orders wh|") == ["where"]


def test_a_closing_quote_that_stands_there_is_taken_along() -> None:
    found = at('SELECT "Odd|" FROM orders')
    assert (found.start, found.end) == (7, 12)


def test_a_whole_name_is_settled_and_a_part_is_not() -> None:
    assert at("SELECT * FROM orders|").settled
    assert not at("SELECT * FROM order|").settled
    assert not at("SELECT * FROM items|").settled, "it stands in another schema"
    assert at("SELECT now|").settled


def test_details_say_type_and_schema() -> None:
    column = at("SELECT tot| FROM orders").candidates[0]
    assert (column.kind, column.detail) == ("column", "numeric")
    view = at("SELECT * FROM items|").candidates[0]
    assert (view.label, view.kind, view.detail) == ("items", "view", "sales")


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("SELECT * FROM |", ["Orders", "`odd``name`"]),
        ("SELECT * FROM `odd|", ["`odd``name`"]),
        ("SELECT o.| FROM Orders o", ["Id", "`key`"]),
        ("USE s|", ["shop"]),
        ("SHOW GR|", ["GRANTS"]),
        ("GRANT SELECT ON shop.* TO |", ["'app'@'%'", "'o''neil'@'localhost'", "readers"]),
        ("SELECT conc|", ["concat(", "concat_ws("]),
        ("SELECT * FROM # orders\n |", ["Orders"]),
    ],
)
def test_what_is_offered_in_mysql(marked: str, first: list[str]) -> None:
    assert offered(marked, MYSQL)[: len(first)] == first


_WORDS = words_of(
    "SELECT FROM JOIN WHERE ( ) , . ; orders o \" ' $$ -- /* */ \\d = :: AS GRANT ON TO SET INTO "
    "UPDATE WITH ` 1 UNION"
)
_PIECES = st.sampled_from((*_WORDS, "\n"))


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=3), max_size=14), st.data())
def test_no_text_is_too_broken(pieces: list[str], data: st.DataObject) -> None:
    text = " ".join(pieces)
    cursor = data.draw(st.integers(0, len(text)))
    for catalog in (CATALOG, MYSQL):
        found = complete(text, cursor, catalog, _COMMANDS)
        assert 0 <= found.start <= cursor <= found.end <= len(text)
        assert text[found.start : cursor] == found.typed


def test_every_odd_name_that_is_offered_means_the_table(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    names = ['a"b', "Mixed", "1st", "select", "with space", "ünï", "dot.ted", "user"]
    names += ["tab\tbed", "esc\x1b\\"]
    admin.execute('CREATE SCHEMA "Odd.Place"')
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        admin.execute(f'CREATE TABLE "Odd.Place".{quoted} ({quoted} int)')  # type: ignore[arg-type]
    connection = connect()
    reader = CatalogReader(connection)
    reader.read()
    while not reader.whole:
        time.sleep(0.01)
    try:
        text = 'SELECT * FROM "Odd.Place".'
        found = complete(text, len(text), reader.catalog).candidates
        assert sorted(each.label for each in found) == sorted(names)
        for each in found:
            assert each.text.isprintable()
            select = f'SELECT  FROM "Odd.Place".{each.text} AS t'
            column = complete(select, 7, reader.catalog).candidates[0]
            chosen = "*" if each.text.startswith("U&") else column.text
            sql = select.replace("SELECT ", f"SELECT {chosen}", 1)
            assert connection.run(sql).result().columns[0].name == each.label
    finally:
        admin.execute('DROP SCHEMA "Odd.Place" CASCADE')


def test_a_keystroke_in_a_long_script_costs_no_more_than_in_a_short_one() -> None:
    script = "SELECT 'it''s';\n" * 20_000 + "SELECT * FROM ord"
    started = time.process_time()
    for _ in range(20):
        assert complete(script, len(script), CATALOG).candidates
    assert (time.process_time() - started) / 20 < 0.1


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("SELECT d.| FROM (SELECT id, total AS t FROM orders) d", ["id", "t"]),
        ("SELECT d.| FROM (SELECT * FROM orders) AS d", COLUMNS),
        (
            "SELECT d.| FROM (SELECT o.*, i.order_id oid FROM orders o, sales.items i) d",
            [*COLUMNS, "oid"],
        ),
        (
            "SELECT | FROM (SELECT id AS ident, count(*), max(total) m FROM orders) d",
            ["ident", "count", "m"],
        ),
        (
            "SELECT d.| FROM (SELECT id::text, total::int x, 1 one, 'a' AS \"A b\", 2 FROM t) d",
            ["id", "x", "one", '"A b"'],
        ),
        ("SELECT d.| FROM (SELECT DISTINCT ON (id) total FROM orders) d", ["total"]),
        ("SELECT d.| FROM (SELECT a IS DISTINCT FROM b AS differs FROM orders) d", ["differs"]),
        ("SELECT d.| FROM (SELECT CASE WHEN id > 1 THEN 2 END big FROM orders) d", ["big"]),
        ("SELECT d.| FROM (SELECT id, total FROM orders) d (a, b)", ["a", "b"]),
        ("SELECT d.| FROM (SELECT id, total, 1 AS c FROM orders) d (a)", ["a", "total", "c"]),
        ("SELECT d.| FROM (VALUES (1, 2)) d (a, b)", ["a", "b"]),
        ("SELECT o.| FROM orders o (a, b)", ["a", "b"]),
        ("SELECT r.| FROM json_to_record('{}') AS r (a int, b text)", ["a", "b"]),
        ("SELECT * FROM orders o JOIN (SELECT sid FROM sales.orders) s ON s.|", ["sid"]),
        ("SELECT * FROM orders o, LATERAL (SELECT o.| ) l", COLUMNS),
        ("SELECT d.| FROM (SELECT e.* FROM (SELECT id AS deep FROM orders) e) d", ["deep"]),
        ("WITH q AS (SELECT id, total AS t FROM orders) SELECT | FROM q", ["id", "t"]),
        ("WITH q AS (SELECT id, total AS t FROM orders) SELECT z.| FROM q z", ["id", "t"]),
        ("WITH q (a, b) AS (SELECT id, total FROM orders) SELECT q.| FROM q", ["a", "b"]),
        ("WITH q AS NOT MATERIALIZED (SELECT * FROM orders) SELECT q.| FROM q", COLUMNS),
        (
            "WITH q AS (SELECT 1 AS one), p AS (SELECT *, 2 AS two FROM q) SELECT p.| FROM p",
            ["one", "two"],
        ),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.| FROM r", ["n"]),
        ("SELECT d.| FROM (WITH q AS (SELECT 1 AS one) SELECT * FROM q) d", ["one"]),
        (
            "SELECT * FROM orders WHERE id IN (SELECT | FROM (SELECT sid FROM sales.orders) s)",
            ["sid"],
        ),
        ("UPDATE orders SET id = s.| FROM (SELECT sid FROM sales.orders) s", ["sid"]),
        (
            "SELECT | FROM (SELECT id FROM orders) AS a JOIN (SELECT id FROM orders) b ON true",
            ["a.id", "b.id"],
        ),
    ],
)
def test_columns_of_queries_inside_the_statement(marked: str, first: list[str]) -> None:
    assert offered(marked)[: len(first)] == first


def test_a_query_inside_is_offered_by_its_alias() -> None:
    found = at("SELECT | FROM (SELECT id FROM orders) recent").candidates
    assert ("recent.", "alias") in [(each.text, each.kind) for each in found]
    assert offered("WITH r AS (SELECT * FROM r) SELECT r.| FROM r") == []


def test_mysqls_derived_tables_are_known_too() -> None:
    marked = "SELECT d.| FROM (SELECT `Id` AS one, `key` FROM Orders) AS d"
    assert offered(marked, MYSQL)[:2] == ["one", "`key`"]
