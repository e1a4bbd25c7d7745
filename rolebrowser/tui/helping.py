"""HelpingApp: `?` and Ctrl+Q on every screen and in every dialog; what Ctrl+C says elsewhere."""

from __future__ import annotations

from textual import events

from rolebrowser.tui.actions import BY_ID
from rolebrowser.tui.keys import keys_of, shown
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.toasts import ToastApp


class HelpingApp(ToastApp[str]):
    """An app that tells the keys of where one is."""

    @property
    def own_keys(self) -> dict[str, str]:
        """The person's own keys: action id → Textual's names of keys, comma-separated."""
        return {}

    async def on_key(self, event: events.Key) -> None:
        """Help and the way out in dialogs too: Textual lets no binding of an app's through to them.

        Not by a letter: `q` may be meant for the dialog.
        """
        dialog = self.screen
        if not dialog.is_modal or event.key in dialog.active_bindings:
            return
        if event.key in keys_of(BY_ID["app.help"], self.own_keys).split(","):
            event.prevent_default()
            self.action_help()
        elif not event.is_printable and event.key in self._quitting:
            event.prevent_default()
            await self.action_quit()

    @property
    def _quitting(self) -> list[str]:
        return keys_of(BY_ID["app.quit"], self.own_keys).split(",")

    def action_help_quit(self) -> None:
        """^C where nothing runs and nothing is selected.

        At psql's prompt it drops the line; here that could be a long text, so it stays.
        """
        self.notify(f"Nothing is running here. {shown(self._quitting[0])} quits.", markup=False)

    def action_help(self) -> None:
        """The keys of the screen or the dialog one is at."""
        from rolebrowser.tui.dialogs.help import HelpDialog, of_dialog, of_scopes

        if isinstance(self.screen, ActionScreen):
            parts = of_scopes(self.screen.help_scopes(), self.own_keys)
        else:
            parts = of_dialog(self.screen, self.own_keys)
        self.push_screen(HelpDialog(parts))
