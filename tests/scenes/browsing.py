"""Walks through the browser: who, where, as whom, and what lies over them."""

from __future__ import annotations

import os

from tests.scenes.stage import Visit, walk
from tests.scenes.worlds import crowded, nothing


@walk()
async def browser(at: Visit) -> None:
    """The three columns, a filter, the help, the palette, questions."""
    person = at.person
    await person.sees("engineer")
    await at.keep("browser-who")
    await person.press("slash", *"prod")
    await person.sees("production-readonly")
    await at.keep("browser-filter")
    await person.type("xyz")
    await person.sees("Nothing matches")
    await at.keep("browser-filter-nothing")
    await person.press("escape")
    at.stand_on("who", "staging")
    await person.press("i")
    await person.sees("staging", "chain")
    await at.keep("about-profile")
    await person.press("escape", "T")
    await person.sees("Session length")
    await at.keep("duration")
    await person.press("escape", "enter")
    await person.sees("orders-proxy")
    await at.keep("browser-where")
    at.stand_on("where", "orders-staging")
    await person.press("enter")
    await person.sees("another user")
    await at.keep("browser")
    await person.press("u")
    await person.sees("Log in to orders-staging")
    await at.keep("type-user")
    await person.press("escape", "m")
    await person.sees("Name of the bookmark")
    await at.keep("bookmark")
    await person.press("escape", "t")
    await person.sees("The way to")
    await at.keep("route")
    await person.press("escape", "question_mark")
    await person.sees("Esc closes")
    await at.keep("help")
    await person.press("escape", "colon")
    await person.sees("Search")
    await person.type("log")
    await person.sees("Log in")
    await at.keep("palette")
    await person.press("escape")


@walk()
async def rights(at: Visit) -> None:
    """Roles and users with their verdicts, and why."""
    person = at.person
    at.stand_on("who", "staging")
    await person.press("a")
    await person.sees("✗ Forbidden")
    await at.keep("roles")
    at.stand_on("who", "arn:aws:iam::222222222222:role/Forbidden")
    await person.press("w")
    await person.sees("Why: Forbidden")
    await at.keep("why-role")
    await person.press("t")
    await person.sees("Try the role")
    await at.keep("try-role")
    await person.press("escape", "escape")
    at.stand_on("who", "staging")
    await person.press("enter")
    await person.sees("orders-proxy")
    at.stand_on("where", "orders-staging")
    await person.press("enter")
    await person.sees("✗ dbadmin")
    at.stand_on("whom", "dbadmin")
    await at.keep("users")
    await person.press("w")
    await person.sees("Why: dbadmin")
    await at.keep("why-user")


@walk()
async def logins(at: Visit) -> None:
    """A code is asked for, an SSO login waits for its browser."""
    person = at.person
    # Through ssh a browser would open where nobody sits: so none is tried.
    os.environ["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"
    os.environ.pop("BROWSER", None)
    at.stand_on("who", "production")
    await person.press("enter")
    await person.sees("MFA code")
    await at.keep("mfa")
    await person.type("000000")
    await person.press("enter")
    await person.sees("not accepted")
    await at.keep("mfa-refused")
    await person.press("escape")
    await person.loses("MFA code")
    await person.sees("BOOKMARKS")
    at.stand_on("who", "corp-dev")
    await person.press("enter")
    await person.sees("SSO login: corp", "No browser")
    await at.keep("sso-login")
    await person.press("escape")
    await person.loses("SSO login: corp")


@walk()
async def troubles(at: Visit) -> None:
    """What is slow, refused or broken says so where one looks."""
    person = at.person
    at.stand_on("who", "loop-a")
    await at.keep("profile-broken")
    at.stand_on("who", "expired-keys")
    await person.press("enter")
    await person.sees("Write new keys into")
    await at.keep("where-error")
    await person.press("escape")
    at.sandbox.control("latency", seconds=90)
    at.stand_on("who", "staging")
    await person.press("enter")
    await at.keep("where-loading")
    await person.press("escape", "escape", "2")
    await person.sees("Connecting …", "AWS session")
    await at.keep("connecting")
    at.sandbox.control("latency", seconds=0)
    await person.press("escape")
    await person.loses("connecting")


@walk()
async def refusal(at: Visit) -> None:
    """A login that the database refuses, and the doctor."""
    person = at.person
    await person.press("4")
    await person.sees("Not connected to billing")
    await at.keep("refused")
    await person.press("d")
    await person.sees("Doctor: ", "GRANT rds_iam TO billing_app;")
    await at.keep("doctor")


@walk(world=nothing, first="D")
async def first_run(at: Visit) -> None:
    """No AWS configuration at all."""
    await at.person.sees("demo")
    await at.keep("first-run")


@walk(world=crowded)
async def crowd(at: Visit) -> None:
    """Hundreds of profiles with long names, and a hostile one."""
    person = at.person
    await person.sees("BOOKMARKS")
    await at.keep("crowded")
    await person.press("end")
    await at.keep("crowded-end")
    at.stand_on("who", "a-profile-with-a-name-as-long-as-some-people-write-them-007")
    await person.press("i")
    await person.sees("kind")
    await at.keep("crowded-about")
