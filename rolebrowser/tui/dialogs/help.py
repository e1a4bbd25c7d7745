"""HelpDialog: the keys of where one is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Label, Static

from rolebrowser.safetext import clean
from rolebrowser.tui.actions import BY_ID
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.keys import keys_of, keys_table, shown
from rolebrowser.tui.literal import literal

Rows = tuple[tuple[str, str], ...]
"""(keys, what they do)."""
Part = tuple[str, Rows]
"""A heading, and what stands under it."""


def of_scopes(scopes: Iterable[tuple[str, str]], keymap: Mapping[str, str]) -> tuple[Part, ...]:
    """The help of a screen, from the action table.

    Args:
        scopes: (heading, scope) of the parts of the table that apply.
        keymap: the person's own keys by action id.
    """
    return tuple((heading, tuple(keys_table((scope,), keymap))) for heading, scope in scopes)


def of_dialog(dialog: Screen[object], keymap: Mapping[str, str]) -> tuple[Part, ...]:
    """The help of a dialog: its own bindings, and the key that leads here."""
    own = [each for each in dialog.BINDINGS if isinstance(each, Binding)]
    rows = [(" ".join(map(shown, each.key.split(","))), each.description) for each in own]
    helping = keys_of(BY_ID["app.help"], keymap).split(",")
    quitting = [key for key in keys_of(BY_ID["app.quit"], keymap).split(",") if len(key) > 1]
    rows.append((" ".join(map(shown, helping)), "Show these keys"))
    rows.append((" ".join(map(shown, quitting)), BY_ID["app.quit"].help))
    return (("Here", tuple(rows)),)


class KeyLines(Widget):
    """Keys, and beside them what they do; a line too long goes on under its text. Pure drawing."""

    DEFAULT_CSS = "KeyLines { height: auto; margin: 0 0 1 0; }"

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self._rows = [(clean(keys), clean(text)) for keys, text in rows]
        self._margin = max((len(keys) for keys, _ in self._rows), default=0) + 4

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes at that width."""
        return sum(len(self._wrapped(text, width)) for _, text in self._rows)

    def render(self) -> Content:
        """The lines."""
        lines: list[Content] = []
        for keys, text in self._rows:
            first, *more = self._wrapped(text, self.size.width)
            lines.append(Content.assemble((f"  {keys}".ljust(self._margin), "$accent"), first))
            lines += [Content(" " * self._margin + each) for each in more]
        return Content("\n").join(lines)

    def _wrapped(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(text, max(8, width - self._margin)) or [""]


class HelpDialog(Dialog[None]):
    """The keys of a screen, or of a dialog.

    Args:
        parts: foreign text in them is cleaned here.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close")
    ]

    def __init__(self, parts: tuple[Part, ...]) -> None:
        super().__init__(classes="dialog")
        self._parts = parts

    def compose(self) -> ComposeResult:
        """A table per part."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = "Keys"
            with VerticalScroll():
                for heading, rows in self._parts:
                    yield Static(literal(heading, "bold $primary"))
                    yield KeyLines(rows)
            yield Label("↑↓ scrolls · Esc closes", classes="dialog-keys")
