"""KeyBar: the keys of where one is, on one line at the bottom.

One widget that draws a line, where Textual's Footer mounts one per key and mounts them all again
at each change of focus: a third of a screen's mounting time (tests/bench).
"""

from __future__ import annotations

from asyncio import Event
from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from rolebrowser.frozen import dataclass
from rolebrowser.tui.acting import Acting
from rolebrowser.tui.actions import ACTIONS, BY_ID
from rolebrowser.tui.keys import shown

# Of two scopes' actions of one name the first counts: only one is on the screen.
PLACES = {action.call: (action.scope == "app", n) for n, action in reversed([*enumerate(ACTIONS)])}


@dataclass(frozen=True, slots=True)
class Key:
    """One entry: the key as people write it, a word or two, and what Textual runs for it.

    Attributes:
        rank: who has the room first (`Action.footer`).
    """

    key: str
    label: str
    call: str
    rank: int = 1

    @property
    def width(self) -> int:
        """Cells it takes, with its blanks."""
        return cell_len(self.key) + cell_len(self.label) + 3


def fitting(keys: Sequence[Key], width: int) -> list[Key]:
    """The keys that fit on a line of `width` cells, in order; the last key is always there.

    Pure. The last is `?`, which lists all the others: it is what must not be cut. Those of a later
    rank come only into the room that the others leave.
    """
    if not keys:
        return []
    *first, last = keys
    room = width - last.width
    kept: set[Key] = set()
    for key in sorted(first, key=lambda key: key.rank):
        room -= key.width
        if room < 0:
            break
        kept.add(key)
    return [*(key for key in first if key in kept), last]


def _types(focused: Widget | None, key: str) -> bool:
    """Whether a key writes a character where the focus is: there it does nothing else."""
    character = "/" if key == "slash" else key_to_character(key)  # Textual knows "solidus" only
    return (
        focused is not None and character is not None and focused.check_consume_key(key, character)
    )


class KeyBar(Widget):
    """Draws the bindings that hold now and are to be shown; a click presses the key.

    What can't be done now is not there: pressed all the same, it says why (`ActionScreen.on_key`).
    """

    DEFAULT_CSS = """
    KeyBar { height: 1; width: 1fr; dock: bottom; background: $panel; color: $footer-foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Key] = []
        self._owners: dict[str, DOMNode] = {}
        self._covered = False
        self._stale = False

    @property
    def keys(self) -> tuple[Key, ...]:
        """What is shown, left to right."""
        if self._stale:
            self._keys = self._found(self.screen)
        return () if self._covered else tuple(fitting(self._keys, self.size.width))

    def owner(self, key: Key) -> DOMNode:
        """Who carries out what a key does."""
        return self._owners[key.call]

    def cover(self, covered: bool) -> None:
        """Show nothing while a dialog lies over the screen: the keys are the dialog's then."""
        self._covered = covered
        self.refresh()

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen) -> None:
        if not (screen.app.app_focus and self.is_attached and screen is self.screen):
            return
        seen: Event | None = getattr(screen, "seen", None)  # as ActionScreen has it
        if seen is not None and not seen.is_set():
            # They change four times before a screen's first picture: found out as it is drawn.
            self._stale = True
        elif (found := self._found(screen)) != self._keys:
            self._keys = found
            self.refresh()

    def _found(self, screen: Screen) -> list[Key]:
        self._stale = False
        keys: dict[str, Key] = {}
        urgent: tuple[str, ...] = getattr(screen, "urgent", ())  # dialogs have none
        for owner, binding, enabled, _ in screen.active_bindings.values():
            hidden = not enabled or _types(screen.focused, binding.key)
            shows = binding.show or binding.action in urgent
            if shows and not hidden and binding.action not in keys:
                self._owners[binding.action] = owner
                label = owner.label_now(binding.action) if isinstance(owner, Acting) else ""
                text = shown(binding.key)
                keys[binding.action] = Key(
                    text,
                    label or binding.description,
                    binding.action,
                    BY_ID[binding.id].footer if binding.id in BY_ID else 1,
                )
        # Those of what has focus first, then the table's order, what holds everywhere at the end,
        # help last: see `fitting`.
        return sorted(
            keys.values(), key=lambda key: (key.call not in urgent, *self._order(screen, key))
        )

    def _order(self, screen: Screen, key: Key) -> tuple[object, ...]:
        own = self.owner(key) is screen.focused
        return key.call == "help", not own, *PLACES.get(key.call, (False, 0))

    def render(self) -> Content:
        """The line."""
        parts: list[tuple[str, str]] = []
        for key in self.keys:
            parts.append((f" {key.key} ", "bold $footer-key-foreground"))
            parts.append((f"{key.label} ", ""))
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        left = 0
        for key in self.keys:
            left += key.width
            if event.x < left:
                await self.app.run_action(key.call, self.owner(key))
                return
