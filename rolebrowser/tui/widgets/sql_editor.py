"""SqlEditor: where statements are written. Running them is the screen's."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from rolebrowser.safetext import clean

SCRIPT_CONTROLS = "\n\t"


class SqlEditor(TextArea):
    """A code editor for SQL; text pasted in is cleaned of what could drive the terminal.

    Tab leaves the editor, as in a form: a statement needs blanks, a person a way out.
    """

    DEFAULT_CSS = """
    SqlEditor {
        border: round $border-blurred;
        border-title-color: $text-muted;
        padding: 0;
        background: $surface;
    }
    SqlEditor:focus { border: round $primary; border-title-color: $primary; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            theme="css",
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="SQL or a backslash command such as \\dp.  F5 runs it.",
        )
        self.border_title = "SQL"

    def colour(self) -> None:
        """Highlight SQL from now on. Compiling the grammar's query takes 30 ms: not at mounting."""
        if self.language is None:
            # Textual takes the text anew and forgets where the cursor was: somebody may be typing.
            selection = self.selection
            self.language = "sql"
            self.selection = selection

    @property
    def cursor_offset(self) -> int:
        """The cursor's place as an offset into the text, in characters."""
        row, column = self.cursor_location
        before = self.document.lines[:row]
        return sum(len(line) + 1 for line in before) + column

    def take(self, text: str) -> None:
        """Replace the text by one from elsewhere, cleaned of what could drive the terminal."""
        self.text = clean(text.replace("\r\n", "\n").replace("\r", "\n"), keep=SCRIPT_CONTROLS)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        if self.read_only:
            return
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if result := self._replace_via_keyboard(clean(text, keep=SCRIPT_CONTROLS), *self.selection):
            self.move_cursor(result.end_location)
