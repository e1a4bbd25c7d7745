"""KeptTexts: what stood in the editors of connections that were closed, while the program runs.

In memory only: a text may hold what nobody wants on disk. What was run is in the history, and what
is to last is a saved query.
"""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.frozen import dataclass
from rolebrowser.target import Target


@dataclass(frozen=True, slots=True)
class EditorText:
    """An editor tab.

    Attributes:
        text: what stands in it.
        name: of the saved query it came from; empty for none.
        cursor: row and column.
    """

    text: str
    name: str = ""
    cursor: tuple[int, int] = (0, 0)


class KeptTexts:
    """By target: who opens the same one again gets its tabs back, once."""

    def __init__(self) -> None:
        self._by_target: dict[Target, tuple[EditorText, ...]] = {}

    def keep(self, target: Target, texts: Sequence[EditorText]) -> None:
        """Keep a closed connection's tabs, behind those of another one to the same target."""
        before = self._by_target.get(target, ())
        known = {each.text for each in before}
        fresh = tuple(each for each in texts if each.text.strip() and each.text not in known)
        if before or fresh:
            self._by_target[target] = before + fresh

    def take(self, target: Target) -> tuple[EditorText, ...]:
        """A target's tabs; the next who asks gets none."""
        return self._by_target.pop(target, ())
