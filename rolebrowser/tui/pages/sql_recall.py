"""Recall: stepping through the history in an editor, what one was writing kept for the way back."""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.history import Entry
from rolebrowser.tui.widgets.sql_editor import SqlEditor


class Recall:
    """Of one editor. It begins anew when a person has changed the text that was put there."""

    def __init__(self, editor: SqlEditor) -> None:
        self._editor = editor
        self._draft = ""
        self._shown = ""
        self._step = 0

    @property
    def begun(self) -> bool:
        """Whether the editor shows a statement of the history."""
        return self._step > 0 and self._editor.text == self._shown

    def step(self, entries: Sequence[Entry], by: int) -> bool:
        """Show an older (1) or newer (-1) statement; the draft comes after the newest.

        Returns:
            False when there is none further that way.
        """
        if not self.begun:
            self._draft, self._step = self._editor.text, 0
        step = self._step + by
        if not 0 <= step <= len(entries):
            return False
        self._put(step, entries[step - 1].statement if step else self._draft)
        return True

    def go(self, entries: Sequence[Entry], entry: Entry) -> None:
        """Show one of them at once."""
        if not self.begun:
            self._draft = self._editor.text
        self._put(entries.index(entry) + 1, entry.statement)

    def _put(self, step: int, text: str) -> None:
        self._step = step
        self._editor.put(text)
        self._shown = self._editor.text
