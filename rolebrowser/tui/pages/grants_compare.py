"""CompareView: two roles, or one role in two open connections; only the differences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from textual import work

from rolebrowser.errors import RolebrowserError
from rolebrowser.grants.picture import EVERYBODY, Picture, RoleHead, Section
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.pick import Pick, PickDialog
from rolebrowser.tui.look import Look
from rolebrowser.tui.pages.grants_sections import SectionsView, lines


class Other(NamedTuple):
    """Whom to compare with.

    Attributes:
        where: the title of another connection; "" = in the same one.
    """

    look: Look
    role: str
    where: str = ""


class CompareView(SectionsView):
    """It remembers with whom it compared last."""

    other: Other | None = None

    @work(exclusive=True, group="pick", exit_on_error=False, description="pick")
    async def pick(self, look: Look, role: RoleHead, elsewhere: Iterable[tuple[str, Look]]) -> None:
        """Ask with whom, then compare.

        Args:
            elsewhere: other open connections, by title; those to another kind of server are not
                offered.
        """
        if look.picture is None:
            return
        self.say("c picks whom to compare with.", f"{role.name} and …")
        picks = [
            Pick(role.name, f"in {title}", Other(there, role.name, title))
            for title, there in elsewhere
            if there.engine is look.engine
        ]
        picks += [
            Pick(head.name, head.kind.value, Other(look, head.name))
            for head in look.picture.roles
            if head.number not in (role.number, EVERYBODY)
        ]
        picked = await self.app.push_screen_wait(PickDialog(f"Compare {role.name} with", picks))
        if picked is not None and isinstance(picked.value, Other):
            self.other = picked.value
            self.compare(look.picture, role, self.other)

    @work(exclusive=True, group="fill", exit_on_error=False, description="compare")
    async def compare(self, picture: Picture, role: RoleHead, other: Other) -> None:
        """Show what they may differently."""
        where = f" in {other.where}" if other.where else ""
        title = f"{role.name} and {other.role}{where}"
        self.say("Looking …", title)
        try:
            theirs = await other.look.have()
            number = _number(theirs, other.role)

            def find() -> tuple[Section, ...]:
                return picture.differences(role.number, theirs, number)

            found = await in_thread(lambda cancel: find(), name="compare")
        except RolebrowserError as error:
            self.say(str(error), title)
            return
        if found:
            self.show(found, title, f"{lines(found)} · c picks another")
        else:
            self.say("They may do the same, in the same ways. c picks another.", title)


def _number(picture: Picture, name: str) -> int:
    for head in picture.roles:
        if head.name == name and head.number != EVERYBODY:
            return head.number
    raise RolebrowserError(f"There is no role {name} there.")
