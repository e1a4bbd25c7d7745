"""The world inside PostgreSQL: what RDS would show, on every version of the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from rolebrowser.errors import SandboxError
from rolebrowser.safetext import clean
from rolebrowser.sandbox import world_database
from rolebrowser.sandbox.postgres import PostgresServer, find_binaries

VERSIONS = {
    find_binaries(),
    *(path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists()),
}
Query = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="module", params=sorted(VERSIONS), ids=lambda path: path.parent.name)
def built(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    with PostgresServer.start(binaries=request.param) as server:
        if server.version < world_database.OLDEST:
            pytest.skip("too old for the world")
        world_database.build(server)
        yield server


@pytest.fixture
def query(built: PostgresServer) -> Query:
    def go(sql: str, user: str = "rdsadmin", dbname: str = "orders") -> list[tuple[object, ...]]:
        with psycopg.connect(built.dsn(dbname, user), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    return go


def test_the_master_user_is_no_superuser_and_its_password_never_ends(query: Query) -> None:
    rows = query(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolvaliduntil::text FROM pg_roles"
        " WHERE rolname = 'dbadmin'"
    )
    assert rows == [(False, True, True, "infinity")]
    assert query("SELECT pg_has_role('dbadmin', 'rds_superuser', 'USAGE')") == [(True,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query("SELECT rolpassword FROM pg_authid", user="dbadmin")


def test_the_master_user_can_carry_out_the_fix_for_a_user_outside_rds_iam(query: Query) -> None:
    reaches = "SELECT pg_has_role('billing_app', 'rds_iam', 'MEMBER')"
    assert query(reaches) == [(False,)]
    query("GRANT rds_iam TO billing_app", user="dbadmin")
    try:
        assert query(reaches) == [(True,)]
    finally:
        query("REVOKE rds_iam FROM billing_app", user="dbadmin")


def test_the_oncall_user_reaches_rds_iam_by_nesting_only(query: Query) -> None:
    rows = query(
        "SELECT pg_has_role('app_oncall', 'rds_iam', 'MEMBER'), count(*) FROM pg_auth_members"
        " WHERE roleid = 'rds_iam'::regrole AND member = 'app_oncall'::regrole"
    )
    assert rows == [(True, 0)]


def test_the_database_of_rds_itself_is_closed_to_customers(query: Query) -> None:
    for user in ("dbadmin", "app_oncall"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            query("SELECT 1", user=user, dbname="rdsadmin")


def test_a_grant_without_schema_usage_is_blocked_and_row_security_hides_rows(query: Query) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema finance"):
        query("SELECT * FROM finance.invoices", user="app_oncall")
    everybody = query("SELECT count(*) FROM sales.customers")
    europeans = query("SELECT count(*) FROM sales.customers", user="app_oncall")
    assert everybody == [(400,)]
    assert europeans == [(200,)]


def test_owners_can_lose_their_own_privileges(query: Query) -> None:
    rows = query("SELECT has_table_privilege('orders_owner', 'finance.salaries', 'SELECT')")
    assert rows == [(False,)]


def test_memberships_that_do_not_inherit_give_nothing_until_set(
    query: Query, built: PostgresServer
) -> None:
    if built.version < 16:
        pytest.skip("one membership's INHERIT came with 16")
    privilege = "has_table_privilege('app_oncall', 'sales.order_items', 'DELETE')"
    assert query(f"SELECT {privilege}") == [(False,)]
    query("SET ROLE incident_writers; DELETE FROM sales.order_items WHERE false", user="app_oncall")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query("SET ROLE hr_team", user="breakglass")


def test_maintain_is_granted_where_the_server_knows_it(query: Query, built: PostgresServer) -> None:
    privileges = query(
        "SELECT privilege_type FROM pg_class, aclexplode(relacl) WHERE oid ="
        " 'sales.order_items'::regclass AND grantee = 'oncall'::regrole AND is_grantable"
    )
    assert (("MAINTAIN",) in privileges) == (built.version >= 17)
    assert ("SELECT",) in privileges


def test_the_hostile_set_is_planted_in_names_comments_and_cells(query: Query) -> None:
    planted = " ".join(
        str(cell)
        for sql in (
            "SELECT rolname FROM pg_roles",
            "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles",
            "SELECT obj_description('public.hostile'::regclass)",
            "SELECT attname FROM pg_attribute WHERE attrelid = 'public.hostile'::regclass",
            "TABLE public.hostile",
        )
        for row in query(sql)
        for cell in row
    )
    for hostile in ("\x1b]52;", "\x9b", "\u202e", "\u200b", "\n", "\t", "[/foo]", "[@click=", "広"):
        assert hostile in planted
    assert clean(planted) != planted


def test_a_server_too_old_is_a_sentence() -> None:
    old = object.__new__(PostgresServer)
    old.version = 14
    with pytest.raises(SandboxError, match="needs PostgreSQL 15 or newer, and found 14"):
        world_database.build(old)


@pytest.mark.parametrize(("version", "kept"), [(15, "a b d"), (16, "a c d"), (18, "a c d")])
def test_paragraphs_for_other_versions_are_left_out(version: int, kept: str) -> None:
    sql = "a\n\n-- before 16: x\nb\n\n-- since 16:\nc\n\nd\n"
    lines = world_database.for_version(sql, version).split()
    assert [word for word in lines if word in "abcd"] == kept.split()
