"""What is closed is gone: Textual and tree-sitter keep nothing of it."""

from __future__ import annotations

import weakref

from textual.widget import Widget

from rolebrowser.tui import departed
from rolebrowser.tui.widgets.sql_editor import SqlEditor
from tests.tui.conftest import AtTheApp


async def test_a_connection_that_was_closed_leaves_neither_text_nor_pictures(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("2") as person:
        editor = person.connection.query_one(SqlEditor)
        documents = [weakref.ref(editor.document)]
        await person.run("SELECT 1 AS one", "1 row")
        documents.append(weakref.ref(editor.document))
        await person.press("f7")
        await person.sees("List of role grants")
        await person.press("f7")
        await person.sees("roles ×")
        drawn = [weakref.ref(each._styles_cache) for each in person.connection.query(Widget)]
        del editor
        await person.press("f10")
        await person.sees("BOOKMARKS")

        def gone() -> bool:
            departed.sweep()
            return all(each() is None for each in (*documents, *drawn))

        # asyncio keeps a cancelled timer until its time has come: 20 s for `keep_session`'s.
        await person.until(gone, "the closed connection's text and pictures to go")
