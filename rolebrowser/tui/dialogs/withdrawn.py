"""Withdrawable: a dialog that what asked for it may take away, wherever the person is then."""

from __future__ import annotations

from typing import Generic, TypeVar

from rolebrowser.tui.focus_kept import Dialog

T = TypeVar("T")


class Withdrawable(Dialog[T], Generic[T]):
    """A dialog in a mode the person may have left, or with another one on top of it."""

    _withdrawn = False
    _result: T

    def withdraw(self, result: T) -> None:
        """Dismiss it with `result` now, or as soon as it comes to the front again."""
        self._result = result
        if self.app.screen is self:
            self.dismiss(result)
        else:
            self._withdrawn = True

    def on_screen_resume(self) -> None:
        """Nobody waits for it any more."""
        if self._withdrawn:
            self.dismiss(self._result)
