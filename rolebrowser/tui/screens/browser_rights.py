"""What the browser does with rights: say why, try a role for real."""

from __future__ import annotations

from datetime import UTC, datetime

from textual import work

from rolebrowser.database.model import User
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.model import Role
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.columns.whom import WhomColumn
from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.rows import who, whom
from rolebrowser.tui.screens.browser_sessions import SessionActions

_LEAVE = Choice("n", "Leave it")
_TRY = Choice("y", "Assume it, and throw the session away")


class RightsActions(SessionActions):
    """Mixed into the browser: what may be assumed, and as whom one may log in."""

    whom: WhomColumn

    def on_screen_resume(self) -> None:
        """Back from a connection: the database may have told whom it takes tokens from."""
        database = self._chosen.database
        if database is not None and self.app.holdings.has_news(database):
            self.whom.load(self._chosen)

    def no_reason(self) -> str:
        """Why there is nothing to explain; empty when there is."""
        row = self.here.rows.current
        if isinstance(row, who.RoleRow | whom.UserRow):
            return ""
        return "Put the cursor on a role (a lists them) or on a user."

    # ── why ──────────────────────────────────────────────────────────────────────────────────

    def action_why(self) -> None:
        """Each gate, and the JSON that decided."""
        match self.here.rows.current:
            case who.RoleRow(role=role, profile=profile):
                self._why_role(profile, role)
            case whom.UserRow(user=user):
                self._why_user(user)
            case _:
                self.tell(self.no_reason(), "warning")

    def _why_role(self, profile: str, role: Role) -> None:
        from rolebrowser.tui.dialogs.why import WhyDialog

        found = self.app.holdings.why_role(profile, role.arn)
        if found is None:
            self._say_reasons(profile, role)
            return

        def closed(trying: bool | None) -> None:
            if trying:
                self._ask_to_try(profile, role)

        self.app.push_screen(WhyDialog(role.name, found, trying=True), closed)

    def _say_reasons(self, profile: str, role: Role) -> None:
        """Of a role as it was found before, or tried: without the policies there are no gates."""
        from rolebrowser.tui.dialogs.text import TextDialog
        from rolebrowser.tui.rows import who_detail

        looked = self.app.holdings.looked.get(profile)
        text = who_detail.plain(role, looked, datetime.now(UTC))
        self.app.push_screen(TextDialog(f"Why: {role.name}", text))

    def _why_user(self, user: User) -> None:
        from rolebrowser.tui.dialogs.why import WhyDialog

        profile, database = self._chosen.profile, self._chosen.database
        if profile is None or database is None:
            return
        found = self.app.holdings.why_user(profile.name, self._chosen.role, database, user)
        if found is None:
            self.tell("The policies of this session have not been read.", "warning")
            return
        name = f"any user matching {user.name}" if user.pattern else user.name
        self.app.push_screen(WhyDialog(f"{name} on {database.id}", found))

    # ── trying ───────────────────────────────────────────────────────────────────────────────

    def _ask_to_try(self, profile: str, role: Role) -> None:
        text = (
            f"Assume {role.arn} from {profile}, for real?\n\n"
            "AssumeRole has no dry run: AWS makes a session of 15 minutes, and CloudTrail logs it, "
            "refused or not. The session is thrown away at once."
        )

        def answered(key: str | None) -> None:
            if key == _TRY.key:
                self._try(profile, role)

        self.app.push_screen(ChoiceDialog("Try the role", text, (_LEAVE, _TRY)), answered)

    @work(exclusive=True, group="try", exit_on_error=False, description="try a role")
    async def _try(self, profile: str, role: Role) -> None:
        try:
            await in_thread(
                lambda cancel: self.app.holdings.try_role(
                    profile, role.arn, DialogPrompts(self.app, cancel), cancel
                ),
                name="try a role",
            )
        except Cancelled:
            return
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
        else:
            self.tell(f"AWS lets {profile} assume {role.name}.")
        self.sessions_changed()
