"""Completion at the keyboard: on the sandbox's PostgreSQL, as an ordinary user."""

from __future__ import annotations

import pytest

from rolebrowser.tui.widgets.completion_list import CompletionList
from rolebrowser.tui.widgets.sql_editor import SqlEditor
from tests.person import TAKES

from .conftest import AtTheApp, Person


def editor(person: Person) -> SqlEditor:
    return next(each for each in person.connection.query(SqlEditor) if each.display)


def labels(person: Person) -> list[str]:
    shown = [each for each in person.app.screen.query(CompletionList) if each.display]
    return [candidate.label for each in shown for candidate in each.items]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_statement_is_written_with_a_few_keys(
    at_the_app: AtTheApp, size: tuple[int, int]
) -> None:
    async with at_the_app(size=size) as person:
        await person.type("select * from sa")
        await person.until(lambda: labels(person) == ["salaries", "sales"])
        await person.press("down", "tab")
        await person.until(lambda: "order_items" in labels(person))
        await person.type("orde")
        await person.until(lambda: labels(person)[:2] == ["order_items", "orders"])
        await person.press("down", "enter")
        assert editor(person).text == "select * from sales.orders"
        assert labels(person) == []
        await person.type(" o where o.pl")
        await person.until(lambda: labels(person) == ["placed_at"])
        await person.press("tab")
        assert editor(person).text == "select * from sales.orders o where o.placed_at"
        assert editor(person).has_focus


async def test_escape_closes_the_list_and_only_that(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("sel")
        await person.until(lambda: labels(person) == ["select"])
        await person.press("escape")
        assert labels(person) == []
        assert editor(person).has_focus
        assert editor(person).text == "sel"
        await person.press("enter")
        assert editor(person).text == "sel\n"


async def test_enter_behind_a_whole_word_is_a_new_line(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("select\n1")
        assert editor(person).text == "select\n1"


async def test_ctrl_space_lists_what_may_come_also_when_nothing_is_typed(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        await person.type("GRANT SELECT ON sales.orders TO ")
        assert labels(person) == []
        await person.press("ctrl+@")
        await person.until(lambda: "app_oncall" in labels(person))
        await person.press("escape")
        await person.write("SELECT 'a")
        await person.press("ctrl+@")
        await person.sees("Nothing to offer here.")
        await person.type("b")
        await person.loses("Nothing to offer here.")


async def test_backslash_commands_and_their_arguments_are_listed(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("\\dr")
        await person.sees("\\drg", "list role grants")
        await person.press("escape")
        await person.write("")
        await person.type("\\du app")
        await person.until(lambda: "app_oncall" in labels(person))


async def test_names_are_put_in_as_sql_has_to_write_them(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("SELECT * FROM quo")
        await person.until(lambda: labels(person)[:1] == ['Quo"ted.Name'])
        await person.press("tab")
        assert editor(person).text == 'SELECT * FROM "Quo""ted.Name"'
        await person.press("f5")
        await person.sees("permission denied")


async def test_a_click_takes_a_candidate(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("select * from sales.")
        await person.until(lambda: "orders" in labels(person))
        shown = next(each for each in person.app.screen.query(CompletionList) if each.display)
        await person.click(shown, (3, labels(person).index("orders")))
        assert editor(person).text == "select * from sales.orders"
        assert editor(person).has_focus


async def test_the_list_goes_when_the_focus_goes(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("sel")
        await person.until(lambda: labels(person) == ["select"])
        await person.press("f6")
        await person.until(lambda: labels(person) == [])


async def test_the_list_goes_when_the_statement_is_run(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.press("f4")
        await person.sees("READ-WRITE")
        await person.type("delete from sales.ord")
        listed = person.connection.query(CompletionList)
        await person.until(lambda: any(each.display for each in listed), "the list")
        await person.press("f5")
        await person.sees("without WHERE", TAKES)
        await person.rests()
        assert not any(each.display for each in listed)
        # Also what is typed in one piece with the key opens none.
        await person.press("escape")
        await person.sees("Not sent")
        await person.press("backspace", "r", "d", "f5")
        await person.sees("without WHERE", TAKES)
        await person.rests()
        assert not any(each.display for each in listed)


async def test_enter_takes_only_what_was_chosen_or_asked_for(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.type("select * from sales.orders o")
        await person.until(lambda: bool(labels(person)), "what an alias of one letter brings")
        await person.press("enter")
        await person.type("where o.id = 1")
        assert editor(person).text == "select * from sales.orders o\nwhere o.id = 1"
        editor(person).take("sel")
        editor(person).move_cursor(editor(person).document.end)
        await person.press("ctrl+@")
        await person.until(lambda: "select" in labels(person), "the list asked for")
        await person.press("enter")
        assert editor(person).text == "select"
