"""Databases of every account, found in the browser and gone to."""

from __future__ import annotations

import re

from rolebrowser.database.known_hits import Wanted
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.rows import where
from rolebrowser.tui.screens.browser import BrowserScreen

from .conftest import AtTheApp, Person
from .test_rights import browser, go_to_profile, go_to_role, look


def at_database(person: Person) -> str:
    row = browser(person).where.rows.current
    known = isinstance(row, where.DatabaseRow | where.EndpointRow)
    return row.database.id if known else ""


def chosen_place(person: Person) -> tuple[str, str]:
    chosen = browser(person)._chosen
    return chosen.profile.account if chosen.profile else "", chosen.target().region


async def test_the_organizations_engine_is_asked_and_a_hit_is_gone_to(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        go_to_profile(person, "engineer")
        await person.press("f")
        await person.sees("Databases everywhere", "Resource Explorer", "orders-production")
        await person.press("slash")
        await person.type("reports")
        await person.loses("orders-production")
        await person.press("enter")
        # Several profiles lead into its account: which one is for the person to say.
        await person.sees("Who goes to reports?", "staging-reader", "as DatabaseReader")
        await person.type("staging")
        await person.press("enter")
        # It is of another region than the profile's.
        await person.sees("us-east-1")
        await person.until(lambda: at_database(person) == "reports", "the cursor on the database")
        await person.until(
            lambda: chosen_place(person) == ("222222222222", "us-east-1"), "account and region"
        )


async def test_without_an_engine_accounts_and_regions_are_asked_at_once_and_failures_listed(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        sandbox_env.control("latency", seconds=30)
        await person.press("f", "w")
        await person.sees("What could not be asked", "Still asking.")
        sandbox_env.control("latency", seconds=0)
        await person.press("escape")
        await person.loses("What could not be asked")
        await person.press("escape")
        await person.sees("stopped; r asks again")
        await person.press("r")
        await person.sees("asked account by account", "orders-staging", "orders-production")
        await person.sees("could not be asked: w")
        assert "as staging" in person.text
        assert "us-east-1" in person.text
        await person.press("w")
        await person.sees("What could not be asked", "production: ", "corp-dev: ")
        await person.press("escape")
        await person.press("a")
        # 30 regions of each account take a while: each is told when it is done, not the account.
        asked = re.compile(r"\b(\d+) of \d+ profiles, (\d+) regions asked")
        await person.until(
            lambda: (
                (now := asked.search(person.text)) is not None and int(now[2]) > int(now[1]) + 9
            ),
            "regions counted while accounts are asked",
        )
        held = person.app.holdings
        everywhere = Wanted(all_regions=True)
        await person.until(lambda: held.found_before(everywhere) is not None, "every region")
        await person.sees("asked account by account", "us-east-1")


async def test_escape_stops_the_search_then_closes_and_what_had_come_stays(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.sees("PROFILES")
        sandbox_env.control("latency", seconds=30)
        await person.press("f")
        await person.sees(" · Esc stops")
        await person.press("escape")
        await person.sees("stopped; r asks again")
        sandbox_env.control("latency", seconds=0)
        await person.press("r")
        await person.sees("asked account by account")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, BrowserScreen), "the browser")


async def test_what_was_found_before_is_shown_with_its_age_and_nobody_is_asked(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await person.press("f")
        await person.sees("asked account by account")
    sandbox_env.control("latency", seconds=30)
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await person.press("f")
        await person.sees("as found ", "; r asks again", "orders-staging")
        assert re.search(r"as found (just now|\d minutes? ago); r asks", person.text)


async def test_a_role_that_is_not_theirs_does_not_stand_in_the_way(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.sees("PROFILES")
        await look(person, "staging")
        go_to_role(person, "Forbidden")
        await person.press("f")
        await person.sees("asked account by account", "orders-staging")
        await person.press("w")
        await person.sees("What could not be asked", "role/Forbidden was refused")
