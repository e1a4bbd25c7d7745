"""The private socket for stock clients: logged in already, one connection for each client."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pymysql
import pytest

from rolebrowser.connection import mysql_wire, url
from rolebrowser.connection.mysql_relay import Relay
from rolebrowser.connection.protocol import Settings
from rolebrowser.errors import LoginRefused
from rolebrowser.safetext import Secret
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.mariadb import MariadbServer

ROWS = 300_000


@pytest.fixture
def relay(mariadb_server: MariadbServer) -> Iterator[Relay]:
    with Relay(url.parse(mariadb_server.dsn("mysql"), {}), Settings(read_only=False)) as relay:
        yield relay


def log_in(relay: Relay, **more: Any) -> Any:
    return pymysql.connect(unix_socket=str(relay.socket), user="whoever", **more)


def ask(relay: Relay, sql: str, *, fetch: bool = True, **more: Any) -> Any:
    connection = log_in(relay, **more)
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchone() if fetch else None
    finally:
        connection.close()


def test_nobody_else_reaches_the_socket_and_it_goes_at_the_end(
    mariadb_server: MariadbServer,
) -> None:
    with Relay(url.parse(mariadb_server.dsn(), {}), Settings()) as relay:
        assert stat.S_IMODE(os.stat(relay.socket.parent).st_mode) == 0o700
        assert os.stat(relay.socket.parent).st_uid == os.geteuid()
    assert not relay.socket.parent.exists()


def test_whoever_opens_it_is_logged_in_as_the_addresss_user(relay: Relay) -> None:
    assert ask(relay, "SELECT current_user(), database()", password="anything") == (
        "rdsadmin@%",
        "mysql",
    )


def test_the_clients_database_and_character_set_are_used(relay: Relay) -> None:
    assert ask(
        relay,
        "SELECT database(), @@character_set_client",
        database="information_schema",
        charset="latin1",
    ) == ("information_schema", "latin1")


def test_each_connection_begins_read_only_where_that_is_wanted(
    mariadb_server: MariadbServer, relay: Relay
) -> None:
    with Relay(url.parse(mariadb_server.dsn("mysql"), {}), Settings()) as reading:
        for _ in range(2):
            with pytest.raises(pymysql.MySQLError) as caught:
                ask(reading, "CREATE DATABASE not_made")
            assert caught.value.args[0] == 1792
    assert ask(relay, "SELECT @@tx_read_only") == (0,)


def test_a_database_that_is_not_there_is_named(relay: Relay) -> None:
    with pytest.raises(pymysql.OperationalError) as caught:
        log_in(relay, database="nope")
    assert caught.value.args == (1049, "Unknown database 'nope'")


def test_the_greeting_names_the_real_connection_so_that_it_can_be_killed(relay: Relay) -> None:
    connection = log_in(relay)
    cursor = connection.cursor()
    cursor.execute("SELECT connection_id()")
    assert cursor.fetchone() == (connection.thread_id(),)
    thread = connection.thread_id()
    threading.Timer(0.3, lambda: ask(relay, f"KILL QUERY {thread}", fetch=False)).start()
    with pytest.raises(pymysql.MySQLError) as caught:
        cursor.execute("SELECT sleep(600) FROM mysql.user")
    assert caught.value.args[0] == 1317
    connection.close()


def test_each_connection_has_a_fresh_password(mariadb_server: MariadbServer) -> None:
    made: list[Secret] = []

    def mint() -> Secret:
        made.append(Secret(mariadb_server.password))
        return made[-1]

    address = replace(url.parse(mariadb_server.dsn(), {}), password=mint)
    with Relay(address, Settings()) as relay:
        assert len(made) == 1
        ask(relay, "SELECT 1")
        assert len(made) == 1  # the login that showed that it works is used
        ask(relay, "SELECT 1")
        assert len(made) == 2


def test_a_refused_login_raises_before_anything_is_listened_on(
    mariadb_server: MariadbServer,
) -> None:
    address = replace(url.parse(mariadb_server.dsn(), {}), password=lambda: Secret("wrong"))
    with pytest.raises(LoginRefused) as caught, Relay(address, Settings()):
        pass
    assert caught.value.code == "1045"


def test_a_login_refused_later_reaches_the_client_in_the_servers_words(
    mariadb_server: MariadbServer,
) -> None:
    passwords = [Secret(mariadb_server.password), Secret("old")]
    address = replace(url.parse(mariadb_server.dsn(), {}), password=lambda: passwords.pop(0))
    with Relay(address, Settings()) as relay:
        ask(relay, "SELECT 1")
        with pytest.raises(pymysql.OperationalError) as caught:
            log_in(relay)
    assert caught.value.args[0] == 1045
    assert "Access denied for user 'rdsadmin'" in caught.value.args[1]


def test_a_client_that_talks_nonsense_is_left_and_others_are_served(relay: Relay) -> None:
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"", mysql_wire.packet(1, b"x")):
        with socket.socket(socket.AF_UNIX) as plug:
            plug.connect(str(relay.socket))
            plug.sendall(nonsense)
            plug.settimeout(5)
            if nonsense:
                with contextlib.suppress(ConnectionResetError):
                    while plug.recv(4096):
                        pass
    assert ask(relay, "SELECT 1") == (1,)


def test_large_results_and_large_statements_pass_both_ways(relay: Relay) -> None:
    connection = log_in(relay)
    cursor = connection.cursor()
    cursor.execute(f"SELECT seq, repeat('x', 100) FROM seq_1_to_{ROWS}")
    assert len(cursor.fetchall()) == ROWS
    big = "y" * 5_000_000
    cursor.execute("SELECT length(%s)", (big,))
    assert cursor.fetchone() == (len(big),)
    connection.close()


def test_the_stock_client_works_on_it_load_data_included(relay: Relay, tmp_path: Any) -> None:
    client = mariadb.find_binary("mariadb")
    if not client:
        pytest.skip("no mariadb client")
    rows = tmp_path / "rows.csv"
    rows.write_text("".join(f"{number}\n" for number in range(50_000)))
    script = (
        "CREATE DATABASE relayed; USE relayed; CREATE TABLE t (a INT);"
        f"LOAD DATA LOCAL INFILE '{rows}' INTO TABLE t; SELECT count(*) FROM t;"
        "DROP DATABASE relayed;"
    )
    command = [client, "--no-defaults", "-S", str(relay.socket), "--local-infile=1", "-N"]
    done = subprocess.run([*command, "-e", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "50000\n"), done.stderr


def test_closing_it_ends_its_connections(mariadb_server: MariadbServer) -> None:
    relay = Relay(url.parse(mariadb_server.dsn(), {}), Settings())
    relay.start()
    connection = log_in(relay)
    relay.close()
    with pytest.raises(pymysql.MySQLError):
        connection.query("SELECT 1")
    relay.close()
