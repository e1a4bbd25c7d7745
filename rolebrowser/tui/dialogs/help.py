"""HelpDialog: the keys of where one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from rolebrowser.safetext import clean
from rolebrowser.tui.keys import keys_table
from rolebrowser.tui.literal import literal


class HelpDialog(ModalScreen[None]):
    """The keys of a screen, from the action table.

    Args:
        scopes: the parts of the table that apply, with a heading for each.
        keymap: the person's own keys by action id.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close")
    ]

    def __init__(self, scopes: tuple[tuple[str, str], ...], keymap: Mapping[str, str]) -> None:
        super().__init__(classes="dialog")
        self._scopes = scopes
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """A table per scope."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = "Keys"
            with VerticalScroll():
                for heading, scope in self._scopes:
                    yield Static(literal(heading, "bold $primary"))
                    rows = [
                        (clean(keys), text) for keys, text in keys_table((scope,), self._keymap)
                    ]
                    width = max((len(keys) for keys, _ in rows), default=0)
                    for keys, text in rows:
                        parts = ((f"  {keys:<{width}}  ", "$accent"), text)
                        yield Static(Content.assemble(*parts))
                    yield Static("")
            yield Label("↑↓ scrolls · Esc closes", classes="dialog-keys")
