"""Alt and a letter as most terminals send it, Escape and the letter, read at once.

Textual waits 0.1 s for what else may belong to the Escape, and when the next one comes before that,
as it does while the key is held down, it takes both for typed: "^q^q". No longer sequence begins
so, but for the few that Textual knows.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.message import Message

_PASTED, _END = "\x1b[200~", "\x1b[201~"
_ALT = re.compile(r"\x1b([a-z0-9])")


class AltParser(XTermParser):
    """Textual's parser, told of such keys in the one way that needs no waiting."""

    _pasting = False

    def feed(self, data: str) -> Iterable[Message]:
        """Take in what the terminal sent; a text that is pasted stays as it is."""
        plain = not self._pasting and _PASTED not in data
        self._pasting = data.rfind(_PASTED) > data.rfind(_END) or (
            self._pasting and _END not in data
        )
        return super().feed(_ALT.sub(_spelt_out, data) if plain else data)


def _spelt_out(pressed: re.Match[str]) -> str:
    """The key as the kitty protocol sends it: its code point, and 3 for Alt."""
    known = pressed[0] in ANSI_SEQUENCES_KEYS
    return pressed[0] if known else f"\x1b[{ord(pressed[1])};3u"


def reading_alt(driver: type[Driver]) -> type[Driver]:
    """A driver of Textual's, which makes its parser by the name it has imported."""
    module = sys.modules[driver.__module__]
    if hasattr(module, "XTermParser"):
        module.XTermParser = AltParser  # type: ignore[attr-defined]
    return driver
