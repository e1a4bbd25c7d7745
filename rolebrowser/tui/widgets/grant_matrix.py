"""GrantMatrix: roles down, objects across, a cell of ACL letters each; any number of both.

Only visible cells are ever drawn (matrix_sheet.py), and only visible rows are asked for
(`RowsWanted`): until a row is there its cells show `…`. The heads stay in place on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rolebrowser.grants.picture import Level, ObjectHead, RightsRow, RoleHead
from rolebrowser.tui import matrix_cells
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.matrix_cells import ColumnHead
from rolebrowser.tui.matrix_sheet import HEADER, Sheet, View
from rolebrowser.tui.widgets.cell_keys import CELL_KEYS

_LEAST, _MOST = 14, 28
"""The width of the roles' names in cells."""


class GrantMatrix(ScrollView, can_focus=True):
    """See the module."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"matrix--{name}" for name in matrix_cells.STYLES),
        "matrix--cursor",
        "matrix--row",
        "matrix--name",
        "matrix--here",
        "matrix--group",
        "matrix--header",
        "matrix--rule",
        "matrix--current",
        "matrix--quiet",
        "matrix--changed",
    }

    DEFAULT_CSS = """
    GrantMatrix {
        height: 1fr;
        background: $surface;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        & > .matrix--header { background: $panel; color: $foreground; }
        & > .matrix--group { background: $panel; color: $primary; text-style: bold; }
        & > .matrix--here { background: $panel; color: $accent; text-style: bold; }
        & > .matrix--cursor {
            background: $block-cursor-background;
            text-style: bold;
        }
        & > .matrix--row { background: $block-cursor-blurred-background; }
        & > .matrix--current { color: $primary; text-style: bold; }
        & > .matrix--quiet { color: $foreground; text-style: dim; }
        & > .matrix--rule { color: $border; }
        & > .matrix--direct { color: $foreground; text-style: bold; }
        & > .matrix--inherited { color: $foreground; }
        & > .matrix--public { color: $text-muted; }
        & > .matrix--public-blocked { color: $text-error; }
        & > .matrix--superuser { color: $secondary; }
        & > .matrix--latent { color: $accent; text-style: italic; }
        & > .matrix--blocked { color: $text-error; }
        & > .matrix--grantable { color: $accent; text-style: bold; }
        & > .matrix--changed { color: $text-success; text-style: bold; }
        & > .matrix--locked { color: $warning; }
        & > .matrix--nothing { color: $border; }
        & > .matrix--note { color: $text-muted; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *CELL_KEYS,
        Binding("left_square_bracket", "group(-1)", "Previous group", show=False),
        Binding("right_square_bracket", "group(1)", "Next group", show=False),
        *bindings("matrix"),
    ]

    cursor: reactive[tuple[int, int]] = reactive((0, 0))

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another cell, or the cells are new."""

        matrix: GrantMatrix

        def can_replace(self, message: Message) -> bool:
            """Only the last place counts."""
            return isinstance(message, GrantMatrix.CursorMoved)

    @dataclass
    class RowsWanted(Message):
        """Rows in view are not there yet."""

        roles: list[int]

        def can_replace(self, message: Message) -> bool:
            """Only what is in view now counts."""
            return isinstance(message, GrantMatrix.RowsWanted)

    @dataclass
    class Opened(Message):
        """Enter, or a double click, on a cell."""

        matrix: GrantMatrix

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sheet = Sheet((), (), Level("", ""), {})
        self._side = _LEAST
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._known: dict[str, Style] = {}

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    @property
    def role(self) -> RoleHead | None:
        """The row under the cursor."""
        return self._sheet.roles[self.cursor[0]] if self._sheet.roles else None

    @property
    def object(self) -> ObjectHead | None:
        """The column under the cursor."""
        return self._sheet.objects[self.cursor[1]] if self._sheet.objects else None

    def load(
        self,
        roles: Sequence[RoleHead],
        columns: Sequence[ColumnHead],
        level: Level,
        rows: dict[int, RightsRow],
    ) -> None:
        """Show other heads; the cursor stays on the role and the object it stood on.

        Args:
            rows: the rows that are there, by role number; filled by who hears `RowsWanted`.
        """
        held = (self.role, self.object)
        self._sheet = Sheet(roles, columns, level, rows)
        longest = max((cell_len(matrix_cells.role_name(head)) for head in roles), default=0)
        self._side = min(_MOST, max(_LEAST, longest + 1))
        self._measure()
        self.cursor = (_place(roles, held[0]), _place(self._sheet.objects, held[1]))
        self._show_cursor()
        self.filled()
        self.want_rows()
        self.post_message(self.CursorMoved(self))

    def filled(self) -> None:
        """Rows have come: draw anew."""
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        self._strips.clear()
        self._sheet.forget()

    def _measure(self) -> None:
        self.virtual_size = Size(
            self.side + self._sheet.starts[-1], len(self._sheet.roles) + HEADER
        )
        self._strips.clear()

    @property
    def side(self) -> int:
        """The width of the roles' column, at most a third of the view."""
        return max(10, min(self._side, self.size.width // 3 or self._side))

    def on_resize(self) -> None:
        """More, or less, is in view."""
        self._measure()
        self._show_cursor()
        self.want_rows()

    def notify_style_update(self) -> None:
        """The theme has changed: what was drawn is stale."""
        super().notify_style_update()
        self._known.clear()
        self._forget()

    def want_rows(self) -> None:
        """Ask for the rows that are in view and missing."""
        top = self.scroll_offset.y
        height = max(1, self.scrollable_content_region.height - HEADER)
        seen = self._sheet.roles[top : top + height]
        missing = [head.number for head in seen if head.number not in self._sheet.rows]
        if missing:
            self.post_message(self.RowsWanted(missing))

    # ── the cursor ───────────────────────────────────────────────────────────────────────────

    def validate_cursor(self, cursor: tuple[int, int]) -> tuple[int, int]:
        """Keep it inside."""
        row, column = cursor
        return (
            max(0, min(row, len(self._sheet.roles) - 1)),
            max(0, min(column, len(self._sheet.objects) - 1)),
        )

    def watch_cursor(self) -> None:
        """Bring the cell into view, and tell."""
        self._show_cursor()
        self.refresh()
        self.post_message(self.CursorMoved(self))

    def _show_cursor(self) -> None:
        """Scroll so that the cell isn't under a head: the heads lie over the top and the left."""
        row, column = self.cursor
        if not self._sheet.objects or not self.is_attached:
            return
        view = self.scrollable_content_region
        if view.height <= HEADER:  # not laid out yet
            return
        left, right = self._sheet.starts[column], self._sheet.starts[column + 1]
        x, y = self.scroll_offset
        room = max(1, view.width - self.side)
        if left < x:
            x = left
        elif right > x + room:
            x = min(left, right - room)
        y = min(y, row)
        y = max(y, row + HEADER + 1 - view.height)
        if (x, y) != tuple(self.scroll_offset):
            self.scroll_to(x, y, animate=False, force=True, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in view."""
        super().watch_scroll_y(old_value, new_value)
        self.want_rows()

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        self.cursor = (self.cursor[0] + rows, self.cursor[1] + columns)

    def action_page(self, direction: int) -> None:
        """A screenful up or down."""
        self.action_move(direction * max(1, self.size.height - HEADER - 1), 0)

    def action_edge(self, rows: int, columns: int) -> None:
        """To the first or last row or column."""
        row, column = self.cursor
        if rows:
            row = 0 if rows < 0 else len(self._sheet.roles)
        if columns:
            column = 0 if columns < 0 else len(self._sheet.objects)
        self.cursor = (row, column)

    def action_group(self, direction: int) -> None:
        """To the first column of the next, or previous, schema."""
        row, here = self.cursor
        if not self._sheet.objects:
            return
        groups = [head.group for head in self._sheet.objects]
        place = here + direction
        while 0 < place < len(groups) and groups[place] == groups[place - 1]:
            place += direction
        self.cursor = (row, place)

    def move_near(self, held: ObjectHead) -> None:
        """Put the cursor on the first column that lies in `held`, or that `held` lies in."""
        for place, head in enumerate(self._sheet.objects):
            inside = head.group in (held.name, held.title)
            if inside or (head.name == held.group and not head.group):
                self.cursor = (self.cursor[0], place)
                return

    def action_open(self) -> None:
        """Enter."""
        if self._sheet.roles and self._sheet.objects:
            self.post_message(self.Opened(self))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click opens the cell."""
        row = event.y - HEADER + self.scroll_offset.y
        if event.y < HEADER or row >= len(self._sheet.roles):
            return
        column = self.cursor[1]
        if event.x >= self.side:
            column = self._sheet.first(event.x - self.side + self.scroll_offset.x)
        self.cursor = (row, column)
        if event.chain > 1:
            self.action_open()

    # ── drawing ──────────────────────────────────────────────────────────────────────────────

    def style(self, name: str) -> Style:
        """One of the component styles, without the background of the widget."""
        known = self._known.get(name)
        if known is None:
            known = self.get_component_rich_style(f"matrix--{name}", partial=True)
            self._known[name] = known
        return known

    @property
    def plain(self) -> Style:
        """The widget's own style, worked out once: a look's every line asks for it."""
        known = self._known.get("")
        if known is None:
            known = self._known[""] = self.rich_style
        return known

    def render_line(self, y: int) -> Strip:
        """A line of the header, or one role's."""
        width = self.scrollable_content_region.width
        place = y - HEADER + self.scroll_offset.y if y >= HEADER else y - HEADER
        if place >= len(self._sheet.roles) or not self._sheet.roles:
            return Strip.blank(width, self.plain)
        active = self.cursor[1] if place < 0 or place == self.cursor[0] else -1
        key = (place, self.scroll_offset.x, width, active, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            here = place == self.cursor[0]
            view = View(self.scroll_offset.x, width, self.side, active, here, self.has_focus)
            strip = self._sheet.draw(place, view, self.plain, self.style)
            self._strips[key] = strip
        return strip


def _place(heads: Sequence[RoleHead] | Sequence[ObjectHead], wanted: object) -> int:
    """Where the same head is now; 0 when it is gone."""
    if wanted is None:
        return 0
    name = _key(wanted)
    return next((place for place, head in enumerate(heads) if _key(head) == name), 0)


def _key(head: object) -> object:
    return head.title if isinstance(head, ObjectHead) else getattr(head, "name", None)
