"""Whether each key that a screen or a dialog names does something there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.screen import ModalScreen
from textual.widgets import Label

from rolebrowser.tui.acting import Acting
from rolebrowser.tui.actions import ACTIONS
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.widgets.key_bar import KeyBar
from tests.person import Person

_NAMES = {
    "Esc": "escape",
    "Enter": "enter",
    "Tab": "tab",
    "/": "slash",
    "↑↓": "up",
    "↑↓←→": "up",
    "←→": "left",
}
_BY_CALL = {action.call: action for action in ACTIONS}


def dead(person: Person) -> list[str]:
    """The keys in view that do nothing now."""
    app = person.app
    over = isinstance(app.screen, ModalScreen)
    found: list[str] = []
    for screen in app.screen_stack:
        for bar in screen.query(KeyBar):
            if over:
                found += [f"{key.key} {key.label} under a dialog" for key in bar.keys]
            elif bar.keys:
                found += _impossible(bar)
            else:
                found.append("no key at all")
    return [*found, *_unbound(person)] if over else found


def _impossible(bar: KeyBar) -> Iterator[str]:
    for key in bar.keys:
        owner = bar.owner(key)
        reason = owner.unavailable(_BY_CALL[key.call].name) if isinstance(owner, Acting) else ""
        there = hasattr(owner, f"action_{key.call.partition('(')[0]}")
        if reason or not there or not bar.app._check_action_state(key.call, owner):
            yield f"{key.key} {key.label}: {reason or 'nobody does it'}"


def _unbound(person: Person) -> Iterator[str]:
    """The keys that a dialog names in its last line and doesn't know."""
    screen = person.app.screen
    assert not isinstance(screen, ActionScreen)
    for label in screen.query(".dialog-keys").results(Label):
        for hint in re.split(r" · |, ", str(label.content)):
            key = hint.split()[0].rstrip(":")
            name = _NAMES.get(key, key.lower() if "Ctrl+" in key else key)
            if name not in screen.active_bindings:
                yield f"{key} in {hint!r}: not bound"
