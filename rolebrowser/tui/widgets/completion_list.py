"""CompletionList: what may stand at the cursor, in a list under it. The editor keeps the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.geometry import Offset

from rolebrowser.connection.completion import Candidate
from rolebrowser.tui.rows import completion
from rolebrowser.tui.widgets.row_list import RowList

_MOST_ROWS = 8
_WIDEST = 60


class CompletionList(RowList[Candidate], can_focus=False):
    """Shown by `show`, over everything, below the cursor or above it where there is no room.

    Args:
        accept: called when a candidate was clicked; it is the current one then.
    """

    DEFAULT_CSS = """
    CompletionList {
        overlay: screen;
        constrain: inside inflect;
        margin: 1 0;
        display: none;
        background: $panel;
    }
    """

    def __init__(self, accept: Callable[[], None]) -> None:
        super().__init__(completion.draw, empty="Nothing to offer here.", steered=True)
        self._accept = accept

    def show(self, candidates: Sequence[Candidate], place: Offset) -> None:
        """Show candidates, the first under the cursor; none: say so.

        Args:
            place: where on the screen what is to be completed begins.
        """
        self.set_items(candidates)
        wanted = max((completion.width(each) for each in candidates), default=24)
        # A cell of margin on either side, so that the names stand under what was typed.
        self.absolute_offset = place - Offset(1, 0)
        self.styles.width = min(wanted + 4, _WIDEST)
        self.styles.height = max(1, min(len(candidates), _MOST_ROWS))
        self.display = True
        self.refresh(layout=True)

    def hide(self) -> None:
        """Take it away."""
        self.display = False

    def on_click(self, event: events.Click) -> None:
        """One click takes a candidate."""
        event.prevent_default()
        place = self._place_of(event)
        if place >= 0:
            self.cursor = place
            self._accept()
