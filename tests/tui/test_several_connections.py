"""Several connections at once: seen, moved between, closed with what is under way asked about."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg

from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Bookmark, Target
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.screens.connection import ConnectionScreen

if TYPE_CHECKING:
    import pytest
    from textual.widget import Widget

    from rolebrowser.config import Config

    from .conftest import AtTheApp, Person


async def second(person: Person) -> None:
    """Open the second bookmark's connection from the first's."""
    await person.press("escape", "escape")
    await person.sees("BOOKMARKS")
    await person.press("2")
    await person.sees("[orders-staging]", "Role name")


async def test_each_shows_the_others_and_f8_goes_round(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        assert "[orders-production]" not in person.text
        await second(person)
        assert " orders-production " in person.text.splitlines()[1]
        await person.run("BEGIN", "in transaction", "orders-staging ●")
        await person.press("f8", "f8")
        await person.sees("[orders-production]", "orders-staging ●", "▲PRODUCTION")
        # The other's transaction is none of this one's.
        assert "in transaction" not in person.text
        await person.press("escape", "escape")
        await person.sees("Open:  orders-production  orders-staging ● in transaction")


async def test_the_browser_tells_which_are_open_and_which_of_them_may_write(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("2") as person:
        await person.press("f4")
        await person.sees("READ-WRITE")
        await person.press("escape", "escape")
        await person.sees("BOOKMARKS", "Open:  orders-staging RW ")
        await person.press("1")
        await person.sees("orders-staging RW ", "[orders-production]", "Role name")
        await person.press("f8")
        await person.sees("Open:  orders-staging RW  orders-production ")
        await person.click(person.find("#open-connections"), (9, 0))
        await person.sees("[orders-staging RW]")
        await person.press("f4")
        await person.sees("[orders-staging]")
        await person.press("f10")
        await person.sees("Open:  orders-production ")


async def test_a_bookmark_that_is_open_is_gone_to_and_another_is_opened_on_purpose(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        first = person.connection
        await person.write("SELECT 'still here'")
        await person.press("escape", "escape")
        await person.sees("BOOKMARKS")
        await person.press("1")
        await person.sees("still here")
        assert person.connection is first
        assert person.app.connection_count == 1
        await person.press("escape", "escape")
        await person.sees("BOOKMARKS")
        await person.press("O")
        await person.sees("[orders-production #2]", " orders-production ", "Role name")
        assert person.app.connection_count == 2
        assert "still here" not in person.text


async def test_a_connection_that_failed_is_tried_again_by_its_digit(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(found: Config) -> Config:
        target = Target(url="postgresql://nobody@127.0.0.1:1/nowhere?sslmode=disable")
        return replace(found, bookmarks=(Bookmark("nowhere", target),))

    given: list[tuple[object, object]] = []
    usual = ConnectionScreen.set_focus

    def noted(screen: ConnectionScreen, widget: Widget | None, *rest: bool, **named: bool) -> None:
        given.append((screen, widget))
        usual(screen, widget, *rest, **named)

    monkeypatch.setattr(ConnectionScreen, "set_focus", noted)
    async with at_the_app("", adjust=broken) as person:
        await person.press("1")
        await person.sees("Retry")
        await person.rests()
        failed = person.connection._failure
        # Once, and after the editor, which a screen gives it to as it comes.
        assert failed is not None
        here = [widget for screen, widget in given if screen is person.connection]
        assert here[here.index(failed) :] == [failed]
        assert failed.has_focus
        await person.press("f8")
        await person.sees("BOOKMARKS")
        await person.press("1")
        await person.until(lambda: person.connection._failure not in (failed, None))
        assert person.app.connection_count == 1


async def test_what_stood_in_the_editors_is_there_when_the_target_is_opened_again(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 'the first'")
        await person.press("ctrl+t")
        await person.sees("[2 empty]")
        await person.write("SELECT\n  'the second'")
        await person.press("f10")
        await person.sees("BOOKMARKS")
        assert person.app.connection_count == 0
        await person.press("2")
        await person.sees("orders-staging", "Role name")
        assert "the first" not in person.text
        await person.press("escape", "escape", "1")
        await person.sees("[1 SELECT 'the first'", "2 SELECT 'the seco", "Role name")
        await person.press("alt+right")
        await person.sees("  'the second'")
        await person.press("f5")
        await person.sees("the second")


async def test_logging_in_anew_asks_about_an_open_transaction(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("BEGIN", "in transaction")
        await person.press("f3")
        await person.sees("Reconnect?", "will be rolled back")
        await person.press("escape")
        await person.loses("Reconnect?")
        assert "in transaction" in person.text
        await person.press("f3")
        await person.sees("Reconnect?")
        await person.press("y")
        await person.loses("in transaction")


async def test_closing_what_is_under_way_is_asked_about(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await second(person)
        await person.run("SELECT pg_sleep(60)", "Running")
        await person.press("f10")
        await person.sees("Close orders-staging?", "it will be cancelled")
        await person.press("escape")
        await person.loses("Close orders-staging?")
        assert "Running" in person.text
        await person.press("f10")
        await person.sees("Close orders-staging?")
        await person.press("c")
        await person.sees("BOOKMARKS")
        assert person.app.connection_count == 1


async def test_the_clock_raises_no_alarm_while_a_connection_is_closed(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = RolebrowserApp.forget_connection

    async def later(app: RolebrowserApp, mode: str) -> None:
        for each in app.connections:
            each._tick()
        await usual(app, mode)

    monkeypatch.setattr(RolebrowserApp, "forget_connection", later)
    async with at_the_app() as person:
        await person.press("f10")
        await person.sees("BOOKMARKS")
        await person.rests()
        assert [each.text for each in person.app.said] == []


async def test_quitting_names_what_would_be_lost(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await second(person)
        await person.run("BEGIN", "in transaction")
        await person.press("f8")
        await person.sees("BOOKMARKS")
        await person.press("ctrl+q")
        await person.sees("Quit?", "orders-staging: A transaction is open")
        await person.press("n")
        await person.loses("Quit?")
        await person.press("ctrl+q")
        await person.sees("Quit?")
        await person.press("q")
        await person.until(lambda: not person.app.is_running or person.app._exit)


async def test_nothing_is_left_behind(at_the_app: AtTheApp, sandbox: SandboxProcess) -> None:
    async with at_the_app() as person:
        await second(person)
        await person.run("SELECT pg_sleep(60)", "Running")
    with psycopg.connect(sandbox.exports["SANDBOX_PG_DSN"], autocommit=True) as admin:
        left = [("?",)]
        for _ in range(600):
            left = admin.execute(
                "SELECT query FROM pg_stat_activity WHERE application_name = 'rolebrowser'"
            ).fetchall()
            if not left and not _owners():
                break
            admin.execute("SELECT pg_sleep(0.1)")
        assert left == []
    assert _owners() == []


def _owners() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith(("postgres ", "cancel", "farewell"))]


async def test_no_screen_is_made_under_the_feet_of_an_app_that_closes(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("") as person:
        app = person.app
    app._spare = None
    modes = set(app._screen_stacks)
    app.make_ready()
    assert set(app._screen_stacks) == modes
