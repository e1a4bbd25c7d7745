"""The palette's entries: every action of the screen, with its key, and why not if it can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from rolebrowser.tui.actions import Action, scope, shown

if TYPE_CHECKING:
    from rolebrowser.tui.screens.base import ActionScreen


class ActionCommands(Provider):
    """Actions of the scopes the screen names."""

    def _actions(self) -> list[tuple[Action, str]]:
        screen: ActionScreen = self.screen  # type: ignore[assignment]
        return [
            (action, "" if name == "app" else screen.unavailable(action.name))
            for name in screen.SCOPES
            for action in scope(name)
            if action.palette
        ]

    def _run(self, action: Action, reason: str) -> None:
        if reason:
            self.app.notify(reason, severity="warning", markup=False)
            return
        owner = self.app if action.scope == "app" else self.screen
        focused = self.screen.focused
        if action.scope == "grid" and focused is not None:
            owner = focused
        owner.call_later(owner.run_action, action.call)

    async def discover(self) -> Hits:
        """All of them, when nothing is typed yet."""
        for action, reason in self._actions():
            yield DiscoveryHit(
                self._title(action),
                lambda action=action, reason=reason: self._run(action, reason),
                help=reason or action.help,
            )

    async def search(self, query: str) -> Hits:
        """Those whose label or help matches."""
        matcher = self.matcher(query)
        for action, reason in self._actions():
            title = self._title(action)
            found = max(matcher.match(title), matcher.match(action.help))
            if found > 0:
                yield Hit(
                    found,
                    matcher.highlight(title),
                    lambda action=action, reason=reason: self._run(action, reason),
                    help=reason or action.help,
                )

    @staticmethod
    def _title(action: Action) -> str:
        return f"{action.label}  ({shown(action.key.split(',')[0])})"
