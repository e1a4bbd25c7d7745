"""The browser's line of open connections: where they lead, how they stand, which of them write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolebrowser.tui.screens.browser_bookmarks import BookmarkActions

if TYPE_CHECKING:
    from rolebrowser.tui.widgets.tab_strip import TabStrip

LEAD = "Open:"


class OpenList(BookmarkActions):
    """Mix in before the browser's own. Without a connection there is no such line."""

    _open_list: TabStrip | None = None

    def show_open(self) -> None:
        """Bring the line up to date."""
        screens = self.app.connections
        if self._open_list is None:
            if not screens:
                return
            # Not before the first frame.
            from rolebrowser.tui.widgets.tab_strip import TabStrip

            self._open_list = TabStrip((), lead=LEAD, id="open-connections")
            self.mount(self._open_list, before="#columns")
        self._open_list.names = [f"{each.title_text}{each.standing}" for each in screens]
        self._open_list.display = bool(screens)

    def on_screen_resume(self) -> None:
        """One was opened, closed, or switched to read-write meanwhile."""
        self.show_open()

    def on_tab_strip_clicked(self, event: TabStrip.Clicked) -> None:
        """Go there."""
        event.stop()
        self.app.show_numbered(event.number)
