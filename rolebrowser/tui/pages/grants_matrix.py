"""MatrixView: the matrix, its filter, and the cell under the cursor in words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from rolebrowser import fuzzy
from rolebrowser.cancel import Cancel
from rolebrowser.grants.picture import (
    Entry,
    Level,
    ObjectHead,
    Picture,
    RightsRow,
    RoleHead,
)
from rolebrowser.grants.privileges import LETTERS
from rolebrowser.grants.question import Question
from rolebrowser.safetext import clean
from rolebrowser.tui import matrix_cells
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.line import fit
from rolebrowser.tui.literal import MUTED, literal
from rolebrowser.tui.matrix_cells import ColumnHead
from rolebrowser.tui.matrix_changes import CHANGED, ComparedRow, Comparison
from rolebrowser.tui.rows import sections
from rolebrowser.tui.widgets.context_bar import content
from rolebrowser.tui.widgets.grant_matrix import GrantMatrix
from rolebrowser.tui.widgets.typed_line import TypedLine

T = TypeVar("T")

_MARKS = "★ superuser · ● logs in · ○ group"
_PAUSE = 0.04
"""Seconds the cursor rests before its cell is put into words."""


class MatrixView(Vertical):
    """What the page shows first. It keeps the level, the filter and the rows made so far."""

    DEFAULT_CSS = """
    MatrixView {
        #matrix-box { height: 1fr; border: round $border-blurred; border-title-color: $text-muted;
            border-subtitle-color: $text-muted; background: $surface; }
        #matrix-box:focus-within {
            border: round $primary; border-title-color: $primary; border-title-style: bold;
        }
        #matrix-filter { display: none; height: 1; background: $panel; }
        #matrix-filter Input { width: 1fr; height: 1; border: none; background: $panel;
            padding: 0 1; }
        #matrix-filter Input:focus { background: $block-cursor-blurred-background; }
        #matrix-filter Static { width: 11; color: $text-muted; padding: 0 0 0 1; }
        #matrix-legend { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
        #matrix-detail { height: 9; border: round $border-blurred;
            border-title-color: $text-muted; background: $surface; padding: 0 1;
            scrollbar-size-vertical: 1; }
        #matrix-detail Static { height: auto; }
    }
    """

    @dataclass
    class Asked(Message):
        """The cursor is on another question; Enter was pressed when `opened`."""

        question: Question
        opened: bool = False

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.matrix = GrantMatrix()
        self._picture: Picture | None = None
        self._before: Picture | None = None
        self._comparisons: dict[str, Comparison] = {}
        self._level = Level("", "")
        self._system = False
        self._columns: dict[str, list[ColumnHead]] = {}
        self._rows: dict[tuple[int, str], RightsRow] = {}
        self._of_level: dict[int, RightsRow] = {}
        self._for_roles = TypedLine(self._entered, placeholder="all", id="filter-roles")
        self._for_objects = TypedLine(self._entered, placeholder="all", id="filter-objects")
        self._for_roles.beside, self._for_objects.beside = self._for_objects, self._for_roles
        self._filter_label = Static("objects")
        self._filter = Horizontal(
            Static("roles"),
            self._for_roles,
            self._filter_label,
            self._for_objects,
            id="matrix-filter",
        )
        self._legend = Static(id="matrix-legend")
        self._box = Vertical(self.matrix, id="matrix-box")
        self._text = Static()
        self._said: tuple[RoleHead, Sequence[Entry]] | None = None
        self._detail = VerticalScroll(self._text, id="matrix-detail", can_focus=False)

    def compose(self) -> ComposeResult:
        """Matrix, filter, legend, detail."""
        yield self._box
        yield self._filter
        yield self._legend
        yield self._detail

    def on_mount(self) -> None:
        """The legend shows each way of drawing as it is drawn."""
        self._explain()

    def on_resize(self) -> None:
        """The legend takes one line or two; words are cut anew.

        A cell that was put into words while another view was in front had no width to be cut to.
        """
        self._explain()
        self._write()

    def _explain(self) -> None:
        room = self.size.width - 2  # its padding
        self._legend.update(_legend(room, compared=self._before is not None))

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    async def show(self, picture: Picture) -> None:
        """A new look: the level, the filter and the cursor stay."""
        levels = {level.name: level for level in picture.levels}
        level = levels.get(self._level.name) or picture.levels[0]
        columns = await _columns(picture, level)
        self._before, self._comparisons = self._picture, {}
        self._picture, self._level = picture, level
        self._explain()
        self._rows, self._columns = {}, {level.name: columns}
        self._load()

    @work(exclusive=True, group="zoom", exit_on_error=False, description="zoom")
    async def zoom(self, step: int) -> None:
        """To the next level, the cursor on what belongs to the object that it stood on."""
        picture, held = self._picture, self.matrix.object
        if picture is None:
            return
        names = [level.name for level in picture.levels]
        level = picture.levels[(names.index(self._level.name) + step) % len(names)]
        if level.name not in self._columns:
            columns = await _columns(picture, level)
            if picture is not self._picture:
                return
            self._columns[level.name] = columns
        self._level = level
        self._load(near=held)

    def toggle_system(self) -> bool:
        """Show or hide the server's own roles and objects; True when they show now."""
        self._system = not self._system
        self._load()
        return self._system

    @property
    def question(self) -> Question | None:
        """What the cursor stands on; of the privileges the first that the cell has, if any."""
        role, thing = self.matrix.role, self.matrix.object
        if self._picture is None or role is None or thing is None:
            return None
        there = self._picture.privileges(thing.number)
        row = self._of_level.get(role.number)
        letters = row.cell(thing.number).letters if row is not None else ()
        has = {LETTERS[each.letter] for each in letters if each is not None}
        first = next((bit for bit in there if bit in has), there[0])
        return Question(role.number, thing.number, first)

    def _load(self, near: ObjectHead | None = None) -> None:
        if self._picture is None:
            return
        self._of_level = {
            role: row for (role, level), row in self._rows.items() if level == self._level.name
        }
        roles = self._roles_kept(self._picture.roles)
        columns = self._columns_kept(self._columns[self._level.name])
        self.matrix.load(roles, columns, self._level, self._of_level)
        if near is not None:
            self.matrix.move_near(near)
        self._count(roles, len(columns))

    def _roles_kept(self, heads: Sequence[RoleHead]) -> list[RoleHead]:
        shown = [head for head in heads if self._system or not head.system]
        return _matching(shown, [head.name.casefold() for head in shown], self._for_roles.value)

    def _columns_kept(self, columns: Sequence[ColumnHead]) -> list[ColumnHead]:
        shown = [each for each in columns if self._system or not each.head.system]
        return _matching(shown, [each.folded for each in shown], self._for_objects.value)

    def _count(self, heads: Sequence[RoleHead], objects: int) -> None:
        name = self._level.name if objects != 1 else self._level.name.removesuffix("s")
        roles = len(heads)
        everybody = self._picture.roles if self._picture is not None else ()
        people, hidden = matrix_cells.people(heads, everybody, system=self._system)
        self._box.border_title = literal(f"{people} × {objects:,} {name}{hidden}")  # type: ignore[assignment]
        notes = ["z zooms: " + " · ".join(self._names())]
        if self._level.name == "schemas":
            notes.insert(0, "n/m: can read n of m tables")
        filtered = bool(self._for_roles.value or self._for_objects.value)
        if filtered:
            notes.insert(0, "filtered")
        self._box.border_subtitle = literal(" · ".join(notes))  # type: ignore[assignment]
        if not (roles and objects):
            self._detail.border_title, self._said = "", None
            nothing = f"No {self._level.name} here; z goes on." if not objects else "No roles here."
            if filtered:
                nothing = "Nothing matches the filter. Esc drops it."
            self._text.update(literal(nothing))

    def _names(self) -> list[str]:
        levels = self._picture.levels if self._picture is not None else ()
        names = [level.name for level in levels]
        if self._level.name not in names:
            return names
        at = names.index(self._level.name)
        names[at] = f"[{names[at]}]"
        # Of a narrow border the end is cut: the level that one is in must stand before it.
        return names if at < 5 else ["…", *names[at - 2 :]]

    # ── rows, in a thread ────────────────────────────────────────────────────────────────────

    @on(GrantMatrix.RowsWanted)
    def _rows_wanted(self, event: GrantMatrix.RowsWanted) -> None:
        event.stop()
        self._fill(event.roles)

    @work(exclusive=True, group="rows", exit_on_error=False, description="rows")
    async def _fill(self, roles: Sequence[int]) -> None:
        """Make rows until others are wanted; they show as they come."""
        picture, level, found = self._picture, self._level, self._of_level
        if picture is None:
            return

        def job(cancel: Cancel) -> None:
            for number in roles:
                if cancel.is_set:
                    return
                row = self._make(picture, number, level)
                self._rows[number, level.name] = found[number] = row

        filling = asyncio.ensure_future(in_thread(job, name="grant rows"))
        try:
            while not filling.done():
                await asyncio.wait((filling,), timeout=0.05)
                self.matrix.filled()
            filling.result()
        finally:
            filling.cancel()

    def _make(self, picture: Picture, role: int, level: Level) -> RightsRow:
        """A row, beside the one of the last look if there was one."""
        before = self._before
        if before is None or picture is not self._picture:
            return picture.row(role, level)
        comparison = self._comparisons.get(level.name)
        if comparison is None:
            comparison = Comparison(picture, before, level)
            self._comparisons[level.name] = comparison
        return comparison.row(role)

    # ── the cell in words ────────────────────────────────────────────────────────────────────

    @on(GrantMatrix.CursorMoved)
    def _moved(self, event: GrantMatrix.CursorMoved) -> None:
        event.stop()
        asked = self.question
        if asked is not None:
            self.post_message(self.Asked(asked))
            self._say(asked)

    @on(GrantMatrix.Opened)
    def _opened(self, event: GrantMatrix.Opened) -> None:
        event.stop()
        asked = self.question
        if asked is not None:
            self.post_message(self.Asked(asked, opened=True))

    @work(exclusive=True, group="detail", exit_on_error=False, description="detail")
    async def _say(self, asked: Question) -> None:
        role, thing, picture = self.matrix.role, self.matrix.object, self._picture
        if role is None or thing is None or picture is None:
            return
        self._detail.border_title = literal(f"{role.name} × {thing.title}")  # type: ignore[assignment]
        await asyncio.sleep(_PAUSE)

        def job(cancel: Cancel) -> tuple[Entry, ...]:
            return picture.detail(asked.role, asked.place)

        entries = await in_thread(job, name="grant detail")
        self._said = role, (*self._was(asked), *entries)
        self._write()
        self._detail.scroll_home(animate=False)

    def _write(self) -> None:
        """What was said last, as wide as there is room."""
        if self._said is not None and self.size.width:
            self._text.update(_words(*self._said, self.size.width - 4))

    def _was(self, asked: Question) -> Iterator[Entry]:
        """What a changed cell was at the last look."""
        row = self._of_level.get(asked.role)
        if isinstance(row, ComparedRow) and row.changed(asked.place):
            was = row.was(asked.place)
            letters = matrix_cells.letters(was) if was is not None else ""
            told = f"was {letters}" if letters else "there was nothing"
            yield Entry(f"{CHANGED} changed since the last look: {told}")

    # ── the filter ───────────────────────────────────────────────────────────────────────────

    @property
    def filtering(self) -> bool:
        """True while a filter is typed or holds."""
        return bool(self._filter.display)

    def start_filter(self) -> None:
        """Roles first; Tab goes to the objects."""
        self._filter_label.update(literal(self._level.name), layout=False)
        # Not by a class on the view: that would style, and draw, the whole matrix anew.
        self._filter.display = True
        # At once: `focus` would wait until the keys that have come already are dealt out.
        self.screen.set_focus(self._for_roles)

    def end_filter(self) -> None:
        """Drop both filters; the cursor stays on its cell."""
        self._filter.display = False
        with self.prevent(Input.Changed):
            self._for_roles.value = self._for_objects.value = ""
        self._load()
        self.matrix.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        safe = clean(event.value)
        if safe != event.value:
            event.input.value = safe
            return
        self._load()

    def _entered(self) -> None:
        self.screen.set_focus(self.matrix)


async def _columns(picture: Picture, level: Level) -> list[ColumnHead]:
    def find() -> list[ColumnHead]:
        return matrix_cells.columns(picture.objects(level), level)

    return await in_thread(lambda cancel: find(), name="grant columns")


def _matching(rows: list[T], names: Sequence[str], pattern: str) -> list[T]:
    """Those whose name has the pattern in it, in order; scattered letters count if none has."""
    folded = pattern.casefold().strip()
    if not folded:
        return rows
    pairs = list(zip(rows, names, strict=True))
    found = [row for row, name in pairs if folded in name]
    fits = fuzzy.matcher(folded)
    return found or [row for row, name in pairs if fits(name)]


def _words(role: RoleHead, entries: Sequence[Entry], width: int) -> Content:
    """The entries as lines of a pane."""
    if not entries:
        return literal(f"{role.name} can do nothing here, in no way that is known.", "$text-muted")
    return Content("\n").join(content(fit(sections.draw_entry(entry), width)) for entry in entries)


def _whole(words: str) -> str:
    """Words that a narrow screen doesn't part."""
    return words.replace(" ", "\u00a0")


def _legend(room: int, *, compared: bool) -> Content:
    """What the letters' looks mean, each drawn so; and the roles' marks, where they all fit."""
    changed = ((_whole(f"{CHANGED} changed"), "bold $text-success"), " · ") if compared else ()
    looks = Content.assemble(
        *changed,
        ("direct", "bold $foreground"), " · ",
        ("inherited", "$foreground"), " · ",
        ("PUBLIC", MUTED), " · ",
        (_whole("⇒ SET ROLE"), "italic $accent"), " · ",
        (_whole("✗ no USAGE"), "$text-error"), " · ",
        (_whole("* may grant"), "bold $accent"), " · ",
        (_whole(f"{matrix_cells.LOCK} RLS"), "$warning"),
    )  # fmt: skip
    marks = Content(_MARKS)
    return Content("  " if looks.cell_length + marks.cell_length + 2 <= room else "\n").join(
        (looks, marks)
    )
