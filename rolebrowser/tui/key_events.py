"""KeyApp: which keys reach the app at all, and as what. What they do is in `actions`."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual import events
from textual.app import ReturnType
from textual.driver import Driver

from rolebrowser.tui.alt_keys import reading_alt
from rolebrowser.tui.leaving import LeavingApp


class KeyApp(LeavingApp[ReturnType]):
    """An app whose keys act only on what is shown."""

    _last_key = 0.0

    def get_driver_class(self) -> type[Driver]:
        """Textual's own, which reads Alt and a letter at once."""
        return reading_alt(super().get_driver_class())

    async def on_event(self, event: events.Event) -> None:
        """Alt and a letter is a key, never text; and nobody acts on a screen that isn't shown.

        Most terminals send Escape and the letter, and Textual's parser keeps the letter as the
        key's character: an editor or a line of text would type it and the key's action not run.
        """
        if isinstance(event, events.Key):
            self._last_key = monotonic()
            if self._too_small and not self._quits(event.key):
                return
            if event.key.startswith("alt+"):
                event.character = None
        await super().on_event(event)

    @property
    def idle(self) -> float:
        """Seconds since the last key."""
        return monotonic() - self._last_key

    def when_idle(self, seconds: float, call: Callable[[], object]) -> None:
        """Call once nobody has pressed a key for so many seconds from now on."""
        asked = monotonic()

        def look() -> None:
            left = max(self._last_key, asked) + seconds - monotonic()
            if left <= 0:
                call()
            else:
                self.set_timer(left, look)

        self.set_timer(seconds, look)

    @property
    def _too_small(self) -> bool:
        """Only the words that ask for a larger terminal are shown."""
        if not self._screen_stack:
            return False
        return self.screen.has_class("-tiny") or self.screen.has_class("-flat")

    def _quits(self, key: str) -> bool:
        bound = self.screen.active_bindings.get(key)
        return bound is not None and bound.binding.action.endswith("quit")
