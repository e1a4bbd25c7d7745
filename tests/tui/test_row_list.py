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
