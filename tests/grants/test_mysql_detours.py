"""Views and routines that read with somebody else's rights: each way is gone by a real login."""

from __future__ import annotations

from collections.abc import Iterator

import pymysql
import pytest

from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import parse
from rolebrowser.grants.mysql import fix
from rolebrowser.grants.mysql.explain import Answer, why
from rolebrowser.grants.mysql.facts import Facts, quoted
from rolebrowser.grants.mysql.load import load
from rolebrowser.grants.mysql.picture import MysqlPicture
from rolebrowser.grants.mysql.question import parse as ask
from rolebrowser.sandbox.mariadb import MariadbServer
from tests.mysql_server import is_mysql, spoken

REFUSED = frozenset((1045, 1142, 1143, 1356, 1370, 1449))
ACCOUNTS = ("da@'%'", "owner_@'%'", "none@'%'", "column_@'%'", "wide@'%'", "seer@'%'", "rolled@'%'")
WORLD = (
    *(f"CREATE USER {each} IDENTIFIED BY 'x'" for each in ACCOUNTS),
    "CREATE ROLE der",
    "CREATE DATABASE de",
    "CREATE DATABASE dv",
    "CREATE TABLE de.t (a int, b int)",
    "INSERT INTO de.t VALUES (1, 2)",
    "GRANT SELECT ON de.t TO owner_@'%'",
    "GRANT SELECT (a) ON de.t TO column_@'%'",
    "GRANT SELECT ON de.* TO wide@'%'",
    "GRANT SELECT ON de.t TO der",
    "GRANT der TO rolled@'%'",
)


class World:
    def __init__(self, server: MariadbServer) -> None:
        self.server = server

    def view(self, name: str, definer: str, text: str, security: str = "DEFINER") -> None:
        self.server.execute(
            f"CREATE DEFINER={definer} SQL SECURITY {security} VIEW dv.{quoted(name)} AS {text}",
            f"GRANT SELECT ON dv.{quoted(name)} TO da@'%'",
        )

    def reads(self, statement: str, user: str = "da") -> bool:
        """Log in for real and try."""
        login = pymysql.connect(
            host="127.0.0.1", port=self.server.port, user=user, password="x", autocommit=True
        )
        try:
            with login.cursor() as cursor:
                cursor.execute(statement)
                return bool(cursor.fetchall())
        except pymysql.MySQLError as error:
            if error.args[0] not in REFUSED:
                raise
            return False
        finally:
            login.close()

    def facts(self, user: str = "") -> Facts:
        url = f"mysql://{user}:x@127.0.0.1:{self.server.port}/" if user else self.server.dsn()
        connection = open_connection(parse(url, {}, None), Settings())
        try:
            return load(connection)
        finally:
            connection.close()

    def picture(self, user: str = "") -> MysqlPicture:
        return MysqlPicture(self.facts(user))

    def answer(self, question: str, user: str = "") -> Answer:
        listing = self.picture(user).listing
        (part,) = ask(question, listing).parts
        return why(listing, *part)

    def ways(self, who: str = "da@%", table: str = "de.t") -> tuple[str, ...]:
        return self.answer(f"{who} SELECT {table}").detours


@pytest.fixture
def world(either_server: MariadbServer) -> Iterator[World]:
    either_server.execute(
        *WORLD, spoken(not is_mysql(either_server), "SET DEFAULT ROLE der FOR rolled@'%'")
    )
    yield World(either_server)
    either_server.execute(
        "DROP DATABASE de",
        "DROP DATABASE dv",
        "DROP ROLE der",
        *(f"DROP USER IF EXISTS {each}" for each in ACCOUNTS),
    )


@pytest.mark.parametrize(
    ("definer", "text"),
    [
        ("owner_@'%'", "SELECT * FROM de.t"),
        ("wide@'%'", "SELECT x.b FROM (SELECT 1 AS one) o JOIN de.t x ON x.a = o.one"),
        ("owner_@'10.9.9.9'", "SELECT * FROM de.t"),
        ("der", "SELECT * FROM de.t"),
        ("column_@'%'", "SELECT a FROM de.t"),
        ("column_@'%'", "SELECT count(*) FROM de.t"),
        ("column_@'%'", "SELECT a FROM de.t x WHERE x.b > 1"),
        ("none@'%'", "SELECT * FROM de.t"),
        ("gone@'%'", "SELECT * FROM de.t"),
        # A definer acts with no role active.
        ("rolled@'%'", "SELECT * FROM de.t"),
    ],
)
def test_a_view_is_a_way_as_far_as_its_definer_may_read(
    world: World, definer: str, text: str
) -> None:
    world.view("v", definer, text)
    assert not world.reads("SELECT * FROM de.t")
    passes = world.reads("SELECT * FROM dv.v")
    assert bool(world.ways()) == passes
    answer = world.answer("da@% SELECT dv.v")
    assert answer.can == passes
    assert answer.gates[-1].passed == passes


def test_which_definers_open_a_view_is_what_the_table_above_says(world: World) -> None:
    world.view("opens", "owner_@'%'", "SELECT * FROM de.t")
    world.view("shut", "none@'%'", "SELECT * FROM de.t")
    world.view("lost", "gone@'%'", "SELECT * FROM de.t")
    assert world.ways() == ("da@% → view dv.opens (as its definer owner_@%)",)
    sentences = [world.answer(f"da@% SELECT dv.{each}").gates[-1].sentence
                 for each in ("opens", "shut", "lost")]  # fmt: skip
    assert sentences == [
        "dv.opens reads de.t with the rights of owner_@%, who may.",
        "dv.shut reads de.t with the rights of none@%, who lacks SELECT there.",
        "dv.lost reads de.t with the rights of gone@%, an account that is gone.",
    ]


def test_an_invokers_view_is_a_way_only_inside_a_definers(world: World) -> None:
    world.view("inner", "owner_@'%'", "SELECT * FROM de.t", "INVOKER")
    assert not world.reads("SELECT * FROM dv.inner")
    assert world.ways() == ()
    assert world.answer("da@% SELECT dv.inner").can is False
    world.view("outer_", "wide@'%'", "SELECT * FROM dv.inner")
    assert not world.reads("SELECT * FROM dv.outer_")
    assert world.ways() == ()
    world.server.execute("GRANT SELECT ON dv.inner TO wide@'%'")
    assert world.reads("SELECT * FROM dv.outer_")
    assert world.ways() == (
        "da@% → view dv.outer_ (as its definer wide@%) → view dv.inner (as who asks)",
    )


def test_views_over_views_each_ask_their_own_definer(world: World) -> None:
    world.view("low", "owner_@'%'", "SELECT * FROM de.t")
    world.server.execute("GRANT SELECT ON dv.low TO none@'%'")
    world.view("mid", "none@'%'", "SELECT * FROM dv.low")
    world.view("top", "da@'%'", "SELECT * FROM dv.mid", "INVOKER")
    world.server.execute(
        "REVOKE SELECT ON dv.low FROM da@'%'", "REVOKE SELECT ON dv.mid FROM da@'%'"
    )
    assert not world.reads("SELECT * FROM dv.top")
    assert world.ways() == ()
    world.server.execute("GRANT SELECT ON dv.mid TO da@'%'")
    assert world.reads("SELECT * FROM dv.top")
    below = "view dv.mid (as its definer none@%) → view dv.low (as its definer owner_@%)"
    assert set(world.ways()) == {f"da@% → view dv.top (as who asks) → {below}", f"da@% → {below}"}
    world.server.execute("REVOKE SELECT ON dv.low FROM none@'%'")
    assert not world.reads("SELECT * FROM dv.top")
    assert world.ways() == ()


def test_a_routine_that_runs_as_its_definer_may_be_a_way(world: World) -> None:
    world.server.execute(
        "CREATE DEFINER=owner_@'%' PROCEDURE dv.p() SELECT * FROM de.t",
        "CREATE DEFINER=owner_@'%' PROCEDURE dv.i() SQL SECURITY INVOKER SELECT * FROM de.t",
        "CREATE DEFINER=none@'%' PROCEDURE dv.n() SELECT * FROM de.t",
        "CREATE DEFINER=none@'%' PROCEDURE dv.c() CALL dv.p()",
        *(f"GRANT EXECUTE ON PROCEDURE dv.{each} TO da@'%'" for each in "inc"),
    )
    assert [world.reads(f"CALL dv.{each}()") for each in "inc"] == [False] * 3
    assert world.ways() == ()
    world.server.execute(
        "GRANT EXECUTE ON PROCEDURE dv.p TO da@'%', none@'%'",
        "GRANT EXECUTE ON PROCEDURE dv.c TO none@'%'",
    )
    # The definer too must be allowed to run what runs as it.
    assert [world.reads(f"CALL dv.{each}()") for each in "pinc"] == [False] * 4
    assert world.ways() == ()
    world.server.execute("GRANT EXECUTE ON PROCEDURE dv.p TO owner_@'%'")
    assert [world.reads(f"CALL dv.{each}()") for each in "pinc"] == [True, False, False, True]
    last = "procedure dv.p (runs as owner_@%; its body names de.t)"
    assert set(world.ways()) == {
        f"da@% → {last}",
        f"da@% → procedure dv.c (runs as none@%; its body names procedure dv.p) → {last}",
    }


def test_the_tab_and_the_records_name_who_comes_round_about(world: World) -> None:
    world.view("v`]", "owner_@'%'", "SELECT * FROM de.t")
    picture = world.picture()
    place = next(head.number for head in picture.objects(picture.levels[0]) if head.title == "de.t")
    sections = {each.title: [entry.text for entry in each.entries]
                for each in picture.audience(place)}  # fmt: skip
    step = "view dv.`v``]` (as its definer owner_@%)"
    assert sections["Through a view"][:2] == [step, "da@%"]
    listing = picture.listing
    who, on = listing.find_role("da@%"), listing.find_table("de.t")
    (record,) = (each for each in listing.records([who], [on]) if each.state == "indirect")
    assert (record.privilege, record.via) == ("SELECT", (f"da@% → {step}",))
    owner = listing.find_role("owner_@%")
    assert all(each.state != "indirect" for each in listing.records([owner], [on]))


def test_taking_a_table_away_says_what_stays_open(world: World) -> None:
    world.view("v", "owner_@'%'", "SELECT * FROM de.t")
    world.server.execute("GRANT SELECT ON de.t TO da@'%'")
    listing = world.picture().listing
    (part,) = ask("da@% SELECT de.t", listing).parts
    plan = fix.taking(listing, *part).plans[0]
    way = "da@% → view dv.v (as its definer owner_@%)"
    assert f"Its rows are still read round about: {way}." in plan.notes
    world.server.execute(*(each.rstrip(";") for each in plan.statements))
    assert not world.reads("SELECT * FROM de.t")
    assert world.reads("SELECT * FROM dv.v")


def test_what_the_reader_may_not_see_is_said(world: World) -> None:
    world.view("v", "owner_@'%'", "SELECT * FROM de.t")
    world.server.execute("GRANT SELECT ON dv.v TO seer@'%'")
    note = "What 1 view read can't be seen"
    assert any(each.startswith(note) for each in world.facts("seer").notes)
    world.server.execute("GRANT SHOW VIEW ON dv.v TO seer@'%'", "GRANT INSERT ON de.t TO seer@'%'")
    assert not any(each.startswith(note) for each in world.facts("seer").notes)
    # Its text is seen now; what its definer may read is not.
    answer = world.answer("seer@% SELECT dv.v", "seer")
    assert answer.can
    assert answer.gates[-1].passed is None
    picture = world.picture("seer")
    place = next(head.number for head in picture.objects(picture.levels[0]) if head.title == "de.t")
    titles = [each.title for each in picture.audience(place)]
    assert "Perhaps through a view" in titles
