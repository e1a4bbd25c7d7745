"""The traps of shared/reference/mysql-privileges.md: each time a real login decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pymysql
import pytest

from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Connection, Settings
from rolebrowser.connection.url import parse
from rolebrowser.grants.explain import Gate
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql import fix
from rolebrowser.grants.mysql.explain import Answer, why
from rolebrowser.grants.mysql.facts import Membership, Who
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.load import load
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.question import Question
from rolebrowser.grants.mysql.question import parse as ask
from rolebrowser.sandbox.mariadb import MariadbServer
from tests.mysql_server import is_mysql, spoken

ZA = Who("za", "%")
# 1227 for want of one of several, 1698 what MariaDB says of GRANT role without ADMIN OPTION.
DENIED = frozenset((1044, 1142, 1143, 1227, 1370, 1698, 1959, 3530))


@dataclass
class World:
    """A MariaDB with the account za@%, a few roles and databases."""

    server: MariadbServer
    open: list[Connection] = field(default_factory=list)

    @property
    def mariadb(self) -> bool:
        return not is_mysql(self.server)

    def said(self, text: str) -> str:
        return spoken(self.mariadb, text, "zr", "zr2")

    def do(self, *statements: str) -> None:
        self.server.execute(*(spoken(self.mariadb, each) for each in statements))

    def login(self, user: str = "za", *, socket: bool = False) -> Any:
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self.server.port}
        if socket:
            where = {"unix_socket": str(self.server.socket)}
        return pymysql.connect(user=user, password="x", autocommit=True, **where)

    def can(self, *statements: str, user: str = "za", socket: bool = False) -> bool:
        """Log in for real and try: False when the last one is refused."""
        login = self.login(user, socket=socket)
        try:
            for each in statements:
                with login.cursor() as cursor:
                    cursor.execute(each)
                    cursor.fetchall()
        except pymysql.MySQLError as error:
            if error.args[0] not in DENIED:
                raise
            return False
        finally:
            login.close()
        return True

    def connect(self, user: str = "") -> Connection:
        url = self.server.dsn()
        if user:
            url = f"mysql://{user}:x@127.0.0.1:{self.server.port}/"
        connection = open_connection(parse(url, {}, None), Settings())
        self.open.append(connection)
        return connection

    def listing(self, user: str = "") -> Listing:
        return Listing(Model(load(self.connect(user))))

    def answer(self, question: str, user: str = "") -> Answer:
        listing = self.listing(user)
        (part,) = ask(question, listing).parts
        return why(listing, *part)

    def state(self, question: str, user: str = "") -> State | None:
        return self.answer(question, user).state


@pytest.fixture
def world(either_server: MariadbServer) -> Iterator[World]:
    made = World(either_server)
    try:
        made.do(
            "CREATE USER za@'%' IDENTIFIED BY 'x'",
            "CREATE ROLE zr",
            "CREATE ROLE zr2",
            "CREATE DATABASE zs",
            "CREATE DATABASE zs_x",
            "CREATE DATABASE zsAx",
            *(f"CREATE TABLE {name}.t (a int, b int)" for name in ("zs", "zs_x", "zsAx")),
        )
        yield made
    finally:
        for each in made.open:
            each.close()
        made.do(
            "DROP USER IF EXISTS za@'%', za@localhost, za@'127.0.0.1', zb@'%'",
            "DROP ROLE IF EXISTS zr, zr2",
            "DROP DATABASE zs",
            "DROP DATABASE zs_x",
            "DROP DATABASE zsAx",
        )


def test_a_granted_role_that_is_not_default_waits_for_set_role(world: World) -> None:
    world.do("GRANT SELECT ON zs.t TO zr", "GRANT zr TO za@'%'")
    assert not world.can("SELECT * FROM zs.t")
    assert world.can("SET ROLE zr", "SELECT * FROM zs.t")
    answer = world.answer("za@% SELECT zs.t")
    assert answer.state is State.LATENT
    assert answer.via == (world.said("za@% ⇒ SET ROLE zr"),)
    assert f"{world.said('zr')} only after SET ROLE" in answer.gates[1].sentence
    world.do("SET DEFAULT ROLE zr FOR za@'%'")
    assert world.can("SELECT * FROM zs.t")
    answer = world.answer("za@% SELECT zs.t")
    assert answer.state is State.EFFECTIVE
    assert answer.via == (world.said("za@% → zr"),)


def test_a_role_whose_grants_are_not_shown_makes_no_certain_no(world: World) -> None:
    world.do("GRANT UPDATE ON zs.t TO zr", "GRANT SELECT ON zs.t TO za@'%'", "GRANT zr TO za@'%'")
    assert world.can("SET ROLE zr", "UPDATE zs.t SET a = a")
    mine = world.answer("za@% UPDATE zs.t", "za")
    if world.mariadb:  # MySQL shows an account what its roles have
        assert mine.state is None
        assert mine.verdict.endswith("at login; what zr may can't be seen.")
    else:
        assert mine.state is State.LATENT
    assert world.answer("za@% UPDATE zs.t").state is State.LATENT
    assert world.answer("UPDATE zs.t SET a = 1", "za").who == ZA


def test_a_database_by_name_hides_a_pattern(world: World) -> None:
    world.do("GRANT SELECT ON `zs%`.* TO za@'%'")
    assert world.can("SELECT * FROM zs.t")
    assert world.answer("za@% SELECT zs.t").via == ("za@% (on `zs%`.*)",)
    world.do("GRANT INSERT ON zs.* TO za@'%'")
    assert not world.can("SELECT * FROM zs.t")
    answer = world.answer("za@% SELECT zs.t")
    assert answer.state is None
    assert "hides the one on `zs%`.*" in answer.gates[-1].sentence
    assert world.can("SELECT * FROM zsAx.t")
    assert world.state("za@% SELECT zsAx.t") is State.EFFECTIVE


def test_an_underscore_is_a_wildcard_unless_it_is_escaped(world: World) -> None:
    world.do("GRANT SELECT ON `zs_x`.* TO za@'%'")
    assert world.can("SELECT * FROM zsAx.t")
    assert world.state("za@% SELECT zsAx.t") is State.EFFECTIVE
    world.do("REVOKE ALL ON `zs_x`.* FROM za@'%'", r"GRANT SELECT ON `zs\_x`.* TO za@'%'")
    assert not world.can("SELECT * FROM zsAx.t")
    assert world.can("SELECT * FROM zs_x.t")
    assert world.state("za@% SELECT zsAx.t") is None
    assert world.state("za@% SELECT zs_x.t") is State.EFFECTIVE


def test_a_database_grant_to_any_host_serves_the_account_of_one_host(world: World) -> None:
    world.do(
        "CREATE USER za@'127.0.0.1' IDENTIFIED BY 'x'",
        "GRANT INSERT ON zs.* TO za@'%'",
        "GRANT DELETE ON *.* TO za@'%'",
    )
    assert world.can("INSERT INTO zs.t VALUES (1, 2)")
    assert not world.can("DELETE FROM zs.t")
    answer = world.answer("za@127.0.0.1 INSERT zs.t")
    assert answer.state is State.EFFECTIVE
    assert answer.via == ("za@127.0.0.1 (on zs.* to za@%)",)
    assert world.state("za@127.0.0.1 DELETE zs.t") is None


def test_nested_roles_come_along_and_can_not_be_set_themselves(world: World) -> None:
    world.do("GRANT SELECT ON zs.t TO zr2", "GRANT zr2 TO zr", "GRANT zr TO za@'%'")
    assert world.can("SET ROLE zr", "SELECT * FROM zs.t")
    assert not world.can("SET ROLE zr2")
    assert world.answer("za@% SELECT zs.t").via == (world.said("za@% ⇒ SET ROLE zr → zr2"),)


def test_a_tables_revoke_takes_nothing_from_a_databases_grant(world: World) -> None:
    world.do("GRANT SELECT ON zs.* TO za@'%'")
    with pytest.raises(pymysql.MySQLError, match="1147"):
        world.do("REVOKE SELECT ON zs.t FROM za@'%'")
    taken = fix.taking(world.listing(), *_asked(world, "za@% SELECT zs.t"))
    assert any("1147" in sentence for sentence in taken.sentences)
    assert taken.plans[0].statements == ("REVOKE SELECT ON `zs`.* FROM `za`@`%`;",)


def test_a_column_grant_counts_rows_and_keeps_other_columns(world: World) -> None:
    world.do("GRANT SELECT (a) ON zs.t TO za@'%'")
    assert world.can("SELECT count(*) FROM zs.t")
    assert world.can("SELECT a FROM zs.t")
    assert not world.can("SELECT a FROM zs.t WHERE b = 1")
    answer = world.answer("za@% SELECT zs.t")
    assert answer.state is None
    assert answer.partly
    assert answer.gates[-1].gate is Gate.COLUMNS
    assert world.state("za@% SELECT (a) ON zs.t") is State.EFFECTIVE
    assert world.state("za@% SELECT zs.t.b") is None


def test_public_is_everybody(world: World) -> None:
    if not world.mariadb:
        pytest.skip("MySQL has no PUBLIC")
    world.do("GRANT SELECT ON zs.* TO PUBLIC")
    try:
        assert world.can("SELECT * FROM zs.t")
        assert world.answer("za@% SELECT zs.t").via == ("za@% → PUBLIC (on zs.*)",)
        taken = fix.taking(world.listing(), *_asked(world, "za@% SELECT zs.t"))
        assert "PUBLIC has SELECT" in taken.sentences[0]
    finally:
        world.do("REVOKE ALL, GRANT OPTION FROM PUBLIC")


def test_create_user_is_a_way_into_every_account(world: World) -> None:
    world.do(
        "CREATE USER zb@'%' IDENTIFIED BY 'y'",
        "GRANT SELECT ON zs.t TO zb@'%'",
        "GRANT CREATE USER ON *.* TO za@'%'",
    )
    answer = world.answer("za@% SELECT zs.t")
    assert answer.state is State.ESCALATABLE
    assert "za@% ⇒ ALTER USER zb@% (by CREATE USER)" in answer.escalations
    assert world.can("ALTER USER zb@'%' IDENTIFIED BY 'x'")
    assert world.can("SELECT * FROM zs.t", user="zb")


def test_a_locked_account_is_blocked(world: World) -> None:
    world.do("GRANT SELECT ON zs.t TO za@'%'", "ALTER USER za@'%' ACCOUNT LOCK")
    with pytest.raises(pymysql.MySQLError, match="locked"):
        world.login()
    answer = world.answer("za@% SELECT zs.t")
    assert answer.state is State.BLOCKED
    assert answer.via == ("za@% [the account is locked]",)
    given = fix.giving(world.listing(), *_asked(world, "za@% SELECT zs.t"))
    assert given.plans[0].statements == ("ALTER USER `za`@`%` ACCOUNT UNLOCK;",)


def test_grant_option_may_pass_on_what_is_held(world: World) -> None:
    world.do("CREATE USER zb@'%'", "GRANT SELECT ON zs.* TO za@'%' WITH GRANT OPTION")
    assert world.answer("za@% SELECT zs.t").grantable
    assert world.can("GRANT SELECT ON zs.t TO zb@'%'")
    assert not world.can("GRANT INSERT ON zs.t TO zb@'%'")


def test_who_may_not_read_the_grants_sees_its_own_and_is_told_so(world: World) -> None:
    world.do(
        "CREATE USER zb@'%' IDENTIFIED BY 'x'",
        "GRANT INSERT (a), UPDATE ON zs.t TO za@'%' WITH GRANT OPTION",
        "GRANT SELECT ON `zs%`.* TO zr2",
        "GRANT zr2 TO zr",
        "GRANT zr TO za@'%'",
        "SET DEFAULT ROLE zr FOR za@'%'",
    )
    own = world.listing("za")
    assert not own.facts.complete
    assert any("Only za@% and its roles are shown" in note for note in own.facts.notes)
    for question in ("UPDATE zs.t", "SELECT zs.t", "INSERT (a) ON zs.t", "DELETE zs.t"):
        asked = f"za@% {question}"
        mine, everybodys = world.answer(asked, "za"), world.answer(asked)
        assert (mine.state, mine.grantable) == (everybodys.state, everybodys.grantable), question
        # MySQL adds up what a role's roles have, and SHOW GRANTS doesn't tell them apart.
        via = [each if world.mariadb else each.replace(" → zr2@%", "") for each in everybodys.via]
        assert list(mine.via) == via, question
    assert set(own.facts.memberships) == set(world.listing().facts.memberships) - {
        Membership(Who("root", "localhost"), Who(role, ""), True) for role in ("zr", "zr2")
    }
    assert "IDENTIFIED" not in repr(own.facts)


@pytest.mark.parametrize("question", ["SELECT zs.t", "UPDATE (a) ON zs.t", "EXECUTE zs.p"])
def test_suggested_grants_do_it_for_real(world: World, question: str) -> None:
    world.do(
        "CREATE PROCEDURE zs.p() SELECT 1",
        "GRANT SELECT, UPDATE, EXECUTE ON zs.* TO zr",
    )
    asked = _asked(world, f"za@% {question}")
    plans = fix.giving(world.listing(), *asked).plans
    assert [plan.title for plan in plans] == ["Grant it", world.said("Give it the role zr")]
    for plan in plans:
        assert plan.reached
        before = world.listing().facts
        world.do(*plan.statements)
        assert why(world.listing(), *asked).state is State.EFFECTIVE, plan
        taken = fix.taking(world.listing(), *asked)
        for each in taken.plans:
            assert each.reached
        world.do(*taken.plans[-1].statements)
        assert why(world.listing(), *asked).state is None, taken
        world.do("SET DEFAULT ROLE NONE FOR za@'%'")
        after = world.listing().facts
        assert set(after.memberships) == set(before.memberships)


def test_who_may_run_a_suggestion_is_told_and_true(world: World) -> None:
    """Each plan is run for real as za, who is told whether it may."""
    everybody = "SELECT ON mysql.* TO za@'%'"
    world.do("CREATE USER zb@'%' IDENTIFIED BY 'x'", "GRANT SELECT ON zs.* TO zr")
    world.do(f"GRANT {everybody}", "GRANT zr TO root@localhost WITH ADMIN OPTION")
    wants = {
        "GRANT SELECT": "SELECT on zs.t WITH GRANT OPTION (",
        "GRANT `zr`": f"{world.said('zr')} WITH ADMIN OPTION",
        "SET DEFAULT": "UPDATE on mysql.*" if world.mariadb else "CREATE USER",
    }
    rights = ((), ("GRANT SELECT ON zs.t TO za@'%' WITH GRANT OPTION",),
              ("GRANT zr TO za@'%' WITH ADMIN OPTION",),
              ("GRANT UPDATE ON mysql.* TO za@'%'",) if world.mariadb
              else ("GRANT CREATE USER ON *.* TO za@'%'",))  # fmt: skip
    for more in rights:
        world.do(*more)
        listing = world.listing("za")
        for plan in fix.giving(listing, *_asked(world, "zb@% SELECT zs.t")).plans:
            may = True
            for statement in plan.statements:
                if not world.can(statement):
                    may = False
                    want = next(v for k, v in wants.items() if statement.startswith(k))
                    assert any(f"may not run it: that takes {want}" in n for n in plan.notes), plan
                    world.do(statement)
            assert may is not any("may not run it" in note for note in plan.notes), plan
            world.do("REVOKE SELECT ON zs.t FROM zb@'%'" if "GRANT SELECT" in plan.statements[0]
                     else "REVOKE zr FROM zb@'%'")  # fmt: skip


def _package(world: World) -> None:
    world.do(
        "SET sql_mode=oracle",
        "CREATE PACKAGE zs.pk AS PROCEDURE go; END",
        "CREATE PACKAGE BODY zs.pk AS PROCEDURE go AS BEGIN SELECT 1; END; END",
    )


def test_a_packages_body_is_what_one_may_call(world: World) -> None:
    if not world.mariadb:
        pytest.skip("MySQL has no packages")
    _package(world)
    for on, may in (("PACKAGE", False), ("PACKAGE BODY", True)):
        asked = f"za@% EXECUTE {on} zs.pk"
        assert world.state(asked) is None
        given = fix.giving(world.listing(), *_asked(world, asked)).plans[0]
        assert f"GRANT EXECUTE ON {on} `zs`.`pk` TO `za`@`%`;" in given.statements
        world.do(*given.statements)
        assert world.can("CALL zs.pk.go") == may
        answer = world.answer(asked)
        assert answer.state is State.EFFECTIVE
        # The account itself sees the same in SHOW GRANTS.
        assert world.answer(asked, "za").via == answer.via == ("za@%",)
        plans = fix.taking(world.listing(), *_asked(world, asked)).plans
        world.do(*plans[0].statements)
        assert world.state(asked) is None
    assert not world.can("CALL zs.pk.go")


def test_who_may_act_as_whom_is_told_and_can_be_given_and_taken(world: World) -> None:
    asked = "za@% PROXY account zb@%"
    world.do(
        "CREATE USER zb@'%'",
        "CREATE USER za@localhost IDENTIFIED BY 'x'",
        "GRANT PROXY ON zb@'%' TO za@localhost",
    )
    assert world.state("za@localhost PROXY ACCOUNT `zb`@`%`") is State.EFFECTIVE
    assert world.state(asked) is None
    (plan,) = fix.giving(world.listing(), *_asked(world, asked)).plans
    assert plan.statements == ("GRANT PROXY ON `zb`@`%` TO `za`@`%`;",)
    world.do(*plan.statements)
    everybodys, mine = world.answer(asked), world.answer(asked, "za")
    assert (everybodys.state, everybodys.via) == (State.EFFECTIVE, ("za@%",))
    assert (mine.state, mine.via) == (everybodys.state, everybodys.via)
    world.do(*fix.taking(world.listing(), *_asked(world, asked)).plans[0].statements)
    assert world.state(asked) is None
    # All of them, and the right to pass it on: what MariaDB gives its first administrator.
    root = world.answer("root@localhost PROXY ACCOUNT of any name")
    assert (root.state, root.grantable) == (State.EFFECTIVE, True)


def test_a_real_login_acts_as_whom_proxy_says(world: World) -> None:
    if world.mariadb:
        pytest.skip("MariaDB leaves it to plugins (pam) that say another name")
    # MySQL's own plugins do it by themselves, where they are told to.
    switches = ("check_proxy_users", "caching_sha2_password_proxy_users")
    world.do(*(f"SET GLOBAL {each} = ON" for each in switches))
    try:
        asked = "za@% PROXY account zb@%"
        world.do(
            "CREATE USER zb@'%'",
            "GRANT SELECT ON zs.t TO zb@'%'",
            "CREATE USER za@localhost",
            "GRANT PROXY ON zb@'%' TO za@localhost",
        )
        assert world.state(asked) is None
        assert not world.can("SELECT * FROM zs.t")
        world.do(*fix.giving(world.listing(), *_asked(world, asked)).plans[0].statements)
        assert world.state(asked) is State.EFFECTIVE
        assert world.can("SELECT * FROM zs.t")
        login = world.login()
        with login.cursor() as cursor:
            cursor.execute("SELECT current_user()")
            assert cursor.fetchall() == (("zb@%",),)
        login.close()
        world.do(*fix.taking(world.listing(), *_asked(world, asked)).plans[0].statements)
        assert world.state(asked) is None
        assert not world.can("SELECT * FROM zs.t")
    finally:
        world.do(*(f"SET GLOBAL {each} = OFF" for each in switches))


def _asked(world: World, question: str) -> Question:
    (part,) = ask(question, world.listing()).parts
    return part
