"""The doctor's dialog, from the browser and from a refusal."""

from __future__ import annotations

import json

from .conftest import AtTheApp


async def test_d_on_a_bookmark_makes_every_check_and_names_the_cause(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("down", "down", "down", "down", "d")
        seen = await person.sees("IAM database authentication is off (iam_auth).")
        assert "Doctor: legacy" in seen
        assert "✗ IAM auth" in seen
        await person.sees("aws rds modify-db-instance --db-instance-identifier legacy")
        await person.press("escape")
        await person.loses("Doctor: legacy")
        assert "BOOKMARKS" in person.text


async def test_a_refusal_has_the_rest_of_the_checks_one_key_away(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("4")
        await person.sees("Not connected to billing")
        await person.press("d")
        await person.sees("The database user is not an IAM user (user).")
        await person.sees("GRANT rds_iam TO billing_app;")


async def test_the_fix_and_the_report_are_copied(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("down", "down", "down", "d")
        await person.sees("The database user is not an IAM user")
        await person.press("y")
        assert person.app.clipboard == "GRANT rds_iam TO billing_app;"
        await person.press("Y")
        assert person.app.clipboard.startswith("# Why can't I connect: billing\n")
        assert "X-Amz" not in person.app.clipboard


async def test_a_check_one_looks_at_is_shown_whole(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.press("d")
        await person.sees("Nothing stands in the way of orders-production.")
        await person.press("home", *["down"] * 4)
        await person.sees("cluster-ORDERSPRODUCTION7QK2LM")
        await person.press("end")
        await person.sees("orders, by the login")


async def test_without_anything_chosen_it_says_what_to_choose(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("end", "d")
        await person.until(lambda: "Doctor:" not in person.text)
        await person.press("question_mark")
        await person.sees("Check the whole road")


async def test_a_copied_statement_is_json(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        target = person.app.holdings.config.bookmarks[1].target.with_changes(user="orders_app")
        person.app.examine(target, "orders_app")
        await person.sees("No policy allows rds-db:connect for this user (policy).")
        await person.press("y")
        copied = person.app.clipboard
        assert json.loads(copied)["Action"] == "rds-db:connect"


async def test_help_tells_the_keys_of_the_dialog_one_is_at(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.press("d")
        await person.sees("Nothing stands in the way of orders-production.")
        await person.press("question_mark")
        seen = await person.sees("Copy the report", "Show these keys")
        assert "Go one column to the right" not in seen
        await person.press("escape")
        await person.loses("Copy the report")
        assert "Doctor: " in person.text


async def test_help_goes_on_under_its_text(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.press("question_mark")
        seen = await person.sees("end the filter, or go a")
        first, second = (
            next(line for line in seen.splitlines() if words in line)
            for words in ("Stop what AWS is being asked", "column left")
        )
        assert first.index("Stop") == second.index("column left")


async def test_a_key_that_does_nothing_now_is_not_in_the_footer_and_says_why(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.press("slash", *"staging", "enter")
        await person.sees("orders-proxy")
        await person.press("left", "slash", *"engineer", "tab", "escape")

        def footer() -> str:
            return person.text.splitlines()[-1]

        await person.until(lambda: "i Info" in footer() and "Connect" not in footer(), "its keys")
        await person.press("c")
        await person.hears("Choose a bookmark or a database first.")
