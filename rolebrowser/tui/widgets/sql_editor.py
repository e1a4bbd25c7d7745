"""SqlEditor: where statements are written. Running them is the page's."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.geometry import Offset
from textual.widgets import TextArea

from rolebrowser.connection.completion import Completion
from rolebrowser.safetext import clean
from rolebrowser.tui import departed
from rolebrowser.tui.widgets import syntax
from rolebrowser.tui.widgets.completion_list import CompletionList

SCRIPT_CONTROLS = "\n\t"
COLOURED_LINES = 500
"""Lines up to which a text is highlighted."""
_LATER = 0.25
"""Seconds until one looks again whether the names have been read."""
_OPENING = "._\\$"
"""What opens the list as a letter does."""


def _cleaned(text: str) -> str:
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"), keep=SCRIPT_CONTROLS)


class SqlEditor(TextArea):
    """A code editor for SQL; text pasted in is cleaned of what could drive the terminal.

    Tab leaves the editor, as in a form: a statement needs blanks, a person a way out. While
    candidates are listed Tab takes one, the arrows choose, Esc goes back to typing. Enter takes
    one too where somebody chose it or asked for the list; else it is the end of a line, which
    often is an alias of one letter.

    Args:
        complete: gives what may stand at an offset of a text; its last argument says whether a
            person asked for it. Called at each keystroke. None = nothing known yet.
    """

    DEFAULT_CSS = """
    SqlEditor {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-warning;
        padding: 0;
        background: $surface;
    }
    SqlEditor .text-area--placeholder { color: $text-muted; }
    SqlEditor:focus {
        border: round $primary; border-title-color: $primary; border-title-style: bold;
    }
    """

    def __init__(
        self,
        complete: Callable[[str, int, bool], Completion | None] = lambda text, offset, asked: None,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(
            id=id,
            theme=syntax.DARK,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="SQL or a backslash command such as \\dp.  F5 runs it.",
        )
        self.register_theme(syntax.light())
        self.border_title = "SQL"
        self._ask = complete
        self._list = CompletionList(self._accept)
        self._listed: Completion | None = None
        self._typing = self._wanted = False

    def on_mount(self) -> None:
        """Colours for the app's theme, whenever it changes."""
        self.watch(self.app, "theme", self._follow_theme)

    def _follow_theme(self) -> None:
        self.theme = syntax.DARK if self.app.current_theme.dark else syntax.LIGHT

    def colour(self) -> None:
        """Highlight SQL from now on. The first one compiles a query: not at mounting."""
        if self.language is None:
            syntax.share_queries()
            # Textual takes the text anew and forgets where the cursor was: somebody may be typing.
            selection = self.selection
            self.language = "sql"
            self.selection = selection

    def _set_document(self, text: str, language: str | None) -> None:
        """The document is replaced with its text; the one before goes."""
        before = getattr(self, "document", None)
        super()._set_document(text, language)
        departed.forget_tree(before)

    def _build_highlight_map(self) -> None:
        """Textual colours the whole text anew at each edit: of a long one, 0.5 s a keystroke."""
        if self.document.line_count > COLOURED_LINES:
            self._line_cache.clear()
            self._highlights.clear()
        else:
            super()._build_highlight_map()

    @property
    def cursor_offset(self) -> int:
        """The cursor's place as an offset into the text, in characters."""
        row, column = self.cursor_location
        before = self.document.lines[:row]
        return sum(len(line) + 1 for line in before) + column

    def _location(self, offset: int) -> tuple[int, int]:
        """Where an offset into the text is, as row and column."""
        before = self.text[:offset]
        return before.count("\n"), offset - before.rfind("\n") - 1

    def take(self, text: str) -> None:
        """Replace the text by one from elsewhere, cleaned of what could drive the terminal."""
        self.text = _cleaned(text)

    def put(
        self, text: str, start: tuple[int, int] = (0, 0), end: tuple[int, int] | None = None
    ) -> None:
        """As `take`, of a part too, so that it can be undone; the cursor goes behind it."""
        self.stop_completing()
        result = self.replace(_cleaned(text), start, end or self.document.end)
        self.move_cursor(result.end_location)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        if self.read_only:
            return
        if result := self._replace_via_keyboard(_cleaned(event.text), *self.selection):
            self.move_cursor(result.end_location)

    # ── completion ───────────────────────────────────────────────────────────────────────────

    @property
    def completing(self) -> bool:
        """Whether candidates are listed."""
        return self._list.display and self._list.is_attached

    def complete(self, *, asked: bool = True) -> None:
        """List what may stand at the cursor.

        Args:
            asked: a person asked for it: say so when there is nothing.
        """
        offset = self.cursor_offset
        found = self._ask(self.text, offset, asked)
        if found is None:
            self.stop_completing()
            before = self.text
            self.set_timer(_LATER, lambda: self._again(before, offset, asked=asked))
        elif asked or (found.candidates and self._opens(found) and not found.settled):
            self._wanted = asked
            self._show(found)
        else:
            self.stop_completing()

    def _opens(self, found: Completion) -> bool:
        return bool(found.typed) or self.text[found.start - 1 : found.start] == "."

    def _again(self, text: str, offset: int, *, asked: bool) -> None:
        here = self.has_focus and self.app.screen is self.screen
        if here and self.text == text and self.cursor_offset == offset:
            self.complete(asked=asked)

    def _show(self, found: Completion) -> None:
        if not self._list.is_attached:
            self.screen.mount(self._list)
        self._listed = found
        back = self.get_column_width(*self.cursor_location) - self.get_column_width(
            *self._location(found.start)
        )
        self._list.show(found.candidates, self.cursor_screen_offset - Offset(max(0, back), 0))

    def stop_completing(self) -> None:
        """Take the list away; what was typed before this opens none."""
        self._listed, self._typing = None, False
        if self._list.display:
            self._list.hide()

    def _accept(self) -> None:
        listed, candidate = self._listed, self._list.current
        self.stop_completing()
        if listed is None or candidate is None:
            return
        start = self._location(listed.start)
        end = self._location(listed.end)
        text = clean(candidate.text)
        self.replace(text, start, end, maintain_selection_offset=False)
        self.move_cursor(self._location(listed.start + len(text)))
        self._typing = text.endswith(".")

    async def _on_key(self, event: events.Key) -> None:
        """The list's keys while it shows; then what TextArea does, which comes after this."""
        if self.completing and self._taken(event.key):
            event.stop()
            event.prevent_default()
            return
        character = event.character or ""
        self._typing = event.is_printable and (character.isalnum() or character in _OPENING)
        if not self._typing and event.key not in ("backspace", "delete"):
            self.stop_completing()
        await self._act(event)

    async def _act(self, event: events.Key) -> None:
        """The editor's own keys are carried out here, before what was typed behind them.

        Textual finds a binding only when the key has bubbled to the app: what came in one piece
        with a Backspace was written before it took a letter away, and F5 ran another text.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if not binding.priority and await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return

    def _taken(self, key: str) -> bool:
        moves = {
            "up": lambda: self._list.action_cursor(-1),
            "down": lambda: self._list.action_cursor(1),
            "pageup": lambda: self._list.action_page(-1),
            "pagedown": lambda: self._list.action_page(1),
        }
        takes = {"tab", "enter"} if self._wanted else {"tab"}
        if key in moves:
            self._wanted = True
            moves[key]()
        elif key in takes and self._list.items:
            self._accept()
        elif key == "escape":
            self.stop_completing()
        else:
            return False
        return True

    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self._typing or self.completing:
            self.complete(asked=False)

    def on_mouse_down(self) -> None:
        """The cursor goes elsewhere."""
        self.stop_completing()

    def on_blur(self) -> None:
        """Nobody types here any more."""
        self.stop_completing()

    def on_unmount(self) -> None:
        """The list is the screen's child: it goes with the editor."""
        if self._list.is_attached:
            self._list.remove()
        departed.forget_watcher(self)
        departed.forget_tree(self.document)
