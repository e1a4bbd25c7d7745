"""No byte of foreign text drives the terminal, whichever widget shows it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.screen import Screen
from textual.widget import Widget

from rolebrowser.tui import dialogs, widgets
from rolebrowser.tui.dialogs.withdrawn import Withdrawable
from rolebrowser.tui.widgets.key_bar import KeyBar
from rolebrowser.tui.widgets.searching import SearchHost

FORBIDDEN = (
    *("\x1b]0;", "\x1b]52", "\x1b[31mred", "\x07", "\x08", "\x7f", "\x9b"),
    *("\u202e", "\u2066", "\u2069", "\u200b", "\ufeff"),
)
OWN_WORDS_ONLY = {KeyBar, Withdrawable, SearchHost}
"""What shows nothing, or nothing but our own action table."""


GALLERY = str(Path(__file__).with_name("gallery.py"))


def test_the_bytes_that_reach_the_terminal_are_drawing_and_plain_text(
    run: Callable[..., Any],
) -> None:
    terminal = run(GALLERY, program=sys.executable)
    assert terminal.wait_exit(600) == 0, terminal.text
    assert "Everything was shown." in terminal.text
    # Textual's own: the shape of the mouse pointer.
    written = bytes(terminal.raw).replace(b"\x1b]22;default\x07", b"")
    for text in FORBIDDEN:
        assert text.encode() not in written, repr(text)
    assert b"[@click=app.quit]press[/]" in written


def test_every_widget_and_dialog_is_in_the_gallery() -> None:
    ours: set[type] = set()
    for package in (widgets, dialogs):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            ours |= {
                kind
                for _, kind in inspect.getmembers(module, inspect.isclass)
                if kind.__module__ == found.name and issubclass(kind, Widget | Screen)
            }
    assert ours - set(runpy.run_path(GALLERY)["SHOWN"]) - OWN_WORDS_ONLY == set()
