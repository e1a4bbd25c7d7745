"""Explaining the statement at the cursor, as a person does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import AtTheApp


async def test_a_plan_is_a_tree_and_a_change_is_not_executed_while_read_only(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        await person.write("SELECT count(*) FROM sales.orders")
        await person.press("alt+e")
        await person.sees("EXPLAIN SELECT", "▾ Aggregate", "└─", "own cost", "rows expected")
        await person.write("SELECT count(*) FROM sales.orders")
        await person.press("alt+x")
        await person.sees("EXPLAIN ANALYZE SELECT", "own time", "expected → real")
        await person.write("INSERT INTO sales.orders (id) VALUES (-1)")
        await person.press("alt+x")
        await person.sees("was not executed: the connection is read-only")
