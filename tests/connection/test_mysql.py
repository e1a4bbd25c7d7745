"""An open connection to a real MariaDB, and MySQL: pages, read-only mode, cancelling, losing it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from rolebrowser.connection import backslash, mysql, url
from rolebrowser.connection.explain import explain
from rolebrowser.connection.mysql_facts import number
from rolebrowser.connection.protocol import Connection, Settings, Transaction
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    LoginRefused,
    ReadOnlyRefused,
    RouteError,
    StatementError,
    TimedOut,
    TlsError,
)
from rolebrowser.safetext import Secret
from rolebrowser.sandbox.mariadb import MariadbServer
from tests.mysql_server import is_mysql

Open = Callable[..., Connection]
SEQUENCE = """CREATE VIEW shop.seq_1_to_{0} AS WITH RECURSIVE numbers (seq) AS
    (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < {0}) SELECT seq FROM numbers"""


@pytest.fixture(scope="module")
def world(either_server: MariadbServer) -> Iterator[MariadbServer]:
    either_server.execute(
        "CREATE DATABASE shop",
        "CREATE TABLE shop.t (a INT PRIMARY KEY, b VARCHAR(20), c BLOB)",
        "INSERT INTO shop.t VALUES (1, 'one', x'00ff'), (2, NULL, NULL), (3, '', 'x')",
        "CREATE USER reader@'%' IDENTIFIED BY 'r'",
        "GRANT SELECT ON shop.* TO reader@'%'",
        "CREATE ROLE clerks",
        "GRANT INSERT ON shop.t TO clerks",
        "GRANT clerks TO reader@'%'",
    )
    if is_mysql(either_server):
        # MariaDB makes such tables of their names.
        either_server.execute("SET GLOBAL cte_max_recursion_depth = 4000000000")
        either_server.execute(*(SEQUENCE.format(n) for n in (250, 1000, 50_000, 10**6, 10**8)))
    yield either_server
    either_server.execute("DROP DATABASE shop", "DROP USER reader@'%'", "DROP ROLE clerks")


@pytest.fixture
def connect(world: MariadbServer) -> Iterator[Open]:
    opened: list[Connection] = []

    def go(dsn: str = "", **settings: object) -> Connection:
        address = url.parse(dsn or world.dsn("shop"), {})
        connection = mysql.open_connection(address, Settings(**settings))  # type: ignore[arg-type]
        opened.append(connection)
        return connection

    yield go
    for connection in opened:
        connection.close()


def test_a_background_query_waits_for_an_open_result_and_for_the_transaction(
    connect: Open,
) -> None:
    connection = connect(page_rows=2)
    cursor = connection.run("SELECT seq FROM seq_1_to_50000").result().cursor
    waiting = connection.background("SELECT %s", ("later",))
    assert connection.more(cursor).result().rows == (("3",), ("4",))
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.3)
    connection.run("START TRANSACTION READ ONLY").result()
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.3)
    connection.run("COMMIT").result()
    assert waiting.result(timeout=60) == (("later",),)


def test_values_are_the_servers_text(connect: Open) -> None:
    outcome = connect().run("SELECT a, b, c, 1.50, NOW() > 0 FROM t ORDER BY a").result()
    assert outcome.page.rows == (
        ("1", "one", "0x00FF", "1.50", "1"),
        ("2", None, None, "1.50", "1"),
        ("3", "", "0x78", "1.50", "1"),
    )
    assert outcome.status == "3 rows in set"
    assert [column.numeric for column in outcome.columns] == [True, False, False, True, True]


def test_rows_come_page_by_page_and_memory_stays_small(connect: Open) -> None:
    connection = connect(page_rows=100)
    outcome = connection.run("SELECT seq FROM seq_1_to_1000000").result()
    assert (len(outcome.page.rows), outcome.page.more, outcome.status) == (100, True, "")
    page = connection.more(outcome.cursor).result()
    assert (page.rows[0], page.first, page.more) == (("101",), 100, True)
    # Something else in between keeps some rows and gives up the rest, which it says at its place.
    assert connection.query("SELECT 1").result() == (("1",),)
    kept = [connection.more(outcome.cursor).result() for _ in range(150)]
    assert [page.rows[0] for page in kept] == [(str(201 + n * 100),) for n in range(150)]

    def read_on() -> None:
        while connection.more(outcome.cursor).result().more:
            pass

    with pytest.raises(StatementError, match="given up"):
        read_on()


def test_rows_read_of_several_results_stay_to_be_had(connect: Open) -> None:
    connection = connect(page_rows=100)
    outcomes = [connection.run("SELECT seq FROM seq_1_to_250").result() for _ in range(9)]
    for outcome in outcomes[1:]:
        assert connection.more(outcome.cursor).result().rows[0] == ("101",)
    with pytest.raises(StatementError, match="given up"):
        connection.more(outcomes[0].cursor).result()


def test_a_result_read_to_its_end_stays_whole_after_another_statement(connect: Open) -> None:
    connection = connect(page_rows=100)
    outcome = connection.run("SELECT seq FROM seq_1_to_250").result()
    connection.query("SELECT 1").result()
    pages = [connection.more(outcome.cursor).result() for _ in range(2)]
    assert [len(page.rows) for page in pages] == [100, 50]
    assert not pages[-1].more
    assert connection.more(outcome.cursor).result().rows == ()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (9, 'x', NULL)",
        "CREATE TABLE u (a INT)",
        "DROP TABLE t",
        "TRUNCATE t",
        "GRANT SELECT ON shop.* TO reader@'%'",
        "SET SESSION TRANSACTION READ WRITE",
        "SET GLOBAL read_only = 0",
        "START TRANSACTION READ WRITE",
        "SELECT 1 INTO OUTFILE '/tmp/rolebrowser-must-not-be'",
        "SELECT 1 /*!50000 INTO OUTFILE '/tmp/rolebrowser-must-not-be' */",
        "ANALYZE UPDATE t SET b = 'x'",
    ],
)
def test_read_only_means_it(connect: Open, statement: str) -> None:
    connection = connect()
    with pytest.raises((StatementError, ReadOnlyRefused)):
        connection.run(statement).result()
    assert connection.query("SELECT count(*), max(b) FROM t").result() == (("3", "one"),)


def test_read_write_writes_and_says_how_many_rows(connect: Open) -> None:
    connection = connect()
    connection.set_read_only(False).result()
    assert connection.run("START TRANSACTION").result().status.startswith("Query OK")
    outcome = connection.run("UPDATE t SET b = 'x'").result()
    assert (outcome.status, outcome.rowcount) == ("Query OK, 3 rows affected", 3)
    assert connection.transaction is Transaction.OPEN
    with pytest.raises(StatementError, match="inside an open transaction"):
        connection.set_read_only(True).result()
    connection.run("ROLLBACK").result()
    assert connection.transaction is Transaction.IDLE


def test_a_refusal_leaves_the_connection_alive(connect: Open) -> None:
    connection = connect()
    with pytest.raises(StatementError, match="doesn't exist") as caught:
        connection.run("SELECT * FROM nowhere").result()
    assert caught.value.code == "1146"
    assert connection.query("SELECT 1").result() == (("1",),)


def test_warnings_come_along(connect: Open) -> None:
    (notice,) = connect().run("SELECT 1/0").result().notices
    assert (notice.severity, notice.code) == ("Warning", "1365")


def test_cancel_stops_what_runs_at_the_server(connect: Open) -> None:
    connection = connect()
    running = connection.run("SELECT count(*) FROM seq_1_to_100000000 a, seq_1_to_1000 b")
    time.sleep(0.3)
    connection.cancel()
    with pytest.raises(Cancelled):
        running.result(60)
    assert connection.query("SELECT 1").result() == (("1",),)


def test_a_cancel_that_finds_no_way_in_is_left_undone(
    world: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[object] = []
    monkeypatch.setattr(threading, "excepthook", faults.append)
    address = url.parse(world.dsn("shop"), {})
    tokens = [address.password]

    def password() -> Secret | None:
        if tokens:
            return tokens.pop()()
        raise LoginRefused("The session is over.")

    with contextlib.closing(
        mysql.open_connection(replace(address, password=password), Settings())
    ) as connection:
        running = connection.run("SELECT SLEEP(3)")
        while connection.transaction is not Transaction.ACTIVE:
            assert not running.done()
        before = set(threading.enumerate())
        connection.cancel()
        for each in set(threading.enumerate()) - before:
            each.join(60)
        assert faults == []
        assert running.result(60).page.rows == (("0",),)


def test_the_time_limit_is_the_servers(connect: Open) -> None:
    connection = connect(statement_timeout=1)
    with pytest.raises(
        StatementError, match=r"max_statement_time|maximum statement execution time"
    ) as caught:
        connection.run("SELECT count(*) FROM seq_1_to_100000000 a, seq_1_to_1000 b").result(60)
    assert "timeouts.statement" in caught.value.fix


def test_an_idle_transaction_is_ended_by_the_server(connect: Open, world: MariadbServer) -> None:
    if is_mysql(world):
        pytest.skip("MySQL has no such limit")
    connection = connect(idle_in_transaction_timeout=1)
    connection.run("BEGIN").result()
    connection.run("SELECT * FROM t").result()
    ends = time.monotonic() + 60
    while connection.alive and time.monotonic() < ends:
        time.sleep(0.05)
    with pytest.raises(ConnectionLost):
        connection.run("SELECT 1").result()


def test_a_lost_connection_is_told_and_can_be_made_anew(
    connect: Open, world: MariadbServer
) -> None:
    connection = connect()
    world.execute(f"KILL {connection.info.backend_pid}")
    with pytest.raises(ConnectionLost):
        connection.run("SELECT 1").result()
    assert not connection.alive
    connection.reconnect().result()
    assert connection.query("SELECT 1").result() == (("1",),)


def test_close_while_a_statement_runs_is_quick(connect: Open) -> None:
    connection = connect()
    running = connection.run("SELECT SLEEP(600)")
    time.sleep(0.2)
    started = time.monotonic()
    connection.close()
    with pytest.raises((ConnectionLost, Cancelled)):
        running.result(60)
    assert time.monotonic() - started < 60


def test_what_the_server_says_of_itself(connect: Open, world: MariadbServer) -> None:
    info = connect().info
    assert (info.flavor, info.user, info.dbname) == (world.name, "rdsadmin@%", "shop")
    assert info.version_number >= 80_000
    assert number("10.11.19-MariaDB-log") == 101_119
    assert number("8.0.36") == 80_036


def test_a_wrong_password_an_unknown_port_and_a_silent_server(
    world: MariadbServer, connect: Open
) -> None:
    good = world.dsn("shop")
    with pytest.raises(LoginRefused, match="turned rdsadmin away") as caught:
        connect(good.replace(world.password, "wrong"))
    assert caught.value.code == "1045"
    assert "MYSQL_PWD" in caught.value.fix
    assert "token" not in caught.value.fix
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(RouteError, match="refused"):
            connect(f"mysql://u:p@127.0.0.1:{port}/")
        silent.listen()
        with pytest.raises(TimedOut):
            connect(f"mysql://u:p@127.0.0.1:{port}/", connect_timeout=0.3)


def test_garbage_instead_of_a_greeting_is_a_sentence(connect: Open) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            client, _ = listener.accept()
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            client.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises((LoginRefused, ConnectionLost)):
            connect(f"mysql://u:p@127.0.0.1:{listener.getsockname()[1]}/", connect_timeout=60)


def test_the_password_in_clear_is_not_told_outside_verified_tls(world: MariadbServer) -> None:
    """A server that asks for it at once, without TLS, as an impostor would."""
    heard = bytearray()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            client, _ = listener.accept()
            body = (
                b"\x0a8.0.0\0" + b"\x01\0\0\0" + b"saltsalt\0" + b"\xff\xf7" + b"\x2d" + b"\x02\0"
                + b"\xff\x81" + b"\x15" + b"\0" * 10 + b"moresaltsalt\0"
                + b"mysql_native_password\0"
            )  # fmt: skip
            # Without CLIENT_SSL: nobody can ask for TLS.
            body = body.replace(b"\xff\xf7", b"\xff\xf7"[:1] + bytes([0xF7 & ~0x08]), 1)
            client.sendall(len(body).to_bytes(3, "little") + b"\0" + body)
            heard.extend(client.recv(65536))
            ask = b"\xfemysql_clear_password\0"
            client.sendall(len(ask).to_bytes(3, "little") + b"\x02" + ask)
            client.settimeout(1)
            with contextlib.suppress(OSError):
                heard.extend(client.recv(65536))
            client.close()

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        address = url.parse(f"mysql://u:the-secret@127.0.0.1:{listener.getsockname()[1]}/", {})
        with pytest.raises(TlsError, match="in clear"):
            mysql.open_connection(address, Settings(connect_timeout=60))
        server.join(60)
    assert heard
    assert b"the-secret" not in heard


def test_mysqls_hashed_password_is_not_told_without_tls(
    connect: Open, world: MariadbServer
) -> None:
    if not is_mysql(world):
        pytest.skip("MySQL's plugin")
    world.execute("CREATE USER hashed@'%' IDENTIFIED BY 'x'")
    url_ = f"mysql://hashed:x@127.0.0.1:{world.port}/"
    with pytest.raises(TlsError, match="inside TLS only"):
        connect(f"{url_}?ssl-mode=DISABLED")
    assert connect(url_).info.tls
    # The server knows it by now: a hash of it and of the greeting's salt is enough.
    assert not connect(f"{url_}?ssl-mode=DISABLED").info.tls
    world.execute("DROP USER hashed@'%'")


def test_backslash_commands_have_counterparts(connect: Open, world: MariadbServer) -> None:
    connection = connect()
    users = backslash.run("\\du reader", connection).result()
    plugin = "caching_sha2_password" if is_mysql(world) else "mysql_native_password"
    assert users.page.rows[0][:3] == ("reader", "%", plugin)
    assert users.page.rows[0][4] == "clerks"
    assert users.notices == ()
    assert [row[0] for row in backslash.run("\\dt t", connection).result().page.rows] == ["t"]
    assert [row[0] for row in backslash.run("\\d shop.t", connection).result().page.rows] == [
        "a", "b", "c",
    ]  # fmt: skip
    grants = backslash.run("\\dg", connection).result().text
    assert ("IDENTIFIED BY PASSWORD '***'" in grants) != is_mysql(world)
    members = backslash.run("\\drg reader", connection).result()
    assert members.page.rows[0][:3] == ("reader", "%", "clerks")
    assert members.notices == ()
    kinds = backslash.run("\\du clerks", connection).result().page.rows[0]
    assert kinds[3] == "role"
    with pytest.raises(StatementError, match="invalid command"):
        backslash.run("\\nothing", connection).result()
    low = connect(f"mysql://reader:r@127.0.0.1:{world.port}/shop")
    seen = backslash.run("\\du", low).result()
    assert any("Not everybody" in notice.text for notice in seen.notices)
    assert ("clerks", "", "", "role of yours") in seen.page.rows
    assert backslash.run("\\dp", connection).result().notices == ()
    seen = backslash.run("\\dp", low).result()
    assert seen.page.rows
    told = " ".join(notice.text for notice in seen.notices)
    assert "Not everybody is shown" in told
    assert "What roles give, active or not, isn't listed here: \\dg shows it." in told


def test_mariadbs_analyzed_plan_tells_each_steps_own_time_and_rows(
    connect: Open, world: MariadbServer
) -> None:
    if is_mysql(world):
        pytest.skip("MySQL's has steps of its own, see below")
    connection = connect()
    statement = (
        "SELECT a.seq % 7 AS k, count(*) FROM seq_1_to_5000 a JOIN (SELECT DISTINCT seq % 100 AS n"
        " FROM seq_1_to_3000) d ON d.n = a.seq WHERE a.seq % 50 = 0 GROUP BY k ORDER BY 2 DESC"
    )
    plan = explain(connection, statement, analyze=True).plan
    nodes = [node for _, node in plan.walk()]
    assert any(node.title.startswith("filesort: count(0) desc") for node in nodes)
    derived = next(node for node in nodes if "<derived2>" in node.title)
    assert derived.loops is not None
    assert derived.children
    inner = next(node for node in nodes if "seq_1_to_3000" in node.title)
    # Of 3,000 rows read, the condition that was pushed down leaves a fiftieth.
    assert (inner.actual, inner.loops) == (60, 1)
    assert plan.timed
    assert plan.execution is not None
    assert (plan.root.milliseconds or 0) <= plan.execution
    assert sum(plan.share(node) or 0 for node in nodes) == pytest.approx(1)
    assert not explain(connection, statement, analyze=False).plan.analyzed


def test_mariadbs_change_is_not_executed_to_be_explained(
    connect: Open, world: MariadbServer
) -> None:
    if is_mysql(world):
        pytest.skip("see below")
    connection = connect(read_only=False)
    with pytest.raises(StatementError, match="reads"):
        explain(connection, "DELETE FROM t", analyze=True)
    assert explain(connection, "DELETE FROM t WHERE a > 1", analyze=False).plan.root
    assert connection.query("SELECT count(*) FROM t").result() == (("3",),)


def test_mysqls_plans_tell_changes_and_subqueries(connect: Open, world: MariadbServer) -> None:
    if not is_mysql(world):
        pytest.skip("MariaDB's, see above")
    connection = connect(read_only=False)
    for change in ("DELETE FROM t WHERE a > 1", "UPDATE t SET b = 'x' WHERE a = 1"):
        plan = explain(connection, change, analyze=False).plan
        assert any("on t using PRIMARY" in node.title for _, node in plan.walk())
        with pytest.raises(StatementError, match="reads"):
            explain(connection, change, analyze=True)
    version = connection.query("SELECT @@explain_json_format_version").result()
    assert version == connection.query("SELECT @@GLOBAL.explain_json_format_version").result()
    statement = "SELECT a, (SELECT max(a) FROM t) FROM t WHERE a < (SELECT count(*) FROM t)"
    plan = explain(connection, statement, analyze=True).plan
    nodes = [node for _, node in plan.walk()]
    assert sum(node.title.startswith("Select #") for node in nodes) == 2
    assert all(node.own_milliseconds is not None for node in nodes)
    assert sum(plan.share(node) or 0 for node in nodes) == pytest.approx(1)
    assert not explain(connection, statement, analyze=False).plan.analyzed
    assert connection.query("SELECT count(*), max(b) FROM t").result() == (("3", "one"),)
