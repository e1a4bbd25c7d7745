"""What the browser does with rights: say why, try a role for real."""

from __future__ import annotations

from datetime import UTC, datetime

from textual import work

from rolebrowser.database.model import User
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.model import Profile, Role
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.columns.where import WhereColumn
from rolebrowser.tui.columns.whom import WhomColumn
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.rows import who, whom
from rolebrowser.tui.screens.browser_sessions import SessionActions


def _assumes(row: object) -> bool:
    """Whether it is a profile that assumes a role with another's session."""
    return (
        isinstance(row, who.ProfileRow)
        and row.profile.problem is None
        and bool(row.profile.role_arn)
        and len(row.profile.chain) > 1
    )


class RightsActions(SessionActions):
    """Mixed into the browser: what may be assumed, and as whom one may log in."""

    where: WhereColumn
    whom: WhomColumn

    def explain_own(self, profile: Profile) -> object:
        """Ask AWS for what decides about the role that a profile assumes, and say why."""
        raise NotImplementedError

    def read_then_explain(self, profile: str, role: Role) -> object:
        """Ask AWS for what decides about a role that is only known from before, then say why."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Back from a connection: the database may have told whom it takes tokens from."""
        database = self._chosen.database
        if database is not None and self.app.holdings.has_news(database):
            self.whom.load(self._chosen)

    def no_reason(self) -> str:
        """Why there is nothing to explain; empty when there is."""
        row = self._asked_about()
        if isinstance(row, who.RoleRow | whom.UserRow) or _assumes(row):
            return ""
        return "Put the cursor on a role (a lists them), a profile that assumes one, or a user."

    def _asked_about(self) -> object:
        """What the cursor is on; where databases could not be listed, who was to list them."""
        refused = self.here is not self.who and self.where.failed
        return (self.who if refused else self.here).rows.current

    # ── why ──────────────────────────────────────────────────────────────────────────────────

    def action_why(self) -> None:
        """Each gate, and the JSON that decided."""
        row = self._asked_about()
        match row:
            case who.RoleRow(role=role, profile=profile):
                if self.app.holdings.why_role(profile, role.arn) is None:
                    self.read_then_explain(profile, role)
                else:
                    self.explain(profile, role)
            case who.ProfileRow(profile=profile) if _assumes(row):
                self.explain_own(profile)
            case whom.UserRow(user=user):
                self._why_user(user)
            case _:
                self.tell(self.no_reason(), "warning")

    def explain(self, profile: str, role: Role) -> None:
        """The gates of a role; where its policies aren't known, what was said of it before."""
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
        """Of a role as it was found before: without the policies there are no gates."""
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
        from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog

        choices = (Choice("n", "Leave it"), Choice("y", "Assume it, and throw the session away"))
        text = (
            f"Assume {role.arn} from {profile}, for real?\n\n"
            "AssumeRole has no dry run: AWS makes a session of 15 minutes, and CloudTrail logs it, "
            "refused or not. The session is thrown away at once."
        )

        def answered(key: str | None) -> None:
            if key == "y":
                self._try(profile, role)

        self.app.push_screen(ChoiceDialog("Try the role", text, choices), answered)

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
