"""The browser and bookmarks: opens one, keeps what is chosen, asks before one is replaced."""

from __future__ import annotations

from textual import work

from rolebrowser import bookmarks
from rolebrowser.errors import RolebrowserError
from rolebrowser.target import Bookmark
from rolebrowser.tui.screens.browser_discovery import DiscoveryActions


class BookmarkActions(DiscoveryActions):
    """Mix in before the browser's own."""

    @work(exclusive=True, group="bookmark", exit_on_error=False, description="bookmark")
    async def action_bookmark(self) -> None:
        """Keep what is chosen under a name."""
        from rolebrowser.tui.dialogs.ask import AskDialog
        from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog

        target = self._chosen.target()

        known = self.app.holdings.config.bookmarks
        ask = AskDialog("Name of the bookmark", value=bookmarks.free_name(target, known))
        name = await self.app.push_screen_wait(ask)
        if not name:
            return
        there = next((each for each in known if each.name == name), None)
        if there is not None and there.target != target:
            choices = (Choice("k", "Keep the old one"), Choice("r", "Replace it"))
            leads = f"It leads to {there.target.user}@{there.target.database or there.target.url}"
            text = f"There is a bookmark {name} already. {leads}."
            dialog = ChoiceDialog("Replace the bookmark?", text, choices)
            if await self.app.push_screen_wait(dialog) != "r":
                return
        self._save_bookmark(Bookmark(name, target))

    def _open_bookmark(self, bookmark: Bookmark, *, another: bool = False) -> None:
        guarded = self.app.holdings.guarded(bookmark.target, bookmark=bookmark)
        self.app.open(bookmark.target, bookmark.name, guarded=guarded, another=another)

    def _save_bookmark(self, bookmark: Bookmark) -> None:
        try:
            bookmarks.save(self.app.holdings.config.path, bookmark)
            self.app.holdings.reload_config()
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return
        self.tell(f"Bookmark {bookmark.name} is kept in {self.app.holdings.config.path}.")
        self.who.show_profiles()
