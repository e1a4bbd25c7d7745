"""RowList: only what says something else is drawn anew."""

from __future__ import annotations

from datetime import datetime

from textual.app import App, ComposeResult

from rolebrowser.tui.line import Line, line
from rolebrowser.tui.theme import DARK
from rolebrowser.tui.widgets.row_list import RowList


class Clocks(App[None]):
    """Three rows, the second of which counts."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.rows: RowList[int] = RowList(self._line)
        self.painted: list[int] = []

    def compose(self) -> ComposeResult:
        self.register_theme(DARK)
        self.theme = DARK.name
        yield self.rows

    def _line(self, row: int, now: datetime) -> Line:
        return line(f"row {row}" + (f": {self.count}" if row == 1 else ""))

    @property
    def text(self) -> str:
        strips = self.screen._compositor.render_strips(self.size)
        return "\n".join(strip.text for strip in strips)


async def test_a_tick_draws_the_row_whose_clock_moved_and_no_other() -> None:
    app = Clocks()
    async with app.run_test(size=(30, 8)) as pilot:
        app.rows.set_items([0, 1, 2])
        await pilot.pause()
        assert "row 1: 0" in app.text
        drawn = []
        original = app.rows.render_line
        app.rows.render_line = lambda y: (drawn.append(y), original(y))[1]  # type: ignore
        app.rows.tick()
        await pilot.pause()
        assert drawn == []
        app.count = 7
        app.rows.tick()
        await pilot.pause()
        assert "row 1: 7" in app.text
        assert set(drawn) == {1}


async def test_of_items_that_look_alike_only_those_in_other_places_are_drawn() -> None:
    app = Clocks()
    async with app.run_test(size=(30, 8)) as pilot:
        app.rows.set_items([0, 1, 2, 3])
        await pilot.pause()
        drawn = []
        original = app.rows.render_line
        app.rows.render_line = lambda y: (drawn.append(y), original(y))[1]  # type: ignore
        app.rows.set_items([0, 1, 3], alike=True)
        await pilot.pause()
        assert set(drawn) == {2, 3}
        shown = [each.strip() for each in app.text.split("\n")[:4]]
        assert shown == ["▌row 0", "row 1: 0", "row 3", ""]
        # What was not drawn goes on counting.
        app.count = 7
        app.rows.tick()
        await pilot.pause()
        assert "row 1: 7" in app.text


async def test_the_screen_is_laid_out_anew_only_where_the_scrollbar_comes_or_goes() -> None:
    app = Clocks()
    async with app.run_test(size=(30, 8)) as pilot:
        app.rows.set_items(range(2, 102))
        await pilot.pause()
        laid_out = []
        original = app.screen._refresh_layout
        app.screen._refresh_layout = lambda *a, **k: (laid_out.append(1), original(*a, **k))[1]  # type: ignore
        app.rows.action_last()
        await pilot.pause()
        app.rows.set_items(range(2, 52))
        await pilot.pause()
        assert not laid_out
        assert app.rows.max_scroll_y == 42
        assert app.rows.vertical_scrollbar.window_virtual_size == 50
        app.rows.set_items(range(2, 5))
        await pilot.pause()
        assert laid_out
        assert not app.rows.show_vertical_scrollbar
        assert "row 2" in app.text
        assert "row 5" not in app.text
