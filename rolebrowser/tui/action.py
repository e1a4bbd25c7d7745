"""Action: one line of the table in actions.py."""

from __future__ import annotations

from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    Attributes:
        key: Textual's key names, comma-separated alternatives, the one to show first.
        label: a word or two for the footer.
        help: what it does, for `?`, the palette and the README.
        footer: 0: not there; else shown there while it is possible, 1 before 2 before 3 where
            there is no room for all.
        priority: taken before the focused widget sees the key.
        palette: listed in the palette; not for mere movements.
    """

    id: str
    key: str
    label: str
    help: str
    footer: int = 0
    priority: bool = False
    palette: bool = True

    @property
    def scope(self) -> str:
        """The screen it belongs to."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The name of its method, without `action_`."""
        return self.id.partition(".")[2]

    @property
    def call(self) -> str:
        """What Textual runs; the nine bookmark keys share one method."""
        stem, _, digit = self.name.partition("_")
        return f"open({digit})" if stem == "open" and digit.isdigit() else self.name
