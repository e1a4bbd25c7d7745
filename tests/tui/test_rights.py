"""Roles with their verdicts, users with theirs, and why: as a person meets them in the browser."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rolebrowser.connection import mysql, url
from rolebrowser.connection.protocol import Settings
from rolebrowser.identity.model import State, Verdict
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.rows import who, whom
from rolebrowser.tui.screens.browser import BrowserScreen
from rolebrowser.tui.widgets.key_bar import KeyBar

from .conftest import AtTheApp, Person

DEVELOPER = "arn:aws:iam::222222222222:role/"


def browser(person: Person) -> BrowserScreen:
    return next(each for each in person.app.screen_stack if isinstance(each, BrowserScreen))


def go_to_profile(person: Person, name: str) -> None:
    browser(person).who.rows.move_to(
        lambda row: isinstance(row, who.ProfileRow) and row.profile.name == name
    )


def go_to_role(person: Person, name: str) -> None:
    browser(person).who.rows.move_to(
        lambda row: isinstance(row, who.RoleRow) and row.role.name == name
    )


async def look(person: Person, profile: str) -> None:
    go_to_profile(person, profile)
    await person.press("a")

    def listed() -> bool:
        rows = browser(person).who.rows.items
        return any(isinstance(each, who.RoleRow) and each.profile == profile for each in rows)

    await person.until(listed, "the roles")


async def test_roles_come_with_verdicts_and_why_shows_the_gates(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        seen = await person.sees("✓ Contractor", "✗ Forbidden")
        assert seen.index("✓ DatabaseReader") < seen.index("✗ Forbidden")
        go_to_role(person, "Forbidden")
        await person.press("w")
        await person.sees("Why: Forbidden", "✗ trust policy", "To open it, add to", "t tries it")
        await person.press("y")
        assert '"Principal"' in person.app.clipboard


async def test_a_role_can_be_tried_for_real_but_only_after_a_question(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        go_to_role(person, "Forbidden")
        await person.press("w")
        await person.sees("Why: Forbidden")
        await person.press("t")
        await person.sees("Try the role", "CloudTrail")
        await person.press("y")
        await person.hears("not authorized")
        role = next(each for each in person.app.holdings.roles["staging"] if "Forb" in each.arn)
        assert "tried, and refused" in role.reasons[0]
        go_to_role(person, "Contractor")
        await person.press("w")
        await person.sees("Why: Contractor")
        await person.press("t")
        await person.sees("Try the role")
        await person.press("y")
        await person.hears("AWS lets staging assume Contractor")


async def test_enter_in_the_filter_assumes_no_role_and_a_refusal_can_be_explained(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        await person.press("slash")
        await person.type("Forbidden")
        await person.loses("✓ DatabaseReader")
        await person.press("enter")
        screen = browser(person)
        await person.until(lambda: person.app.focused is screen.who.rows, "the list has the focus")
        await person.rests()
        assert screen.here is screen.who
        assert not screen.where.failed
        await person.press("enter")
        await person.sees("was refused by AWS", "w says which gate is shut.")
        assert screen.here is screen.where
        await person.press("w")
        await person.sees("Why: Forbidden", "✗ trust policy")


async def test_what_was_read_in_one_account_decides_about_its_roles_from_another(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")

        def verdicts(profile: str) -> dict[str, Verdict]:
            return {each.name: each.verdict for each in person.app.holdings.roles[profile]}

        await look(person, "engineer")
        assert verdicts("engineer")["Developer"] is Verdict.UNKNOWN
        await look(person, "staging")
        await look(person, "production-readonly")
        assert verdicts("engineer")["Developer"] is Verdict.ALLOW
        assert verdicts("engineer")["OnCall"] is Verdict.CONDITIONAL
        await person.sees("OnCall with an MFA code")


async def test_users_come_with_verdict_and_source_and_why(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        go_to_profile(person, "staging")
        await person.press("enter")
        await person.sees("Aurora PostgreSQL")
        screen = browser(person)
        screen.where.rows.move_to(lambda row: row.database.id == "orders-staging")
        await person.press("enter")
        await person.sees("✓ app_oncall", "iam policy", "✗ dbadmin", "master user")
        screen.whom.rows.move_to(
            lambda row: isinstance(row, whom.UserRow) and row.user.name == "dbadmin"
        )
        await person.press("w")
        await person.sees("Why: dbadmin on orders-staging", "✗ identity policies", "rds-db:connect")
        await person.press("y")
        assert "dbuser:cluster-ORDERSSTAGING4TZ9XW/dbadmin" in person.app.clipboard


async def test_after_a_connection_the_database_itself_tells_of_its_users(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        go_to_profile(person, "staging")
        await person.press("enter")
        await person.sees("Aurora PostgreSQL")
        screen = browser(person)
        screen.where.rows.move_to(lambda row: row.database.id == "orders-staging")
        await person.press("enter")
        seen = await person.sees("✓ app_oncall", "✗ dbadmin")
        assert "analyst" not in seen
        await person.press("enter")
        await person.sees("List of roles", "Role name")
        database = screen._chosen.database
        assert database is not None
        await person.until(lambda: bool(person.app.holdings._inside), "the database's users")
        await person.press("f10")
        await person.sees("✗ analyst", " database ")


async def test_what_an_sso_login_opens_is_listed_account_by_account(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No browser of this machine may come up.
    monkeypatch.setenv("BROWSER", "false %s")
    sandbox_env.control("sso", answer="approve", interval=1, closed_account="222222222222")
    try:
        async with at_the_app("", size=(140, 45)) as person:
            await person.sees("PROFILES")
            browser(person).who.rows.move_to(
                lambda row: isinstance(row, who.PortalRow) and row.session.name == "corp"
            )
            await person.press("a")
            await person.sees("corp opens", "✓ OnCall  profile corp-prod", "✓ OnCallReadOnly")
            await person.sees("staging  222222222222", "✗ Listing the roles of account")
            await person.press("escape")
            sandbox_env.control("sso", closed_account="")
            await person.press("a")
            await person.sees("r asks again.", "✗ Listing the roles of account")
            assert re.search(r"As listed (just now|\d minutes? ago); r asks again\.", person.text)
            await person.press("escape")
            await person.press("r")
            await person.sees("corp opens", "✓ Developer  profile corp-dev")
    finally:
        sandbox_env.control("sso", answer="", closed_account="", end_sessions=True)


async def test_why_is_offered_only_where_there_is_something_to_explain(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")

        def offered() -> bool:
            return any(key.label == "Why" for key in person.app.screen.query_one(KeyBar)._keys)

        go_to_profile(person, "engineer")
        await person.until(lambda: not offered(), "no Why for a profile that assumes no role")
        await look(person, "staging")
        go_to_role(person, "Forbidden")
        await person.until(offered, "Why for a role")
        # Staging's session is at hand, and reads what the profile leaves out.
        go_to_profile(person, "vendor-without-id")
        await person.until(offered, "Why for a profile that assumes a role")
        await person.press("w")
        await person.sees("Why: vendor-without-id as Vendor", "ExternalId vendor-7f3a")


async def test_a_statement_is_explained_only_after_a_permission_was_denied(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("1", size=(140, 45)) as person:

        def offered() -> bool:
            return any(key.label == "Why" for key in person.app.screen.query_one(KeyBar)._keys)

        await person.run("SELECT 1 AS fine", "fine")
        await person.press("f6")
        await person.until(lambda: not offered(), "no Why")
        await person.run("SELECT * FROM pg_catalog.pg_authid", "permission denied")
        await person.until(offered, "Why")


async def test_every_profiles_roles_come_as_they_are_found_and_failures_stay_with_their_rows(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await person.press("A")
        await person.hears("Not asked: production,")
        held = person.app.holdings
        assert {"engineer", "staging", "production-readonly"} <= set(held.roles)
        await person.sees("✓ Contractor", "◇ OnCall with an MFA code")
        go_to_profile(person, "production")
        await person.sees("✗ Its roles could not be asked for.", "needs an MFA code")
        await person.loses("Esc stops")


async def test_escape_stops_looking_and_what_had_come_stays(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        sandbox_env.control("latency", seconds=30)
        await person.press("A")
        await person.sees("Esc stops")
        await person.press("escape")
        await person.hears("Stopped. What had come stays.")
        await person.loses("Esc stops")
        assert set(person.app.holdings.roles) == {"staging"}
        go_to_profile(person, "staging")
        await person.press("enter")
        await person.sees("Asking AWS for the databases")
        await person.press("escape")
        await person.sees("Stopped. r asks again.")
        sandbox_env.control("latency", seconds=0)
        await person.press("r")
        await person.sees("Aurora PostgreSQL")


async def test_roles_found_before_are_shown_with_their_age_until_asked_for_again(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, clean_env: Path
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
    let_age(clean_env, timedelta(hours=3))
    sandbox_env.control("latency", seconds=30)
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        await person.sees("✓ Contractor")
        go_to_role(person, "Forbidden")
        await person.sees("✗ can't be assumed", "the trust policy does not name the caller")
        await person.sees("roles as found 3 hours ago; r asks again")
        await person.press("w")
        await person.sees("asking AWS why · Esc stops")
        await person.press("escape")
        await person.sees("Stopped. What had come stays.", "roles as found 3 hours ago")
        sandbox_env.control("latency", seconds=0)
        await person.press("w")
        await person.sees("Why: Forbidden", "✗ trust policy")
        await person.press("escape")
        # Only that one was asked for: an account may have thousands.
        await person.sees("roles as found 3 hours ago; r asks again")
        await person.press("r")
        await person.sees("roles as found just now")


async def test_where_aws_can_not_be_asked_why_says_what_was_kept(
    at_the_app: AtTheApp, clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
    let_age(clean_env, timedelta(hours=3))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        go_to_role(person, "Forbidden")
        await person.press("w")
        await person.hears("AWS can't be reached")
        await person.sees("Why: Forbidden", "can't be assumed", "as found 3 hours ago")


def let_age(home: Path, by: timedelta) -> None:
    """What was found of roles is so much older."""
    (kept,) = home.rglob("*/roles/*.json")
    text = kept.read_text()
    at = re.search(r'"at": "([^"]*)"', text)
    assert at is not None
    kept.write_text(text.replace(at[1], (datetime.fromisoformat(at[1]) - by).isoformat()))


@pytest.mark.parametrize("size", [(140, 45), (80, 24)])
async def test_a_reason_is_read_whole_below_the_list(
    at_the_app: AtTheApp, size: tuple[int, int]
) -> None:
    async with at_the_app("", size=size) as person:
        await person.sees("PROFILES")
        go_to_profile(person, "loop-a")
        whole = person.app.holdings.profiles.named("loop-a").problem
        assert whole is not None
        await person.until(lambda: whole.text in " ".join(shown(person).split()), "the problem")


def shown(person: Person) -> str:
    """What stands below the list of profiles, its lines put together; it comes with the second
    frame."""
    view = next(iter(browser(person).query("#who-detail")), None)
    if view is None:
        return ""
    lines = person.text.splitlines()[view.region.y : view.region.bottom]
    return " ".join(each[view.region.x : view.region.right].strip() for each in lines)


async def test_the_role_under_the_cursor_stays_in_view_whatever_is_said_of_it(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        go_to_role(person, "GithubDeploy")
        await person.sees("✗ GithubDeploy", "✗ can't be assumed")


async def test_after_a_connection_mariadb_tells_of_its_users_of_the_iam_plugin(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    dsn = sandbox_env.exports.get("SANDBOX_MYSQL_DSN")
    if dsn is None:
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")

    def admin(statement: str) -> None:
        address, writing = url.parse(dsn, {}), Settings(read_only=False)
        with closing(mysql.open_connection(address, writing)) as connection:
            connection.run(statement).result(timeout=90)

    await asyncio.to_thread(admin, "GRANT SELECT ON mysql.user TO stock_reader")
    try:
        async with at_the_app("", size=(140, 45)) as person:
            await person.sees("PROFILES")
            go_to_profile(person, "staging")
            await person.press("enter")
            await person.sees("MariaDB 10.11.9")
            screen = browser(person)
            screen.where.rows.move_to(lambda row: row.database.id == "inventory")
            await person.press("enter")
            await person.sees("✓ app_oncall")

            def sources() -> dict[str, str]:
                rows = [each for each in screen.whom.all_rows if isinstance(each, whom.UserRow)]
                return {each.user.name: each.user.source for each in rows}

            assert "app_oncall_ro" not in sources()
            await person.press("enter")
            await person.until(lambda: bool(person.app.holdings._inside), "the database's users")
            await person.press("f10")
            await person.sees("✗ app_oncall_ro")
            assert sources()["app_oncall_ro"] == "database"
            assert "plain_app" not in sources()
    finally:
        await asyncio.to_thread(admin, "REVOKE SELECT ON mysql.user FROM stock_reader")


async def test_where_tells_the_chosen_profiles_own_problem(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(200, 45)) as person:
        await person.sees("PROFILES")
        go_to_profile(person, "expired-keys")
        await person.press("enter")
        await person.sees("session of the profile expired-keys")
        # Nothing on this machine says when they end; that they have, AWS does.
        life = person.app.holdings.lifetime
        assert life("expired-keys", "").state is State.REFUSED
        # The next time looks for those that were written in their place.
        assert person.app.holdings.session("expired-keys", "") is None
        person.app.holdings.reload()
        assert life("expired-keys", "").state is State.UNKNOWN
        browser(person).go_to("who")
        go_to_profile(person, "forbidden")
        await person.press("enter")
        await person.sees("refused ⊘", "was refused by AWS")
        browser(person).go_to("who")
        go_to_profile(person, "loop-a")
        await person.press("enter")
        await person.loses("was refused by AWS")
        problem = person.app.holdings.profiles.named("loop-a").problem
        assert problem is not None

        def told() -> str:
            region = browser(person).where.region
            lines = person.text.splitlines()[region.y : region.bottom]
            return "".join(each[region.x : region.right].strip(" │") for each in lines)

        await person.until(lambda: f"{problem.line}: " in told(), "file and line")
        assert problem.text.replace(" ", "") in told().replace(" ", "")
