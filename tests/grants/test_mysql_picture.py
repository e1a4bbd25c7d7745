"""The Grants tab's picture of a MariaDB: what each view is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Connection, Settings
from rolebrowser.connection.statements import split
from rolebrowser.connection.url import parse
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.grants import picture
from rolebrowser.grants.mysql.picture import MysqlPicture, load
from rolebrowser.grants.picture import Cell, Entry, Mark, Origin, Section
from rolebrowser.grants.question import Question
from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.target import Engine
from rolebrowser.tui.matrix_changes import Comparison
from tests.mysql_server import is_mysql, spoken

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
    "GRANT DELETE ON pd.t TO {everybody}",
)


@pytest.fixture(scope="module")
def connection(either_server: MariadbServer) -> Iterator[Connection]:
    if is_mysql(either_server):
        # A role that is everybody's stands for PUBLIC, which MySQL doesn't have.
        either_server.execute("CREATE ROLE pub", "SET GLOBAL mandatory_roles = 'pub'")
    named = "pub" if is_mysql(either_server) else "PUBLIC"
    either_server.execute(*(each.format(everybody=named) for each in WORLD))
    opened = open_connection(
        parse(f"mysql://pa:x@127.0.0.1:{either_server.port}/", {}, None), Settings()
    )
    yield opened
    opened.close()
    if is_mysql(either_server):
        either_server.execute("SET GLOBAL mandatory_roles = ''", "DROP ROLE pub")
    else:
        either_server.execute("REVOKE ALL, GRANT OPTION FROM PUBLIC")
    either_server.execute(
        "DROP USER pa@'%', 'p b'@'10.%'",
        "DROP ROLE pr, pr2",
        "DROP DATABASE pd",
    )


@pytest.fixture(scope="module")
def seen(connection: Connection, either_server: MariadbServer) -> Iterator[MysqlPicture]:
    root = open_connection(parse(either_server.dsn(), {}, None), Settings())
    yield load(root)
    root.close()


def everybody(seen: MysqlPicture) -> str:
    """Who stands for everybody: in MySQL a role that is mandatory."""
    return "PUBLIC" if seen.facts.mariadb else "pub@%"


def said(seen: MysqlPicture, text: str) -> str:
    return spoken(seen.facts.mariadb, text, "pr", "pr2")


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
    if seen.facts.mariadb:
        assert seen.roles[1].number == picture.EVERYBODY
    found = cell(seen, "pa@%", "pd.t")
    assert letters(found).startswith("ar·d")
    insert, select, _, delete, *_ = found.letters
    assert insert is not None
    assert insert.origin is Origin.LATENT
    assert select is not None
    assert (select.origin, select.grantable) == (Origin.DIRECT, True)
    assert delete is not None
    assert delete.origin is (Origin.PUBLIC if seen.facts.mariadb else Origin.INHERITED)
    assert letters(cell(seen, "pa@%", "pd.u")).startswith("·r··")
    assert letters(cell(seen, everybody(seen), "pd.t")).startswith("···d")
    direct, inherited = (cell(seen, said(seen, name), "pd.t").letters[0] for name in ("pr2", "pr"))
    assert direct is not None
    assert inherited is not None
    assert (direct.origin, inherited.origin) == (Origin.DIRECT, Origin.INHERITED)


def test_a_cell_in_words(seen: MysqlPicture) -> None:
    found = seen.detail(role(seen, "pa@%"), place(seen, "pd.t"))
    assert [(each.text, each.note, each.mark) for each in found] == [
        ("SELECT*", "pa@% (on pd.*)", Mark.YES),
        ("DELETE*", f"pa@% → {everybody(seen)}", Mark.YES),
        ("INSERT*", said(seen, "pa@% ⇒ SET ROLE pr → pr2"), Mark.LATENT),
    ]


def test_an_account_and_its_roles(seen: MysqlPicture) -> None:
    found = lines(seen.portrait(role(seen, "pa@%")))
    assert found["pa@%"] == ["It can log in from anywhere."]
    roles = [said(seen, "pr"), said(seen, "pr → pr2")]
    assert found["Roles that it was granted"][:2] == roles
    assert found["Granted to it directly"] == ["pd.*"]
    assert found[said(seen, "pa@% ⇒ SET ROLE pr → pr2")] == ["pd.t"]
    # MariaDB gives a role to who makes it.
    granted = lines(seen.portrait(role(seen, said(seen, "pr2"))))["Granted to"]
    assert granted == ["root@localhost", "pr"] if seen.facts.mariadb else ["pr@%"]


def test_who_reaches_a_table(seen: MysqlPicture) -> None:
    found = lines(seen.audience(place(seen, "pd.t")))
    assert "pa@% (on pd.*)" in found["Granted to the account"]
    assert said(seen, "pr → pr2") in found["Through a role"]
    assert said(seen, "pa@% ⇒ SET ROLE pr → pr2") in found["After SET ROLE"]
    assert found["On some columns only"] == ["`p b`@10.%"]
    if seen.facts.mariadb:
        assert "PUBLIC" in found["PUBLIC"]
    else:
        assert "pa@% → pub@%" in found["Through a role"]


def test_why_and_what_would_change_it(seen: MysqlPicture, connection: Connection) -> None:
    inquiry = seen.inquire("pa@% INSERT pd.t")
    assert seen.question(inquiry.parts[0]).text == "pa@% INSERT pd.t"
    answer, give, take = seen.why(inquiry)
    assert answer.title == "pa@% can't use INSERT on pd.t (latent)."
    plans = [each.statements for each in give.entries if each.mark is Mark.DO]
    assert (said(seen, "SET DEFAULT ROLE `pr` FOR `pa`@`%`;"),) in plans
    assert any(
        said(seen, "REVOKE INSERT ON `pd`.`t` FROM `pr2`;") in each.statements
        for each in take.entries
    )
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


def test_changes_are_told(seen: MysqlPicture, either_server: MariadbServer) -> None:
    either_server.execute("GRANT DROP ON pd.u TO pr")
    root = open_connection(parse(either_server.dsn(), {}, None), Settings())
    try:
        (section,) = load(root).changes(seen)
        assert section == Section(
            "grant", (Entry(said(seen, "DROP on pd.u to pr"), mark=Mark.CAME),)
        )
    finally:
        root.close()
        either_server.execute("REVOKE DROP ON pd.u FROM pr")


@pytest.mark.parametrize("everything", [False, True])
def test_what_merely_came_into_sight_is_no_news(
    connection: Connection, either_server: MariadbServer, everything: bool
) -> None:
    """SET ROLE shows what a role has, or with SELECT on mysql.* everybody's: it was there before.

    MySQL tells an account of all its roles, active or not.
    """
    mysql = is_mysql(either_server)
    pr = "pr@`%`" if mysql else "pr"
    if everything:
        either_server.execute(f"GRANT SELECT ON *.* TO {pr}")
    try:
        before = load(connection)
        connection.run(f"SET ROLE {pr}").result()
        either_server.execute("GRANT DROP ON pd.u TO pa@'%'")
        after = load(connection)
        news, *sight = after.changes(before)
        assert news == Section("grant", (Entry("DROP on pd.u to pa@%", mark=Mark.CAME),))
        assert bool(sight) is (everything or not mysql)
        assert {entry.mark for each in sight for entry in each.entries} <= {Mark.IN_SIGHT}
        if sight:
            assert sight[0].title == "In sight now"
            assert "grant INSERT on pd.t to" in " ".join(e.text for e in sight[0].entries)
        compared = Comparison(after, before, after.levels[0])
        marked = {
            (head.name, thing.title)
            for head in after.roles
            for thing in after.objects(after.levels[0])
            if compared.row(head.number).changed(thing.number)
        }
        # MariaDB's first look couldn't tell what pr brought to pa.
        assert marked == ({("pa@%", "pd.u")} if mysql else set())
        connection.run("SET ROLE NONE").result()
        found = load(connection).changes(after)
        assert ("Out of sight now" in [each.title for each in found]) is bool(sight)
        assert {entry.mark for each in found for entry in each.entries} <= {Mark.IN_SIGHT}
    finally:
        connection.run("SET ROLE NONE").result()
        either_server.execute("REVOKE DROP ON pd.u FROM pa@'%'")
        if everything:
            either_server.execute(f"REVOKE SELECT ON *.* FROM {pr}")


def test_every_classic_statement_can_be_run(
    seen: MysqlPicture, either_server: MariadbServer
) -> None:
    root = open_connection(parse(either_server.dsn(), {}, None), Settings())
    try:
        for level in seen.levels:
            for head in seen.objects(level)[:40]:
                asked = Question(role(seen, "p b@10.%"), head.number, 0)
                for view in ("matrix", "role", "table", "why", "compare", "changes"):
                    text = seen.classic(view, asked, "pa@%")
                    for statement in split(text, Engine.MYSQL):
                        root.query(statement.text).result()
    finally:
        root.close()


def test_the_classic_statements_name_what_is_in_view(seen: MysqlPicture) -> None:
    asked = seen.inquire("`p b`@`10.%` SELECT pd.t").parts[0]
    assert "SHOW GRANTS FOR `p b`@`10.%`;" in seen.classic("role", asked)
    assert "Db = 'pd' AND Table_name = 't'" in seen.classic("table", asked)
    for view in ("matrix", "why", "compare", "seen", "changes"):
        assert "{" not in seen.classic(view, asked)


def test_what_show_grants_leaves_out_is_counted_by_whose_it_is(
    seen: MysqlPicture, connection: Connection, either_server: MariadbServer
) -> None:
    """What a role has is left out until it is active, and SHOW GRANTS shows that much more."""
    own = load(connection)
    assert not own.complete
    waiting = ("what pr may while not active",) if seen.facts.mariadb else ()
    assert own.left_out() == (*waiting, "everybody else's grants")
    pr = "pr" if seen.facts.mariadb else "pr@`%`"
    may_read = [f"GRANT SELECT ON mysql.* TO {who}" for who in (pr, "pa@'%'")]
    either_server.execute(*may_read)

    def counted() -> dict[str, int]:
        picture = load(connection)
        assert picture.complete
        return {why: int(n) for n, why in (each.split(" ", 1) for each in picture.left_out())}

    def lines() -> int:
        rows = connection.query("SHOW GRANTS").result()
        return sum("GRANT USAGE" not in str(row[0]) for row in rows)

    inactive = "to roles that aren't active"
    try:
        before, shown = counted(), lines()
        connection.run(f"SET ROLE {pr}").result()
        after, more = counted(), lines()
        # pr2 to pr, INSERT to pr2, SELECT to pr.
        assert before[inactive] - after.get(inactive, 0) == 3
        assert not seen.facts.mariadb or more - shown == 3
        assert before["to other accounts"] == after["to other accounts"]
    finally:
        connection.run("SET ROLE NONE").result()
        either_server.execute(
            *(each.replace("GRANT", "REVOKE").replace(" TO ", " FROM ") for each in may_read)
        )


class _Other:
    """A picture of another engine."""
