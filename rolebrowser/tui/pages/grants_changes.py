"""ChangesView: what has changed between the last two looks."""

from __future__ import annotations

from dataclasses import dataclass

from textual import work
from textual.message import Message

from rolebrowser.grants.picture import entries
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.look import Look
from rolebrowser.tui.pages.grants_sections import SectionsView

TITLE = "Since the last look"


class ChangesView(SectionsView):
    """Filled at each refresh, whichever view shows."""

    @dataclass
    class Counted(Message):
        """So many things have changed."""

        count: int

    def on_mount(self) -> None:
        """There has been one look at most."""
        self.say("r looks again, and shows here what has changed.", TITLE)

    @work(exclusive=True, group="fill", exit_on_error=False, description="changes")
    async def compare(self, look: Look) -> None:
        """Show what is between the last look and the one before."""
        after, before = look.picture, look.before
        if after is None or before is None:
            return
        found = await in_thread(lambda cancel: after.changes(before), name="grant changes")
        if found:
            self.show(found, TITLE, f"as of {look.at:%H:%M:%S} UTC")
        else:
            self.say("Nothing has changed.", TITLE)
        self.post_message(self.Counted(entries(found)))
