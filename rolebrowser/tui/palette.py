"""The palette's entries: every action of the screen, with its key, and why not if it can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits
from textual.dom import DOMNode
from textual.system_commands import SystemCommandsProvider

from rolebrowser.tui.acting import Acting
from rolebrowser.tui.action import Action
from rolebrowser.tui.actions import scope
from rolebrowser.tui.keys import keys_of, shown

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp
    from rolebrowser.tui.screens.base import ActionScreen


class ActionCommands(SystemCommandsProvider):
    """Actions of the scopes the screen names, then what the app leaves of Textual's own."""

    def _actions(self) -> list[tuple[Action, str]]:
        screen: ActionScreen = self.screen  # type: ignore[assignment]
        return [
            (action, self._reason(screen.carrier(name), action))
            for name in screen.SCOPES
            for action in scope(name)
            if action.palette
        ]

    @staticmethod
    def _reason(carrier: DOMNode | None, action: Action) -> str:
        if carrier is None:
            return "Not on this tab."
        return carrier.unavailable(action.name) if isinstance(carrier, Acting) else ""

    def _run(self, action: Action, reason: str) -> None:
        screen: ActionScreen = self.screen  # type: ignore[assignment]
        carrier = screen.carrier(action.scope)
        if reason or carrier is None:
            self.app.notify(reason, severity="warning", markup=False)
        else:
            self.app.call_later(self.app.run_action, action.call, carrier)

    async def discover(self) -> Hits:
        """All of them, when nothing is typed yet."""
        for action, reason in self._actions():
            yield DiscoveryHit(
                self._title(action),
                lambda action=action, reason=reason: self._run(action, reason),
                help=reason or action.help,
            )
        async for own in super().discover():
            yield own

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
        async for own in super().search(query):
            yield own

    def _title(self, action: Action) -> str:
        app: RolebrowserApp = self.app  # type: ignore[assignment]
        return f"{action.label}  ({shown(keys_of(action, app.own_keys).split(',')[0])})"
