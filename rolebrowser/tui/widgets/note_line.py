"""NoteLine: what isn't shown, said in one line for as long as it is so; all of it in a dialog."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from rolebrowser.tui.literal import literal


class NoteLine(Static):
    """Takes a line while there are notes, and none otherwise.

    Args:
        key: what shows all of them.
    """

    DEFAULT_CSS = """
    NoteLine { height: 1; padding: 0 1; color: $text-warning; text-wrap: nowrap;
        text-overflow: ellipsis; display: none; }
    """

    def __init__(self, key: str, *, id: str) -> None:
        super().__init__(id=id)
        self._key = key
        self.notes: Sequence[str] = ()

    def show(self, notes: Sequence[str]) -> None:
        """Show other notes."""
        self.notes = notes
        self.display = bool(notes)
        more = f"{len(notes)} notes" if len(notes) > 1 else "the note"
        if notes:
            self.update(literal(f"{self._key} reads {more}: {notes[0]}"))

    @property
    def text(self) -> str:
        """All of them, a paragraph each."""
        return "\n\n".join(self.notes)
