"""The traps of shared/reference/postgres-privileges.md, each with a real login that decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest

from rolebrowser.grants import bitset, fix
from rolebrowser.grants.explain import Gate, verdict, why
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.privileges import BITS, MAINTAIN, SELECT
from rolebrowser.grants.question import Question, find, parse
from rolebrowser.sandbox.postgres import PostgresServer

from .conftest import Driver, read

DATABASE = "grants_traps"


@dataclass
class World:
    """A database of its own, whose roles are dropped in the end."""

    server: PostgresServer
    driver: Driver

    def do(self, *statements: str) -> None:
        for each in statements:
            self.driver.execute(each.encode())

    @property
    def version(self) -> int:
        return self.driver.info.server_version

    def listing(self) -> Listing:
        return Listing(Model(read(self.driver)))

    def reads(self, user: str, statement: str) -> bool | int:
        """Log in for real: False when refused, else the number of rows."""
        try:
            with psycopg.connect(self.server.dsn(DATABASE, user), autocommit=True) as login:
                cursor = login.execute(statement.encode())
                while cursor.nextset():
                    pass
                return cursor.rowcount
        except psycopg.Error as error:
            if error.sqlstate != "42501" and "permission denied" not in str(error):
                raise
            return False

    def state(self, role: str, privilege: str, name: str) -> State | None:
        listing = self.listing()
        place = find(name, listing, BITS[privilege])
        assert place is not None
        asked = (listing.find_role(role), place, BITS[privilege])
        for state, rights in listing.model.states(asked[0]).items():
            if rights.get(asked[2], 0) >> place & 1:
                assert asked[0] in bitset.members(
                    Holders(listing.model).states(place)[state][asked[2]]
                )
                return state
        return None

    def gates(self, question: str) -> dict[Gate, bool | None]:
        listing = self.listing()
        asked = parse(question, listing)
        assert isinstance(asked, Question)
        answer = why(listing, asked.role, asked.place, asked.privilege)
        return {each.gate: each.passed for each in answer.gates}


@pytest.fixture
def world(any_server: PostgresServer) -> Iterator[World]:
    with psycopg.connect(any_server.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DATABASE}".encode())
        before = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
        try:
            with psycopg.connect(any_server.dsn(DATABASE), autocommit=True) as driver:
                made = World(any_server, driver)
                made.do(
                    "CREATE ROLE alice LOGIN",
                    "CREATE ROLE readers",
                    "CREATE SCHEMA s",
                    "CREATE TABLE s.t (a int, b int)",
                    "INSERT INTO s.t VALUES (1, 2), (3, 4)",
                )
                yield made
        finally:
            admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())
            after = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
            # In one go: a role that granted a membership can't be dropped before the member.
            gone = ", ".join(f'"{name}"' for name in after - before)
            admin.execute(f"DROP ROLE {gone}".encode())


def test_a_table_without_usage_on_its_schema_is_blocked(world: World) -> None:
    world.do("GRANT SELECT ON s.t TO alice")
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.state("alice", "SELECT", "s.t") is State.BLOCKED
    world.do("GRANT USAGE ON SCHEMA s TO PUBLIC")
    assert world.reads("alice", "SELECT * FROM s.t") == 2
    assert world.state("alice", "SELECT", "s.t") is State.EFFECTIVE


def test_without_connect_a_login_is_blocked_and_a_group_is_not(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO readers",
        "GRANT SELECT ON s.t TO readers",
        "GRANT readers TO alice",
        f"REVOKE CONNECT ON DATABASE {DATABASE} FROM PUBLIC",
    )
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.state("alice", "SELECT", "s.t") is State.BLOCKED
    assert world.state("readers", "SELECT", "s.t") is State.EFFECTIVE
    assert world.gates("alice SELECT s.t")[Gate.CONNECT] is False


def test_noinherit_is_latent_and_set_role_reads(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO readers",
        "GRANT SELECT ON s.t TO readers",
        "ALTER ROLE alice NOINHERIT",
        "GRANT readers TO alice",
    )
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.reads("alice", "SET ROLE readers; SELECT * FROM s.t") == 2
    assert world.state("alice", "SELECT", "s.t") is State.LATENT


def test_before_16_the_members_attribute_decides_and_from_16_on_the_grant(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO readers",
        "GRANT SELECT ON s.t TO readers",
        "GRANT readers TO alice",
        "ALTER ROLE alice NOINHERIT",
    )
    inherited = world.reads("alice", "SELECT * FROM s.t") == 2
    assert inherited == (world.version >= 160000)
    expected = State.EFFECTIVE if inherited else State.LATENT
    assert world.state("alice", "SELECT", "s.t") is expected


def test_what_a_membership_lacks_is_named_and_given(world: World) -> None:
    world.do(
        "CREATE ROLE boss LOGIN", "CREATE ROLE team",
        "GRANT USAGE ON SCHEMA s TO readers", "GRANT SELECT ON s.t TO readers",
        "ALTER ROLE alice NOINHERIT", "GRANT readers TO alice",
        "GRANT readers TO boss WITH ADMIN OPTION",
    )  # fmt: skip

    def plans() -> dict[str, fix.Plan]:
        # As alice herself sees it: she may run none of it.
        listing = Listing(Model(replace(world.listing().model.facts, user="alice")))
        asked = parse("alice SELECT s.t", listing)
        assert isinstance(asked, Question)
        suggested = fix.giving(listing, asked.role, asked.place, asked.privilege)
        return {each.title: each for each in suggested.plans}

    lets_it = f"Let it inherit from {'its roles' if world.version < 160000 else 'readers'}"
    found = plans()
    assert list(found) == ["Grant it", lets_it]
    mended = found[lets_it]
    gain = "It would gain 2 privileges in all."
    if world.version < 160000:
        createrole = f"CREATEROLE ({world.driver.info.user} has it) or a superuser"
        assert mended.statements == ("ALTER ROLE alice INHERIT;",)
        assert mended.notes == (
            "It is a member of readers already, but has NOINHERIT.",
            gain,
            f"alice may not run it: that takes {createrole}.",
        )
    else:
        assert mended.statements == ("GRANT readers TO alice WITH INHERIT TRUE;",)
        assert mended.notes == (
            "It is a member of readers already, but without INHERIT.",
            gain,
            "alice may not run it: that takes ADMIN OPTION on readers (boss has it)"
            " or a superuser.",
        )
        world.do("GRANT readers TO alice WITH INHERIT FALSE, SET FALSE")
        assert "but without INHERIT and SET." in plans()[lets_it].notes[0]
    world.do(*mended.statements)
    assert world.reads("alice", "SELECT * FROM s.t") == 2
    # Through another, which lacks it.
    world.do("ALTER ROLE alice INHERIT", "REVOKE readers FROM alice", "GRANT team TO alice")
    world.do("ALTER ROLE team NOINHERIT", "GRANT readers TO team")
    itself = plans()["Make it a member of readers itself"]
    lacks = "readers is team's without INHERIT"
    if world.version < 160000:
        lacks = "team has NOINHERIT"
    assert itself.notes[0] == f"It is a member already, through team, but {lacks}."
    assert world.reads("alice", "SELECT * FROM s.t") is False
    world.do(*itself.statements)
    assert world.reads("alice", "SELECT * FROM s.t") == 2


def test_set_false_can_not_be_set_and_inherits(world: World) -> None:
    if world.version < 160000:
        pytest.skip("options of memberships came with 16")
    world.do(
        "CREATE ROLE hidden",
        "GRANT USAGE ON SCHEMA s TO hidden",
        "GRANT SELECT ON s.t TO hidden",
        "GRANT hidden TO readers WITH INHERIT FALSE, SET TRUE",
        "GRANT readers TO alice WITH INHERIT TRUE, SET FALSE",
    )
    # alice inherits readers, readers may become hidden, but alice can't become readers.
    assert world.reads("alice", "SET ROLE hidden; SELECT * FROM s.t") is False
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.state("alice", "SELECT", "s.t") is None
    assert world.state("readers", "SELECT", "s.t") is State.LATENT


def test_a_superusers_member_gets_nothing_but_may_become_it(world: World) -> None:
    world.do("CREATE ROLE boss SUPERUSER", "GRANT boss TO alice")
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.reads("alice", "SET ROLE boss; SELECT * FROM s.t") == 2
    assert world.state("alice", "SELECT", "s.t") is State.LATENT


def test_admin_is_an_escalation_that_works(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO readers",
        "GRANT SELECT ON s.t TO readers",
        "CREATE ROLE lead",
        "GRANT readers TO lead WITH ADMIN OPTION",
    )
    if world.version >= 160000:
        world.do("GRANT readers TO lead WITH INHERIT FALSE, SET FALSE")
    world.do("GRANT lead TO alice")
    if world.version < 160000:
        # Before 16 ADMIN can't be had without membership: alice reads already.
        assert world.state("alice", "SELECT", "s.t") is State.EFFECTIVE
        return
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.state("alice", "SELECT", "s.t") is State.ESCALATABLE
    assert world.reads("alice", "GRANT readers TO alice; SELECT * FROM s.t") == 2


def test_createrole_escalates_only_before_16(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO readers",
        "GRANT SELECT ON s.t TO readers",
        "ALTER ROLE alice CREATEROLE",
    )
    state = world.state("alice", "SELECT", "s.t")
    works = world.reads("alice", "GRANT readers TO alice; SELECT * FROM s.t") == 2
    assert works == (world.version < 160000)
    assert state is (State.ESCALATABLE if works else None)


def test_a_role_can_not_grant_itself_its_own_member(world: World) -> None:
    """Not by a detour either: what it grants itself first has that member too."""
    if world.version >= 160000:
        pytest.skip("from 16 on ADMIN comes with membership, which can't go round")
    world.do(
        "CREATE ROLE below",
        "GRANT USAGE ON SCHEMA s TO below",
        "GRANT TRUNCATE ON s.t TO below",
        "GRANT alice TO below",
        "ALTER ROLE alice CREATEROLE",
    )
    with psycopg.connect(world.server.dsn(DATABASE, "alice"), autocommit=True) as login:
        login.execute("GRANT readers TO alice")
        with pytest.raises(psycopg.Error, match="is a member of role"):
            login.execute("GRANT below TO readers")
    assert world.state("alice", "TRUNCATE", "s.t") is None


def test_an_owner_who_revoked_from_itself_reads_nothing_but_can_grant(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO alice",
        "ALTER TABLE s.t OWNER TO alice",
        "REVOKE ALL ON s.t FROM alice",
    )
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.state("alice", "SELECT", "s.t") is State.ESCALATABLE
    assert world.reads("alice", "GRANT SELECT ON s.t TO alice; SELECT * FROM s.t") == 2


def test_an_empty_acl_is_not_the_default_one(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO alice",
        "CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    )
    assert world.state("alice", "EXECUTE", "function s.f()") is State.EFFECTIVE
    world.do("REVOKE ALL ON FUNCTION s.f() FROM PUBLIC, CURRENT_USER")
    assert world.reads("alice", "SELECT s.f()") is False
    assert world.state("alice", "EXECUTE", "function s.f()") is None


def test_the_databases_owner_owns_public_from_14_on(world: World) -> None:
    world.do("CREATE ROLE chief LOGIN", f"ALTER DATABASE {DATABASE} OWNER TO chief")
    state = world.state("chief", "CREATE", "schema public")
    works = world.reads("chief", "CREATE TABLE public.x (a int)") is not False
    assert works == (state is State.EFFECTIVE)
    if world.version >= 150000:
        assert works
        assert world.state("alice", "CREATE", "schema public") is None


@pytest.mark.parametrize(
    ("role", "since", "statement", "question"),
    [
        ("pg_read_all_data", 140000, "SELECT * FROM s.t", "SELECT"),
        ("pg_write_all_data", 140000, "INSERT INTO s.t VALUES (5, 6)", "INSERT"),
        ("pg_maintain", 170000, "ANALYZE s.t", "MAINTAIN"),
    ],
)
def test_predefined_roles_may_everywhere(
    world: World, role: str, since: int, statement: str, question: str
) -> None:
    if world.version < since:
        pytest.skip(f"{role} came later")
    world.do(f"GRANT {role} TO alice")
    if role == "pg_maintain":
        # It gives no USAGE on schemas.
        assert world.state("alice", question, "s.t") is State.BLOCKED
        world.do("GRANT USAGE ON SCHEMA s TO alice")
    assert world.reads("alice", statement) is not False
    assert world.state("alice", question, "s.t") is State.EFFECTIVE


def test_maintain_is_there_from_17_on(world: World) -> None:
    listing = world.listing()
    rights = listing.model.held(listing.find_role("rdsadmin"))
    assert (MAINTAIN in rights) == (world.version >= 170000)


def test_a_column_grant_reads_the_column_and_counts(world: World) -> None:
    world.do("GRANT USAGE ON SCHEMA s TO alice", "GRANT SELECT (a) ON s.t TO alice")
    assert world.reads("alice", "SELECT a FROM s.t") == 2
    assert world.reads("alice", "SELECT count(*) FROM s.t") == 1
    assert world.reads("alice", "SELECT * FROM s.t") is False
    assert world.reads("alice", "SELECT a FROM s.t WHERE b = 2") is False
    assert world.state("alice", "SELECT", "s.t") is None
    assert world.state("alice", "SELECT", "s.t.a") is State.EFFECTIVE
    assert world.gates("alice SELECT s.t")[Gate.COLUMNS] is None


def test_columns_that_set_role_opens_are_named_where_the_table_stays_shut(world: World) -> None:
    world.do(
        "CREATE ROLE handlers",
        "ALTER ROLE alice NOINHERIT",
        "GRANT handlers TO alice",
        "GRANT USAGE ON SCHEMA s TO alice, handlers",
        "GRANT UPDATE (a), SELECT (a) ON s.t TO handlers",
    )
    assert world.reads("alice", "UPDATE s.t SET a = a") is False
    assert world.reads("alice", "SET ROLE handlers; UPDATE s.t SET a = a") == 2
    listing = world.listing()
    place = find("s.t", listing, BITS["UPDATE"])
    assert place is not None
    answer = why(listing, listing.find_role("alice"), place, BITS["UPDATE"])
    assert not answer.can
    assert [line.partition(" ⇒ ")[0] for line in answer.around] == ["column a: alice"]
    assert "after SET ROLE" in verdict(listing, answer)


def test_a_columns_revoke_takes_nothing_from_a_tables_grant(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO alice",
        "GRANT SELECT ON s.t TO alice",
        "REVOKE SELECT (a) ON s.t FROM alice",
    )
    assert world.reads("alice", "SELECT a FROM s.t") == 2
    assert world.gates("alice SELECT s.t.a")[Gate.PRIVILEGE] is True


def test_row_security_without_a_policy_shows_nothing(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO alice",
        "GRANT SELECT ON s.t TO alice",
        "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY",
    )
    assert world.reads("alice", "SELECT * FROM s.t") == 0
    assert world.gates("alice SELECT s.t")[Gate.ROWS] is False
    world.do("CREATE POLICY p ON s.t FOR SELECT TO readers USING (a = 1)")
    assert world.gates("alice SELECT s.t")[Gate.ROWS] is False
    world.do("GRANT readers TO alice")
    assert world.reads("alice", "SELECT * FROM s.t") == 1
    assert world.gates("alice SELECT s.t")[Gate.ROWS] is None
    world.do("ALTER ROLE alice BYPASSRLS")
    assert world.reads("alice", "SELECT * FROM s.t") == 2
    assert world.gates("alice SELECT s.t")[Gate.ROWS] is True


def test_row_security_binds_the_owner_only_when_forced(world: World) -> None:
    world.do(
        "GRANT USAGE ON SCHEMA s TO alice",
        "ALTER TABLE s.t OWNER TO readers",
        "GRANT readers TO alice",
        "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY",
    )
    assert world.reads("alice", "SELECT * FROM s.t") == 2
    assert world.gates("alice SELECT s.t")[Gate.ROWS] is True
    world.do("ALTER TABLE s.t FORCE ROW LEVEL SECURITY")
    assert world.reads("alice", "SELECT * FROM s.t") == 0
    assert world.gates("alice SELECT s.t")[Gate.ROWS] is False


def test_a_role_that_reaches_rds_iam_is_told_so(world: World) -> None:
    world.do("CREATE ROLE rds_iam", "GRANT rds_iam TO readers", "GRANT readers TO alice")
    listing = world.listing()
    place = listing.find_table("s.t")
    answer = why(listing, listing.find_role("alice"), place, SELECT)
    assert "alice → readers → rds_iam" in answer.gates[0].sentence


def test_an_ordinary_user_reads_the_same_facts(world: World) -> None:
    world.do("GRANT SELECT ON s.t TO readers", "GRANT readers TO alice")
    with psycopg.connect(world.server.dsn(DATABASE, "alice")) as login:
        theirs = read(login)
    ours = read(world.driver)
    assert theirs.user == "alice"
    assert set(theirs.securables) == set(ours.securables)
    assert set(theirs.memberships) == set(ours.memberships)
