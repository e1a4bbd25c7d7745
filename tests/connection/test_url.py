"""Plain URLs: libpq's rules, and passwords that never show."""

from __future__ import annotations

import pytest

from rolebrowser.connection.postgres import PostgresConnection, open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import is_url, parse
from rolebrowser.errors import ConfigError
from rolebrowser.safetext import Secret
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.target import Engine


def _password(text: str, environ: dict[str, str] | None = None) -> str:
    secret = parse(text, environ or {}).password()
    return secret.reveal() if secret is not None else ""


def test_a_url_is_taken_apart_as_libpq_does() -> None:
    address = parse("postgresql://al%40ice:p%3Aw@db.example:6432/my%20db?sslmode=require", {})
    assert (address.user, address.host, address.port) == ("al@ice", "db.example", 6432)
    assert (address.dbname, address.sslmode, address.plain) == ("my db", "require", True)
    assert _password("postgresql://al%40ice:p%3Aw@db.example/x") == "p:w"


def test_what_the_url_leaves_out_comes_from_the_environment() -> None:
    environ = {"PGUSER": "u", "PGPORT": "7", "PGPASSWORD": "s", "PGSSLMODE": "allow"}
    address = parse("postgres://db.example", environ)
    assert (address.user, address.port, address.dbname) == ("u", 7, "u")
    assert (address.sslmode, _password("postgres://db.example", environ)) == ("allow", "s")
    assert parse("postgresql://", {"PGUSER": "u"}).sslmode == "prefer"


def test_further_parameters_go_to_libpq() -> None:
    address = parse("postgresql://h/d?target_session_attrs=any&connect_timeout=7", {"USER": "x"})
    assert dict(address.options) == {"target_session_attrs": "any", "connect_timeout": "7"}


def test_a_mysql_url_has_the_clients_words_for_tls() -> None:
    address = parse("mysql://u:p@h:3307/d?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem", {})
    assert (address.engine, address.port, address.sslmode) == (Engine.MYSQL, 3307, "verify-full")
    assert (address.ca_file, address.dbname, address.options) == ("/ca.pem", "d", ())
    assert parse("mariadb://h", {}).sslmode == "prefer"


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:secret@word@h/d",
        "postgresql://u:secret@h/d?nonsense=1",
        "postgresql://u:secret@h:port/d",
        "postgresql://u:sec%zzret@h/d",
        "postgresql://u:secret@[::1/d",
        "postgresql://h1,h2/d",
        "postgresql://h:1,2/d",
        "mysql://u:secret@h:port/d",
        "mysql://u:secret@[::1/d",
        "mysql://h/d?ssl-mode=MAYBE",
        "http://u:secret@h/",
    ],
)
def test_a_bad_url_is_a_sentence_without_its_password(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, {})
    assert "secret" not in str(caught.value)
    assert "@word" not in str(caught.value)


def test_a_stray_at_sign_belongs_to_the_password_and_stays_hidden() -> None:
    address = parse("mysql://u:secret@word@h/d", {})
    assert address.host == "h"
    assert "secret" not in repr(address)


def test_only_urls_are_urls() -> None:
    assert is_url("postgres://h")
    assert is_url("mariadb://h")
    assert not is_url("orders-production")


def test_a_person_is_asked_once_and_the_answer_is_kept() -> None:
    asked: list[int] = []

    def ask() -> Secret | None:
        asked.append(1)
        return Secret("typed") if len(asked) > 1 else None

    address = parse("postgresql://h", {}, ask)
    assert address.ask is not None
    assert [address.ask(), address.ask(), address.ask()] == [None, Secret("typed"), Secret("typed")]
    assert len(asked) == 2


def test_a_plain_url_connects(postgres_server: PostgresServer) -> None:
    connection = open_connection(parse(postgres_server.dsn(), {}), Settings())
    try:
        assert isinstance(connection, PostgresConnection)
        assert connection.info.tls == ""
        assert connection.info.user == "rdsadmin"
    finally:
        connection.close()
