"""ChangesView: what has changed between the last two looks."""

from __future__ import annotations

from dataclasses import dataclass

from textual import work
from textual.message import Message

from rolebrowser.grants.picture import Mark, entries, marked
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.look import Look
from rolebrowser.tui.pages.grants_sections import SectionsView

TITLE = "Since the last look"


class ChangesView(SectionsView):
    """Filled at each refresh, whichever view shows."""

    @dataclass
    class Counted(Message):
        """So many things have changed, and so many are only in sight now, or out of it."""

        count: int
        sight: int

        @property
        def told(self) -> str:
            """A sentence on both."""
            what = "1 thing has" if self.count == 1 else f"{self.count:,} things have"
            news = f"{what} changed since the last look: n shows it."
            if not self.sight:
                return news if self.count else "Nothing has changed since the last look."
            seen = f"{self.sight:,} came into sight, or went out of it"
            if self.count:
                return f"{news} {seen}."
            return f"Nothing has changed that both looks could see. {seen}: n shows it."

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
        sight = marked(found, Mark.IN_SIGHT)
        count = entries(found) - sight
        if found:
            nothing = "" if count else "nothing changed that both looks could see · "
            self.show(found, TITLE, f"{nothing}as of {look.at:%H:%M:%S} UTC")
        else:
            self.say("Nothing has changed.", TITLE)
        self.post_message(self.Counted(count, sight))
