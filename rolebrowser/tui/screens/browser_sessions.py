"""What the browser does with sessions: renew, log in, choose a length, forget, hand out."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import work

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity import durations
from rolebrowser.identity.model import Kind, Profile, Role
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.columns.who import WhoColumn
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.rows import who, who_lines
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.widgets.column import Column

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

T = TypeVar("T")

_LOGINS = (Kind.SSO, Kind.LOGIN)
"""Kinds that `L` has something to say on."""
_ON_A_PROFILE = "Put the cursor on a profile first."


class SessionActions(ActionScreen):
    """Mixed into the browser: every action on the session under the cursor."""

    app: RolebrowserApp  # type: ignore[assignment]
    who: WhoColumn
    _chosen: Choice

    @property
    def here(self) -> Column[Any]:
        """The column that has focus, or had it last."""
        raise NotImplementedError

    def sessions_changed(self) -> None:
        """Show what is known of sessions now."""
        raise NotImplementedError

    def no_session(self, name: str) -> str:
        """Why an action on a session can't be done now; empty when it can, or isn't one of them."""
        row = self.who.rows.current
        if name in ("renew", "log_in") and isinstance(row, who.PortalRow):
            return ""
        profile = self._subject()[0]
        if name in _ON_SESSIONS and profile is None:
            return _ON_A_PROFILE
        if name == "log_in" and profile is not None and self._ends(profile) not in _LOGINS:
            return f"{profile.name} has no SSO login: its session starts when it is used."
        return ""

    def _ends(self, profile: Profile) -> Kind:
        """What a profile's chain hangs on."""
        last = self.app.holdings.profiles.get(profile.chain[-1]) if profile.chain else None
        return (last or profile).kind

    def _subject(self) -> tuple[Profile | None, str]:
        """The profile and role (ARN or empty) under the cursor, a bookmark's included."""
        row = self.who.rows.current
        if isinstance(row, who.BookmarkRow) and self.here is self.who:
            target = row.bookmark.target
            return self.app.holdings.profiles.get(target.profile), target.role
        return self._chosen.profile, self._chosen.role

    def action_about(self) -> None:
        """Everything known of what the cursor is on."""
        from rolebrowser.tui.dialogs.about import AboutDialog
        from rolebrowser.tui.rows.about import Facts

        (profile, arn), held = self._subject(), self.app.holdings
        if profile is None:
            return
        role = next((each for each in held.roles.get(profile.name, ()) if each.arn == arn), None)
        if arn and role is None:
            role = Role(arn)
        row = self.who.rows.current
        guarded = row is not None and who_lines.guarded(row, held)
        longest = self._longest(profile, arn)
        facts = Facts(profile, held.profiles, held, role, guarded, longest)
        self.app.push_screen(AboutDialog(role.name if role else profile.name, facts))

    # ── renewing and logging in ──────────────────────────────────────────────────────────────

    def action_renew(self) -> None:
        """A fresh session, or a fresh SSO login where the cursor is on one."""
        if self._portal_profile() is not None:
            self.action_log_in()
        else:
            self._renew(0)

    def action_log_in(self) -> None:
        """An SSO login for the profile, or the sso-session, under the cursor."""
        profile = self._portal_profile() or self._subject()[0]
        if profile is not None:
            self._log_in(profile)

    def _portal_profile(self) -> Profile | None:
        """One of the profiles of the SSO login under the cursor."""
        row = self.who.rows.current
        if not isinstance(row, who.PortalRow):
            return None
        name = row.session.name
        profiles = self.app.holdings.profiles
        mine = (each for each in profiles if each.setting("sso_session") == name)
        return next((each for each in mine if each.kind is Kind.SSO), None)

    def action_duration(self) -> None:
        """Choose how long the session lasts, what is possible said beforehand."""
        from rolebrowser.tui.dialogs.duration import DurationDialog

        profile, role = self._subject()
        if profile is None:
            return
        known = durations.limits(profile, role, self._longest(profile, role))
        if not known.longest:
            self.tell(known.reason, "warning")
            return
        name = role.rsplit("/", 1)[-1] or profile.name

        def chosen(seconds: int | None) -> None:
            if seconds:
                self._renew(seconds)

        self.app.push_screen(DurationDialog(name, known), chosen)

    def _longest(self, profile: Profile, role: str) -> int:
        """The role's own maximum in seconds, where it has been read; else 0."""
        arn = role or profile.role_arn
        found = (each for roles in self.app.holdings.roles.values() for each in roles)
        return next((each.max_session_seconds for each in found if each.arn == arn), 0)

    @work(exclusive=True, group="session", exit_on_error=False, description="renew")
    async def _renew(self, duration: int) -> None:
        profile, role = self._subject()
        if profile is None:
            return
        session = await self._done(
            lambda prompts, cancel: self.app.holdings.resolve(
                profile.name, role, prompts, cancel, fresh=True, duration=duration
            )
        )
        if session is not None:
            self.tell(f"The session of {role.rsplit('/', 1)[-1] or profile.name} is fresh.")

    @work(exclusive=True, group="session", exit_on_error=False, description="login")
    async def _log_in(self, profile: Profile) -> None:
        ends = await self._done(
            lambda prompts, cancel: self.app.holdings.log_in(profile, prompts, cancel)
        )
        if ends is not None:
            name = self.app.holdings.profiles.sso(profile).get("sso_session") or profile.name
            self.tell(f"Logged in to {name}, until {ends.astimezone():%H:%M}.")

    async def _done(self, job: Callable[[DialogPrompts, Cancel], T]) -> T | None:
        """What a job in a thread gives; None when it was given up or failed, and said so."""
        try:
            return await in_thread(
                lambda cancel: job(DialogPrompts(self.app, cancel), cancel), name="session"
            )
        except Cancelled:
            return None
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return None
        finally:
            self.sessions_changed()

    # ── forgetting ───────────────────────────────────────────────────────────────────────────

    def action_forget(self) -> None:
        """Drop the session under the cursor from memory and the caches, once that is confirmed."""
        from rolebrowser.tui.dialogs.choice import Choice as Answer
        from rolebrowser.tui.dialogs.choice import ChoiceDialog

        profile, role = self._subject()
        if profile is None:
            return
        name = role.rsplit("/", 1)[-1] or profile.name

        def answered(answer: str | None) -> None:
            if answer == "f":
                self._forget(profile, role, name)

        text = (
            f"The session of {name} goes from memory and the caches, the AWS CLI's with it. "
            "The next use gets a new one, and may ask for a code or a login."
        )
        choices = (Answer("k", "Keep it"), Answer("f", "Forget it"))
        dialog = ChoiceDialog(f"Forget {name}'s session?", text, choices)
        self.app.push_screen(dialog, answered)

    @work(group="forget", exit_on_error=False, description="forget")
    async def _forget(self, profile: Profile, role: str, name: str) -> None:
        held = self.app.holdings
        try:
            forgotten = await in_thread(lambda cancel: held.forget(profile, role), name="forget")
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
        else:
            if forgotten:
                lives_on = "AWS isn't told: a copy elsewhere lives on."
                self.tell(f"Forgot the session of {name}. {lives_on}")
            else:
                self.tell(f"No session of {name} is kept.", "warning")
        self.sessions_changed()

    def action_forget_all(self) -> None:
        """Drop every session and SSO login, once that is confirmed."""
        from rolebrowser.tui.dialogs.ask import AskDialog

        def answered(word: str | None) -> None:
            if word:
                self._forget_all()

        in_files = self.app.holdings.config.session_store == "files"
        shared = "the AWS CLI's with it: they are the same files"
        where = shared if in_files else "from the keyring and from the AWS CLI's files"
        text = (
            f"Every cached session and SSO login goes, {where}. "
            "Long-term keys stay. Type forget to confirm."
        )
        self.app.push_screen(AskDialog("Forget all sessions", text, must_equal="forget"), answered)

    @work(group="forget", exit_on_error=False, description="forget all")
    async def _forget_all(self) -> None:
        held = self.app.holdings
        try:
            sessions, logins = await in_thread(lambda cancel: held.forget_all(), name="forget")
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
        else:
            counts = ((sessions, "cached session"), (logins, "SSO login"))
            told = [f"{many} {what}{'s' * (many != 1)}" for many, what in counts]
            self.tell(f"Forgot {' and '.join(told)}.")
        self.sessions_changed()

    # ── handing out ──────────────────────────────────────────────────────────────────────────

    def action_copy_env(self) -> None:
        """Copy the line that puts the session into a shell."""
        self._copy_line(f'eval "$(rolebrowser env {self._options()})"')

    def action_copy_exec(self) -> None:
        """Copy the start of a line that runs a program with the session."""
        self._copy_line(f"rolebrowser exec {self._options()} -- ")

    def _options(self) -> str:
        profile, role = self._subject()
        name = f"-p {shlex.quote(profile.name)}" if profile is not None else ""
        return f"{name} --role {shlex.quote(role)}" if role else name

    def _copy_line(self, line: str) -> None:
        self.app.copy_to_clipboard(line)
        self.tell(f"Sent to the terminal's clipboard: {line}")

    @work(exclusive=True, group="session", exit_on_error=False, description="console")
    async def action_console(self) -> None:
        """Open the web console as the profile or role under the cursor."""
        profile, role = self._subject()
        if profile is None:
            return
        name = role.rsplit("/", 1)[-1] or profile.name
        self.tell(f"Opening the web console as {name} …")
        opened = await self._done(
            lambda prompts, cancel: self.app.holdings.open_console(profile, role, prompts, cancel)
        )
        if opened is False:
            line = f"rolebrowser console {self._options()}"
            self.app.copy_to_clipboard(line)
            self.tell(
                "No browser came up on this machine. The line that prints a sign-in link was sent "
                f"to the terminal's clipboard: {line}",
                "warning",
                12,
            )


_ON_SESSIONS = frozenset(
    {"renew", "log_in", "duration", "forget", "copy_env", "copy_exec", "console", "about"}
)
