"""The catalog of names, read from real servers as an ordinary user."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest

from rolebrowser.connection import catalog_questions, mysql, url
from rolebrowser.connection.catalog import Attribute, Catalog
from rolebrowser.connection.catalog_reader import CatalogReader
from rolebrowser.connection.protocol import Connection, Settings
from rolebrowser.sandbox.mariadb import MariadbServer

from .conftest import Connect

Admin = psycopg.Connection[tuple[object, ...]]


def read(connection: Connection) -> CatalogReader:
    reader = CatalogReader(connection)
    reader.read()
    wait(lambda: reader.whole)
    return reader


def wait(holds: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def shop(admin: Admin) -> Iterator[None]:
    admin.execute(
        """
        CREATE SCHEMA shop; CREATE SCHEMA "Odd Shop";
        CREATE TABLE shop.orders (id int, "Total Sum" numeric(12,2), gone int, note varchar(20));
        ALTER TABLE shop.orders DROP COLUMN gone;
        CREATE VIEW "Odd Shop"."O""rders" AS SELECT id FROM shop.orders;
        CREATE FUNCTION shop.revenue(since date) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';
        CREATE FUNCTION shop.on_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE PROCEDURE shop.close_day() LANGUAGE sql AS '';
        CREATE ROLE shop_reader LOGIN; GRANT USAGE ON SCHEMA shop TO shop_reader;
        """
    )
    yield
    admin.execute('DROP SCHEMA shop, "Odd Shop" CASCADE; DROP ROLE shop_reader')


@pytest.mark.usefixtures("shop")
def test_an_ordinary_user_reads_all_names(connect: Connect) -> None:
    catalog = read(connect("shop_reader")).catalog
    assert {"shop", "Odd Shop", "public", "pg_catalog"} <= set(catalog.schemas)
    assert not [name for name in catalog.schemas if name.startswith(("pg_toast", "pg_temp"))]
    assert ("shop", "orders", "table") in catalog.relations.items
    assert ("Odd Shop", 'O"rders', "view") in catalog.relations.items
    assert catalog.columns_of("shop", "orders") == (
        Attribute("id", "integer"),
        Attribute("Total Sum", "numeric(12,2)"),
        Attribute("note", "character varying(20)"),
    )
    assert catalog.columns_of("Odd Shop", 'O"rders') == (Attribute("id", "integer"),)
    assert [f.name for f in catalog.functions.inside("shop")] == ["close_day", "revenue"]
    revenue = catalog.functions.inside("shop")[1]
    assert (revenue.kind, revenue.arguments) == ("function", "since date")
    assert "shop_reader" in catalog.roles
    assert "postgres" in catalog.databases


@pytest.mark.usefixtures("shop")
def test_a_name_alone_means_what_the_search_path_says(connect: Connect) -> None:
    connection = connect("shop_reader")
    reader = read(connection)
    assert reader.catalog.relations.named("orders") is None
    connection.run("SET search_path = shop, public").result()
    reader.read_path()
    wait(lambda: reader.whole)
    assert reader.catalog.columns_of("", "orders")[0].name == "id"
    assert reader.catalog.columns_of("", "pg_class") != ()


@pytest.mark.usefixtures("shop")
def test_pieces_join_without_a_gap(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect("shop_reader")
    whole = read(connection).catalog
    monkeypatch.setattr(catalog_questions, "PIECE", 97)
    pieces = read(connection).catalog
    assert pieces.columns == whole.columns
    assert pieces.relations.items == whole.relations.items
    assert pieces.functions.items == whole.functions.items
    assert pieces.roles == whole.roles


@pytest.mark.usefixtures("shop")
def test_what_the_user_may_not_ask_is_left_out(connect: Connect, admin: Admin) -> None:
    admin.execute("REVOKE SELECT ON pg_catalog.pg_proc FROM PUBLIC")
    try:
        catalog = read(connect("shop_reader")).catalog
    finally:
        admin.execute("GRANT SELECT ON pg_catalog.pg_proc TO PUBLIC")
    assert catalog.functions.items == ()
    assert catalog.columns_of("shop", "orders") != ()


def test_a_person_is_served_between_two_questions(connect: Connect) -> None:
    connection = connect()
    reader = CatalogReader(connection)
    reader.read()
    for number in range(20):
        assert connection.run(f"SELECT {number}").result().page.rows == ((str(number),),)
    connection.cancel()
    wait(lambda: reader.whole)
    assert reader.catalog.columns_of("pg_catalog", "pg_class")


def test_reading_ends_with_the_connection_and_can_begin_anew(connect: Connect) -> None:
    connection = connect()
    reader = CatalogReader(connection)
    connection.run("BEGIN").result()
    reader.read()
    assert not reader.whole
    connection.reconnect().result()
    reader.read()
    wait(lambda: reader.whole)
    assert reader.catalog.schemas


@pytest.fixture
def shop_server(either_server: MariadbServer) -> Iterator[MariadbServer]:
    either_server.execute(
        "CREATE DATABASE names",
        "CREATE DATABASE hidden",
        "CREATE TABLE names.orders (id INT, `Total Sum` DECIMAL(12,2), note VARCHAR(20))",
        "CREATE VIEW names.`o``dd` AS SELECT id FROM names.orders",
        "CREATE FUNCTION names.revenue() RETURNS INT RETURN 1",
        "CREATE TABLE hidden.secrets (a INT)",
        "CREATE USER names_reader@'%' IDENTIFIED BY 'n'",
        "GRANT SELECT, EXECUTE ON names.* TO names_reader@'%'",
        "CREATE ROLE name_givers",
        "GRANT name_givers TO names_reader@'%'",
    )
    yield either_server
    either_server.execute(
        "DROP DATABASE names",
        "DROP DATABASE hidden",
        "DROP USER names_reader@'%'",
        "DROP ROLE name_givers",
    )


@pytest.fixture
def open_mysql(shop_server: MariadbServer) -> Iterator[Callable[[str, str], Connection]]:
    opened: list[Connection] = []

    def go(user: str, password: str) -> Connection:
        address = url.parse(shop_server.dsn("names"), {})
        if user:
            port = address.port
            address = url.parse(f"mysql://{user}:{password}@127.0.0.1:{port}/names", {})
        opened.append(mysql.open_connection(address, Settings()))
        return opened[-1]

    yield go
    for connection in opened:
        connection.close()


def plain(columns: Sequence[Attribute]) -> tuple[Attribute, ...]:
    """MariaDB says of an int how wide it is, MySQL doesn't any more."""
    return tuple(each._replace(type=each.type.replace("(11)", "")) for each in columns)


def test_mariadbs_names_are_read_as_the_user_may_see_them(
    open_mysql: Callable[[str, str], Connection],
) -> None:
    catalog = read(open_mysql("names_reader", "n")).catalog
    assert "names" in catalog.schemas
    assert "hidden" not in catalog.schemas
    assert catalog.path == ("names",)
    assert [(r.name, r.kind) for r in catalog.relations.inside("names")] == [
        ("o`dd", "view"),
        ("orders", "table"),
    ]
    assert plain(catalog.columns_of("", "orders")) == (
        Attribute("id", "int"),
        Attribute("Total Sum", "decimal(12,2)"),
        Attribute("note", "varchar(20)"),
    )
    assert catalog.functions.named("revenue") is not None
    assert "name_givers@" in catalog.roles


def test_an_administrator_sees_mariadbs_users(
    open_mysql: Callable[[str, str], Connection],
) -> None:
    catalog: Catalog = read(open_mysql("", "")).catalog
    assert "names_reader@%" in catalog.roles
    assert plain(catalog.columns_of("hidden", "secrets")) == (Attribute("a", "int"),)
