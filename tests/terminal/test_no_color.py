"""NO_COLOR (https://no-color.org): not one colour reaches the terminal, and states still differ."""

from __future__ import annotations

import re

import pytest

from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Run, Terminal

_SGR = re.compile(rb"\x1b\[([\d;:]*)m")
_OSC_COLOUR = re.compile(rb"\x1b\](?:4|1[0-9]);[^?]")
"""A colour that is set by name; asking for one with ? sets none."""
_NEUTRAL = frozenset(range(30))
"""Bold, dim, italic, underlined, reversed …: what no colour is (ECMA-48 8.3.117)."""


def colours(raw: bytes) -> list[tuple[int, ...]]:
    """Every SGR sequence that sets an ink or a paper that isn't a grey."""
    found = []
    for match in _SGR.finditer(raw):
        numbers = [int(each or 0) for each in re.split(rb"[;:]", match[1])]
        while numbers:
            first = numbers.pop(0)
            if first in (38, 48) and numbers[:1] == [2]:
                red, green, blue = numbers[1:4]
                if not red == green == blue:
                    found.append((first, red, green, blue))
                numbers = numbers[4:]
            elif first in (38, 48) and numbers[:1] == [5]:
                if not 232 <= numbers[1] <= 255 and numbers[1] not in (0, 7, 8, 15, 16, 231):
                    found.append((first, 5, numbers[1]))
                numbers = numbers[2:]
            elif first not in _NEUTRAL and first not in (39, 49, 30, 37, 40, 47, 90, 97, 100, 107):
                found.append((first,))
    return found


def tour(terminal: Terminal) -> None:
    """States of all kinds: lives, verdicts, badges, a matrix, a refusal."""
    terminal.wait_for("BOOKMARKS", "needs MFA")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press("SELECT nothing FROM nowhere", "f5")
    terminal.wait_for('relation "nowhere" does not exist')
    terminal.press("f7")
    terminal.wait_for("List of role grants")
    terminal.press("f7")
    terminal.wait_for("roles ×")
    terminal.press("f10")
    terminal.wait_for("BOOKMARKS")


@pytest.mark.parametrize("term", ["xterm-256color", "xterm-kitty"])
def test_no_colour_reaches_the_terminal(run: Run, sandbox: SandboxProcess, term: str) -> None:
    exports = sandbox.wait_ready()
    terminal = run(**exports, NO_COLOR="1", TERM=term, COLORTERM="truecolor")
    tour(terminal)
    # What colour says elsewhere is said by shapes and words.
    terminal.wait_for("static ∞", "needs MFA #", "needs login ⇥", "no keys ∅", "m ●", "▲prod")
    terminal.press("4")
    terminal.wait_for("Not connected to billing", "✓ ", "✗ login")
    assert colours(bytes(terminal.raw)) == []
    assert not _OSC_COLOUR.search(bytes(terminal.raw))


def test_with_colours_there_are_some(run: Run, sandbox: SandboxProcess) -> None:
    """The measure measures."""
    terminal = run(**sandbox.wait_ready(), COLORTERM="truecolor")
    terminal.wait_for("BOOKMARKS")
    assert colours(bytes(terminal.raw)) != []
