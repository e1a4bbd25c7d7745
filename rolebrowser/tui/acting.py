"""Acting: what carries out actions of the table: a screen, or a page of one."""

from __future__ import annotations


class Acting:
    """Mix in before a Textual class whose BINDINGS are `actions.bindings(scope)`."""

    def unavailable(self, name: str) -> str:
        """Why the action `name` can't be done now, in a sentence; empty when it can."""
        return ""

    def label_now(self, name: str) -> str:
        """The label of an action where its state has another than the table's; else empty."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what can't be done now."""
        return None if self.unavailable(action) else True
