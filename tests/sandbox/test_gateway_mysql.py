"""The MySQL front door against PyMySQL and the stock client: RDS's refusals, and its welcome."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest

from rolebrowser import config as configuration
from rolebrowser.connect import prepare
from rolebrowser.connection.url import parse
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target

HOST = "inventory.c0ffee123456.eu-west-1.rds.amazonaws.com"
TARGET = Target(profile="staging", database="inventory", user="app_oncall", dbname="inventory")

LogIn = Callable[..., Any]


@pytest.fixture
def target(sandbox_env: SandboxProcess, mariadb_server: object) -> Target:
    """Skips, or in CI fails, where there is no MariaDB."""
    return TARGET


def _token(target: Target) -> str:
    ready = prepare(target, config=configuration.load(), prompts=NobodyToAsk())
    password = ready.address.password()
    assert password is not None
    return password.reveal()


@pytest.fixture
def log_in(sandbox_env: SandboxProcess, target: Target) -> LogIn:
    port = int(_token(target).partition("/")[0].rpartition(":")[2])

    def go(token: str, user: str = "app_oncall", *, tls: bool = True) -> Any:
        bundle = sandbox_env.exports["SANDBOX_CA_BUNDLE"]
        secure: Any = (
            {"ssl": ssl.create_default_context(cafile=bundle)} if tls else {"ssl_disabled": True}
        )
        connection: Any = pymysql.connect(
            host=HOST, port=port, user=user, password=token, defer_connect=True, **secure
        )
        connection.connect(socket.create_connection(("127.0.0.1", port)))
        return connection

    return go


def test_a_good_token_opens_the_door(log_in: LogIn, target: Target) -> None:
    connection = log_in(_token(target))
    cursor = connection.cursor()
    cursor.execute("SELECT current_user(), current_role(), connection_id()")
    user, role, thread = cursor.fetchone()
    assert (user, role) == ("app_oncall@%", "stock_reader")
    assert thread == connection.thread_id()  # KILL QUERY hits the right one
    connection.close()


def _refused(log_in: LogIn, *arguments: Any, **more: Any) -> str:
    with pytest.raises(pymysql.OperationalError) as caught:
        log_in(*arguments, **more)
    assert caught.value.args[0] == 1045
    return str(caught.value.args[1])


def test_a_changed_byte_is_refused_in_rds_words(log_in: LogIn, target: Target) -> None:
    token = _token(target)
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert _refused(log_in, changed) == (
        "Access denied for user 'app_oncall'@'127.0.0.1' (using password: YES)"
    )


def test_another_users_token_and_one_that_is_not_allowed_are_refused(
    log_in: LogIn, target: Target
) -> None:
    _refused(log_in, _token(target), "stock_app")
    _refused(log_in, _token(target.with_changes(user="app_oncall_ro")), "app_oncall_ro")


def test_an_old_token_and_one_of_an_expired_session_are_refused(
    sandbox_env: SandboxProcess, log_in: LogIn, target: Target
) -> None:
    token = _token(target)
    sandbox_env.control("expire")
    _refused(log_in, token)


def test_without_tls_nobody_comes_in(log_in: LogIn, target: Target) -> None:
    _refused(log_in, _token(target), tls=False)


def test_users_with_passwords_come_in_by_password(log_in: LogIn) -> None:
    log_in("plain-of-the-sandbox", "plain_app").close()
    _refused(log_in, "wrong", "plain_app")


def test_the_stock_client_cannot_tell(
    sandbox_env: SandboxProcess, target: Target, tmp_path: Any
) -> None:
    """It can't dial one address and check another's name, so it checks the CA alone."""
    client = mariadb.find_binary("mariadb")
    if not client:
        pytest.skip("no mariadb client")
    token = _token(target)
    port = token.partition("/")[0].rpartition(":")[2]
    options = tmp_path / "client.cnf"
    options.write_text(f'[client]\npassword="{token}"\n')
    command = [client, f"--defaults-file={options}", "-h", "127.0.0.1", "-P", port]
    command += ["-u", "app_oncall", f"--ssl-ca={sandbox_env.exports['SANDBOX_CA_BUNDLE']}"]
    done = subprocess.run(
        [*command, "-N", "-e", "SELECT count(*) FROM inventory.movements"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "5000"), done.stderr


def test_the_whole_pipeline_opens_it(sandbox_env: SandboxProcess, target: Target) -> None:
    from rolebrowser.connect import open_target

    opened = open_target(target, config=configuration.load(), prompts=NobodyToAsk())
    try:
        rows = opened.connection.query("SELECT sku FROM items ORDER BY sku").result()
        assert rows == (("A-1",), ("B-7",), ("C-9",))
        assert opened.connection.info.tls.startswith("TLSv1")
    finally:
        opened.connection.close()


@pytest.fixture
def administrator(sandbox_env: SandboxProcess, target: Target) -> Iterator[Any]:
    """A superuser's cursor at the server behind the door."""
    address = parse(sandbox_env.exports["SANDBOX_MYSQL_DSN"], {})
    secret = address.password()
    assert secret is not None
    connection = pymysql.connect(
        host=address.host, port=address.port, user=address.user, password=secret.reveal()
    )
    with connection, connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    ("change", "undone"),
    [
        ("GRANT SELECT ON zsAx.t TO {}", "REVOKE SELECT ON zsAx.t FROM {}"),
        ("GRANT PROCESS ON *.* TO {}", "REVOKE PROCESS ON *.* FROM {}"),
        ("ALTER USER {} WITH MAX_USER_CONNECTIONS 50", "ALTER USER {} WITH MAX_USER_CONNECTIONS 0"),
        ("FLUSH PRIVILEGES", "FLUSH PRIVILEGES"),
    ],
)
def test_what_an_administrator_does_to_an_iam_user_ends_no_logins(
    log_in: LogIn, target: Target, administrator: Any, change: str, undone: str
) -> None:
    for statement in (change, undone):
        administrator.execute(statement.format("app_oncall@'%'"))
        for _ in range(2):
            log_in(_token(target)).close()
            administrator.execute("SELECT plugin FROM mysql.user WHERE User = 'app_oncall'")
            assert administrator.fetchall() == (("AWSAuthenticationPlugin",),)
        _refused(log_in, "wrong")


def test_a_user_with_a_password_of_its_own_needs_no_token(
    log_in: LogIn, target: Target, administrator: Any
) -> None:
    administrator.execute("CREATE USER another@'%' IDENTIFIED BY 'of-its-own'")
    try:
        log_in("of-its-own", "another").close()
        _refused(log_in, _token(target.with_changes(user="another")), "another")
    finally:
        administrator.execute("DROP USER another@'%'")
