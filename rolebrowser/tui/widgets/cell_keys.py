"""The keys that move a cursor over cells, the same in every grid."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding

CELL_KEYS: Final = (
    Binding("up,k", "move(-1, 0)", "Up", show=False),
    Binding("down,j", "move(1, 0)", "Down", show=False),
    Binding("left,h", "move(0, -1)", "Left", show=False),
    Binding("right,l", "move(0, 1)", "Right", show=False),
    Binding("pageup", "page(-1)", "Page up", show=False),
    Binding("pagedown", "page(1)", "Page down", show=False),
    Binding("home", "edge(0, -1)", "First column", show=False),
    Binding("end", "edge(0, 1)", "Last column", show=False),
    Binding("ctrl+home,g", "edge(-1, 0)", "First row", show=False),
    Binding("ctrl+end,G", "edge(1, 0)", "Last row", show=False),
)
"""For widgets with `action_move`, `action_page` and `action_edge`."""
