"""Choosing the way to a database, in the browser and after a refusal."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from rolebrowser.config import Config
from rolebrowser.route import Route

from .conftest import AtTheApp, Person


@pytest.fixture
def plugin(sandbox_env: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's session-manager-plugin is installed."""
    directory = Path(os.environ["SANDBOX_DIRECTORY"]) / "bin"
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


def misled(config: Config) -> Config:
    """The first route leads nowhere."""
    return replace(config, routes=(Route("*", "127.0.0.1:1"), *config.routes))


async def at_staging(person: Person) -> None:
    """The cursor on orders-staging."""
    await person.press("slash", *"staging", "enter")
    await person.sees("orders-proxy")
    # Below it are its writer, its reader and its instance.
    await person.press("end", "up", "up", "up")
    await person.sees("▸ staging ▸ orders-staging", "IAM auth", "route")


async def test_a_route_is_chosen_and_stands_in_the_preflight(
    at_the_app: AtTheApp, plugin: None
) -> None:
    async with at_the_app("") as person:
        await at_staging(person)
        await person.sees("route    127.0.0.1:")
        await person.press("t")
        await person.sees("The way to orders-staging", "automatic", "direct", "bastion", "SSM …")
        await person.press("end", "up", "up", "enter")
        await person.sees("2 online in vpc-", "SSM through i-0ba5710457a6e0001")
        await person.press("enter")
        await person.loses("The way to orders-staging")
        await person.sees("route    SSM through i-0ba5")


async def test_a_destination_is_typed(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await at_staging(person)
        await person.press("t")
        await person.sees("ssh …")
        await person.press("end", "up", "enter")
        await person.sees("ssh to")
        await person.type("bastion")
        await person.press("enter")
        await person.loses("The way to orders-staging")
        await person.sees("ssh bastion")
        await person.press("t")
        await person.sees("● ssh:bastion")


async def test_an_address_that_is_none_is_said_so(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await at_staging(person)
        await person.press("t")
        await person.sees("address …")
        await person.press("end", "enter")
        await person.sees("Address to dial")
        await person.type("nonsense")
        await person.press("enter")
        await person.sees("nonsense is no HOST:PORT to go by.")


async def test_after_a_refusal_another_way_leads_in(at_the_app: AtTheApp, plugin: None) -> None:
    async with at_the_app("", adjust=misled) as person:
        await person.press("2")
        await person.sees("Not connected to orders-staging")
        await person.press("t")
        await person.sees("The way to orders-staging", "bastion")
        await person.press("home", "down", "down", "down", "enter")
        await person.sees("Role name", "via ssm")


async def test_how_a_connection_came_about_is_told(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.press("escape", "i")
        await person.sees("CA bundle", "ca_bundle in config.toml, 1 root", "by route 'sandbox'")


async def test_where_a_bookmark_leads_is_seen_without_asking_aws(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        for _ in range(5):
            await person.press("down")
        seen = await person.sees("database orders-production", "endpoint reader")
        assert "user     app_oncall_ro" in seen
        assert "session  production-readonly" in seen
