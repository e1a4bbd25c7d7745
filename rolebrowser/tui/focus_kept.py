"""FocusKept: a screen whose focus comes back with what was hidden; Dialog: a modal one."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.screen import ModalScreen, Screen
from textual.widget import Widget

T = TypeVar("T")


class FocusKept(Screen[T], Generic[T]):
    """Textual takes the focus from what a terminal that is too small hides, and gives none back."""

    _held: Widget | None = None

    def set_focus(
        self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False
    ) -> None:
        """Focus, and remember what had it: see `on_resize`."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        self._held = widget or self._held

    def on_resize(self) -> None:
        """What was hidden while the terminal was too small has the focus again."""
        self.call_after_refresh(self._focus_again)

    def _focus_again(self) -> None:
        held = self._held
        if self.focused is None and held is not None and held.is_attached and held.focusable:
            self.set_focus(held)


class Dialog(ModalScreen[T], FocusKept[T]):
    """Base of what comes over a screen. ModalScreen first: Textual takes the styles from there."""
