"""The Grants tab's picture of a MariaDB: what each view is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Connection, Settings
from rolebrowser.connection.url import parse
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.grants import picture
from rolebrowser.grants.mysql.picture import MysqlPicture, load
from rolebrowser.grants.picture import Cell, Entry, Mark, Origin, Section
from rolebrowser.sandbox.mariadb import MariadbServer

WORLD = (
    "CREATE USER pa@'%' IDENTIFIED BY 'x'",
    "CREATE USER 'p b'@'10.%' IDENTIFIED BY 'x'",
    "CREATE ROLE pr",
    "CREATE ROLE pr2",
    "GRANT pr2 TO pr",
    "GRANT pr TO pa@'%'",
    "CREATE DATABASE pd",
    "CREATE TABLE pd.t (a int)",
    "CREATE TABLE pd.u (a int)",
    "GRANT SELECT ON pd.* TO pa@'%' WITH GRANT OPTION",
    "GRANT INSERT ON pd.t TO pr2",
    "GRANT UPDATE (a) ON pd.t TO 'p b'@'10.%'",
    "GRANT DELETE ON pd.t TO PUBLIC",
)


@pytest.fixture(scope="module")
def connection(mariadb_server: MariadbServer) -> Iterator[Connection]:
    mariadb_server.execute(*WORLD)
    opened = open_connection(
        parse(f"mysql://pa:x@127.0.0.1:{mariadb_server.port}/", {}, None), Settings()
    )
    yield opened
    opened.close()
    mariadb_server.execute(
        "REVOKE ALL, GRANT OPTION FROM PUBLIC",
        "DROP USER pa@'%', 'p b'@'10.%'",
        "DROP ROLE pr, pr2",
        "DROP DATABASE pd",
    )


@pytest.fixture(scope="module")
def seen(connection: Connection, mariadb_server: MariadbServer) -> Iterator[MysqlPicture]:
    root = open_connection(parse(mariadb_server.dsn(), {}, None), Settings())
    yield load(root)
    root.close()


def role(seen: MysqlPicture, name: str) -> int:
    return next(head.number for head in seen.roles if head.name == name)


def place(seen: MysqlPicture, title: str) -> int:
    heads = (head for level in seen.levels for head in seen.objects(level))
    return next(head.number for head in heads if head.title == title)


def cell(seen: MysqlPicture, who: str, title: str) -> Cell:
    return seen.row(role(seen, who), seen.levels[0]).cell(place(seen, title))


def letters(found: Cell) -> str:
    return "".join(each.letter if each else "·" for each in found.letters)


def lines(sections: tuple[Section, ...]) -> dict[str, list[str]]:
    return {each.title: [entry.text for entry in each.entries] for each in sections}


def test_the_matrix_has_levels_heads_and_letters(seen: MysqlPicture) -> None:
    assert [level.name for level in seen.levels][:3] == ["tables", "databases", "columns"]
    assert seen.roles[0].current
    assert seen.roles[1].number == picture.EVERYBODY
    found = cell(seen, "pa@%", "pd.t")
    assert letters(found).startswith("ar·d")
    insert, select, _, delete, *_ = found.letters
    assert insert is not None
    assert insert.origin is Origin.LATENT
    assert select is not None
    assert (select.origin, select.grantable) == (Origin.DIRECT, True)
    assert delete is not None
    assert delete.origin is Origin.PUBLIC
    assert letters(cell(seen, "pa@%", "pd.u")).startswith("·r··")
    assert letters(cell(seen, "PUBLIC", "pd.t")).startswith("···d")
    direct, inherited = (cell(seen, name, "pd.t").letters[0] for name in ("pr2", "pr"))
    assert direct is not None
    assert inherited is not None
    assert (direct.origin, inherited.origin) == (Origin.DIRECT, Origin.INHERITED)


def test_a_cell_in_words(seen: MysqlPicture) -> None:
    found = seen.detail(role(seen, "pa@%"), place(seen, "pd.t"))
    assert [(each.text, each.note, each.mark) for each in found] == [
        ("SELECT*", "pa@% (on pd.*)", Mark.YES),
        ("DELETE*", "pa@% → PUBLIC", Mark.YES),
        ("INSERT*", "pa@% ⇒ SET ROLE pr → pr2", Mark.LATENT),
    ]


def test_an_account_and_its_roles(seen: MysqlPicture) -> None:
    found = lines(seen.portrait(role(seen, "pa@%")))
    assert found["pa@%"] == ["It can log in from anywhere."]
    assert found["Roles that it was granted"] == ["pr", "pr → pr2"]
    assert found["granted to it directly"] == ["pd.*"]
    assert found["pa@% ⇒ SET ROLE pr → pr2"] == ["pd.t"]
    assert lines(seen.portrait(role(seen, "pr2")))["Granted to"] == ["root@localhost", "pr"]


def test_who_reaches_a_table(seen: MysqlPicture) -> None:
    found = lines(seen.audience(place(seen, "pd.t")))
    assert "pa@% (on pd.*)" in found["Granted to the account"]
    assert "pr → pr2" in found["Through a role"]
    assert "pa@% ⇒ SET ROLE pr → pr2" in found["After SET ROLE"]
    assert found["On some columns only"] == ["`p b`@10.%"]
    assert "PUBLIC" in found["PUBLIC"]


def test_why_and_what_would_change_it(seen: MysqlPicture, connection: Connection) -> None:
    inquiry = seen.inquire("pa@% INSERT pd.t")
    assert seen.question(inquiry.parts[0]).text == "pa@% INSERT pd.t"
    answer, give, take = seen.why(inquiry)
    assert answer.title == "pa@% can't use INSERT on pd.t (latent)."
    plans = [each.statements for each in give.entries if each.mark is Mark.DO]
    assert ("SET DEFAULT ROLE `pr` FOR `pa`@`%`;",) in plans
    assert any("REVOKE INSERT ON `pd`.`t` FROM `pr2`;" in each.statements for each in take.entries)
    with pytest.raises(UnknownName):
        seen.inquire("pa@% INSERT pd.nothing")


def test_the_servers_word_is_asked_for_ones_own_account(connection: Connection) -> None:
    own = load(connection)
    assert own.notes
    (said,) = own.verify(connection, own.inquire("pa SELECT pd.t"))
    assert [each.mark for each in said.entries] == [Mark.YES]
    (said,) = own.verify(connection, own.inquire("pa UPDATE pd.t SET a = 1"))
    assert "denied" in " ".join(each.text for each in said.entries)


def test_a_question_is_completed(seen: MysqlPicture) -> None:
    assert seen.suggest("pa") == "pa@%"
    assert seen.suggest("pa@% sel") == "pa@% SELECT"
    assert seen.suggest("pa@% SELECT pd.t") == "pa@% SELECT pd.t"
    assert seen.suggest("nobody") == ""


def test_two_accounts_and_two_looks(seen: MysqlPicture) -> None:
    found = lines(seen.differences(role(seen, "pa@%"), seen, role(seen, "p b@10.%")))
    assert "pd.*" in found["Only pa@%"]
    assert found["Only `p b`@10.%"] == ["pd.t.a", "via `p b`@10.%"]
    assert seen.changes(seen) == ()
    with pytest.raises(ConfigError):
        seen.differences(0, _Other(), 0)  # pyright: ignore[reportArgumentType]


def test_changes_are_told(seen: MysqlPicture, mariadb_server: MariadbServer) -> None:
    mariadb_server.execute("GRANT DROP ON pd.u TO pr")
    root = open_connection(parse(mariadb_server.dsn(), {}, None), Settings())
    try:
        (section,) = load(root).changes(seen)
        assert section == Section("grant", (Entry("DROP on pd.u to pr", mark=Mark.CAME),))
    finally:
        root.close()
        mariadb_server.execute("REVOKE DROP ON pd.u FROM pr")


def test_the_classic_statements_name_what_is_in_view(seen: MysqlPicture) -> None:
    asked = seen.inquire("`p b`@`10.%` SELECT pd.t").parts[0]
    assert "SHOW GRANTS FOR `p b`@`10.%`;" in seen.classic("role", asked)
    assert "Db = 'pd' AND Table_name = 't'" in seen.classic("table", asked)
    for view in ("matrix", "why", "compare", "seen", "changes"):
        assert "{" not in seen.classic(view, asked)
    assert seen.left_out()


class _Other:
    """A picture of another engine."""
