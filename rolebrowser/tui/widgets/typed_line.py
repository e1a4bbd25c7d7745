"""TypedLine: a line to type in that is left with Enter or Tab, before what is typed behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

from rolebrowser.safetext import clean


class TypedLine(Input):
    """An Input that knows at once when it was left.

    Textual tells of Enter by messages of its own, and of Tab by a binding of the screen's. What a
    quick hand or a slow line sends in one piece is dealt out before they are heard, and `f` behind
    Enter was typed into the line instead of doing what `f` does.

    Attributes:
        beside: the line that Tab goes to; None leaves that to the screen.
    """

    # For the bottom line: `on_key` is before it.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", "Done")]

    # What is typed changes nobody's place: Textual would lay the whole screen out at each letter, a
    # fifth of a key's time in a filter (measured).
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(self, left: Callable[[], object], *, placeholder: str, id: str | None = None):
        """Args: left: what Enter does; it gives the focus to another widget, at once."""
        super().__init__(placeholder=clean(placeholder), compact=True, id=id)
        self._left = left
        self.beside: TypedLine | None = None

    def action_leave(self) -> None:
        """What Enter does."""
        self._left()

    def on_key(self, event: events.Key) -> None:
        """Taken here, for a binding is found only when the key has bubbled to the screen.

        What was dealt out before the focus went belongs to whoever has it now.
        """
        focused = self.screen.focused
        tabbed = self.beside is not None and event.key in ("tab", "shift+tab")
        if focused is self and event.key != "enter" and not tabbed:
            return
        event.stop()
        event.prevent_default()
        if focused is not self:
            (focused or self.screen)._forward_event(events.Key(event.key, event.character))
        elif tabbed:
            self.screen.set_focus(self.beside)
        else:
            self._left()
