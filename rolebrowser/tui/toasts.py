"""ToastApp: toasts of a line or two that go with their screen; what they said can be read again.

A toast lies over what one came to read, so it must neither be long nor outlive its screen.
"""

from __future__ import annotations

import textwrap
from collections import deque
from dataclasses import field
from datetime import UTC, datetime

from rich.cells import cell_len
from textual import on
from textual.app import ReturnType
from textual.content import Content
from textual.notifications import Notify, SeverityLevel
from textual.widget import AwaitMount

from rolebrowser.frozen import dataclass
from rolebrowser.tui.actions import BY_ID
from rolebrowser.tui.key_events import KeyApp
from rolebrowser.tui.keys import keys_of, shown

KEPT = 100
"""Toasts whose text is kept."""
_WIDTH, _SHARE, _FRAME = 60, 0.75, 3
"""A toast's cells, the share of the screen it may take at most, and its border and padding."""
_RACK = 2
"""Cells of the screen that toasts have not: the rack they stand in keeps room for a scrollbar."""
_LINES = {"information": 2, "warning": 2, "error": 4}
"""An error says what to do next too."""
_BOX, _BOX_FRAME = 80, 26
"""Cells of the dialog at most, and of its borders, margins and the time."""
_AT_ONCE = 2
"""Toasts in view at a time."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a toast said, in full. `at` is aware UTC."""

    text: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def shortened(text: str, width: int, lines: int, more: str) -> str:
    """A text in at most so many lines; what had to go is told by `more` at its end. Pure.

    Args:
        width: cells of a line. Wide characters count as two, so a line may be less full.
    """
    wide = max(1.0, cell_len(text) / max(1, len(text)))
    cells = max(1, int(width / wide))
    wrapped = [line for part in text.splitlines() for line in textwrap.wrap(part, cells)]
    if len(wrapped) <= lines:
        return text
    kept = wrapped[:lines]
    room = max(0, width - len(more) - 1)
    kept[-1] = f"{textwrap.shorten(kept[-1], max(1, int(room / wide)), placeholder='')} {more}"
    return "\n".join(kept)


class ToastApp(KeyApp[ReturnType]):
    """An app whose toasts are short, few, and of the screen in view.

    Attributes:
        said: what the last toasts said, the latest at the end.
    """

    CSS = f"Toast {{ width: {_WIDTH}; max-width: {_SHARE:.0%}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self.said: deque[Said] = deque(maxlen=KEPT)

    @property
    def own_keys(self) -> dict[str, str]:
        """The person's own keys: action id → Textual's names of keys, comma-separated."""
        return {}

    def key_of(self, action: str) -> str:
        """The first key of an action, as people write it."""
        return shown(keys_of(BY_ID[action], self.own_keys).split(",")[0])

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """A toast of two lines, of an error four; `action_messages` shows all of it."""
        text = Content.from_markup(message).plain if markup else message
        self.said.append(Said(f"{title}\n{text}" if title else text))
        width = int(min(_WIDTH, (self.size.width - _RACK) * _SHARE)) - _FRAME
        more = f"… {self.key_of('app.messages')}"
        text = shortened(text, width, _LINES[severity], more)
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=False)

    @on(Notify)
    def _make_room(self) -> None:
        """Before one more comes: Textual takes it in behind this."""
        for old in list(self._notifications)[: 1 - _AT_ONCE]:
            self._unnotify(old)

    def switch_mode(self, mode: str) -> AwaitMount:
        """Show another screen; what was told on the one before doesn't lie over it."""
        if mode != self.current_mode:
            self.clear_notifications()
        return super().switch_mode(mode)

    def action_messages(self) -> None:
        """What the toasts said, the latest first."""
        from rolebrowser.tui.dialogs.text import TextDialog

        told = [_told(each, self.size.width) for each in reversed(self.said)]
        self.clear_notifications()
        self.push_screen(TextDialog("Messages", "\n\n".join(told) or "None yet."))


def _told(said: Said, width: int) -> str:
    """When, and what, broken between words for a dialog on a screen of `width` cells."""
    room = max(20, min(width, _BOX) - _BOX_FRAME)
    lines = [line for part in said.text.splitlines() for line in textwrap.wrap(part, room)]
    return f"{said.at.astimezone():%H:%M:%S}  " + "\n          ".join(lines)
