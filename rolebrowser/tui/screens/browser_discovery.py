"""What the browser finds: roles of a profile or of all, what an SSO login opens, databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from textual import work

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.model import Profile, Role, Verdict
from rolebrowser.kept import Answer
from rolebrowser.tui.background import in_thread, under_way
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.columns.where import WhereColumn
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.rows import who
from rolebrowser.tui.screens.browser_rights import RightsActions

if TYPE_CHECKING:
    from rolebrowser.database.org_search import Hit
    from rolebrowser.identity.assumable import Outlook
    from rolebrowser.identity.discovery import Progress
    from rolebrowser.identity.sso_accounts import Account, Accounts

_GROUP = "roles"
T = TypeVar("T")
_FAILURES = 6
"""Profiles that failed and are named in a toast."""


def _age(known: Accounts) -> str:
    return Answer(None, known.at).age(datetime.now(UTC))


class DiscoveryActions(RightsActions):
    """Mixed into the browser: everything that is looked for, and how to stop it."""

    where: WhereColumn

    def go_to(self, column: str) -> None:
        """Focus a column."""
        raise NotImplementedError

    def stop_looking(self) -> bool:
        """Stop what AWS is being asked; False when it is asked nothing."""
        looking = under_way(self, _GROUP)
        if looking:
            self.workers.cancel_group(self, _GROUP)
            self.who.note("")
            self.sessions_changed()
            self.tell("Stopped. What had come stays.")
        return looking

    # ── roles ────────────────────────────────────────────────────────────────────────────────

    def action_roles(self) -> None:
        """List the roles one may become, and those one may not; of an SSO login, what it opens."""
        portal, profile = self._portal_profile(), self._chosen.profile
        if portal is not None:
            known = self.app.holdings.accounts_before(portal)
            if known is None:
                self._list_portal(portal)
            else:
                self._show_portal(portal, known, f"As listed {_age(known)}; r asks again.\n\n")
        elif profile is not None and profile.name in self.app.holdings.looked:
            self._load_roles(profile)
        elif profile is not None:
            self._recall_roles(profile)

    def roles_again(self) -> bool:
        """Ask anew for the roles of the profile under the cursor, if they are shown, or for what
        the SSO login under it opens, if that was asked before."""
        portal, profile = self._portal_profile(), self._chosen.profile
        if portal is not None and self.app.holdings.accounts_before(portal) is not None:
            self._list_portal(portal)
            return True
        shown = profile is not None and profile.name in self.app.holdings.roles
        if profile is not None and shown:
            self._load_roles(profile)
        return shown

    @work(exclusive=True, group=_GROUP, exit_on_error=False, description="accounts")
    async def _list_portal(self, profile: Profile) -> None:
        app = self.app

        def come(account: Account, done: int, total: int) -> None:
            words = account.problem or f"{len(account.roles)} roles"
            self.tell(f"{done} of {total} accounts: {account.name}, {words}")

        found = await self._ask(
            "asking for accounts",
            lambda cancel: app.holdings.open_accounts(
                profile, DialogPrompts(app, cancel), cancel, come
            ),
        )
        if found is not None:
            self._show_portal(profile, found)

    def _show_portal(self, profile: Profile, found: Accounts, age: str = "") -> None:
        from rolebrowser.tui.dialogs.text import TextDialog
        from rolebrowser.tui.rows import portal

        login = profile.setting("sso_session")
        text = portal.text(found, self.app.holdings.profiles, login)
        self.app.push_screen(TextDialog(f"{login} opens", age + text))

    @work(exclusive=True, group="recall", exit_on_error=False, description="roles found before")
    async def _recall_roles(self, profile: Profile) -> None:
        """Those kept on disk, thousands maybe; where there are none AWS is asked."""
        held = self.app.holdings
        if not await in_thread(lambda cancel: held.recall_roles(profile), name="recall"):
            self._load_roles(profile)
            return
        self.sessions_changed()
        self.tell(f"The roles of {profile.name} as found before: r asks again.")

    @work(exclusive=True, group=_GROUP, exit_on_error=False, description="roles")
    async def _load_roles(self, profile: Profile) -> None:
        name = profile.name
        found = await self._ask(
            "asking for roles",
            lambda cancel: self.app.holdings.find_roles(
                name, DialogPrompts(self.app, cancel), cancel
            ),
        )
        if found is not None:
            self._tell_roles(found)

    @work(exclusive=True, group=_GROUP, exit_on_error=False, description="why")
    async def read_then_explain(self, profile: str, role: Role) -> None:
        """Policies aren't kept on disk: the role is asked for, with all that decides.

        Where AWS can't be asked, what was kept is said; when it is stopped, nothing.
        """
        asked = await self._ask(
            "asking AWS why",
            lambda cancel: self.app.holdings.find_role(
                profile, role, DialogPrompts(self.app, cancel), cancel
            ),
            failed=lambda: self.explain(profile, role),
        )
        if asked is None:
            return
        if all(each.role.arn != role.arn for each in asked.roles):
            self.tell(f"{role.name} is not among the roles of {profile} any more.", "warning")
        elif self.is_current:
            self.explain(profile, role)

    @work(exclusive=True, group=_GROUP, exit_on_error=False, description="why")
    async def explain_own(self, profile: Profile) -> None:
        """Why the role of a profile may be assumed, or not, with what this very profile sends."""
        from rolebrowser.tui.dialogs.why import WhyDialog

        asked = await self._ask(
            "asking AWS why",
            lambda cancel: self.app.holdings.find_own(
                profile, DialogPrompts(self.app, cancel), cancel
            ),
        )
        if asked is not None and asked.roles and self.is_current:
            (found,) = asked.roles
            title = f"{profile.name} as {found.role.name}"
            self.app.push_screen(WhyDialog(title, asked.why(found)))
        elif asked is not None:
            self.tell(f"The role of {profile.name} isn't there.", "warning")

    async def _ask(
        self,
        what: str,
        job: Callable[[Cancel], T],
        *,
        failed: Callable[[], None] = lambda: None,
    ) -> T | None:
        """What AWS answers; None when that was stopped, or has failed, which is told.

        Args:
            what: is noted above the profiles meanwhile.
            failed: called once a failure was told.
        """
        self.who.note(f"{what} · Esc stops")
        try:
            found = await in_thread(job, name=_GROUP)
        except Cancelled:
            return None
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            failed()
            return None
        finally:
            self.who.note("")
        self.sessions_changed()
        return found

    def _tell_roles(self, found: Outlook) -> None:
        if found.missing:
            self.tell("\n".join(found.missing), "warning", 12)
        verdicts = [each.role.verdict for each in found.roles]
        counted = (
            (verdicts.count(Verdict.ALLOW), "can be assumed"),
            (verdicts.count(Verdict.CONDITIONAL), "with something more"),
            (verdicts.count(Verdict.UNKNOWN), "can't be known"),
            (verdicts.count(Verdict.DENY), "not"),
        )
        told = ", ".join(f"{count} {words}" for count, words in counted if count)
        self.tell(f"{len(verdicts)} roles: {told}." if told else "No role is known here.")

    @work(exclusive=True, group=_GROUP, exit_on_error=False, description="all roles")
    async def action_roles_everywhere(self) -> None:
        """The roles of every profile, a few asked at a time, each shown as it comes."""
        held = self.app.holdings

        def job(cancel: Cancel) -> Sequence[str]:
            def come(progress: Progress) -> None:
                self.app.call_from_thread(self._one_came, cancel, progress)

            return held.find_everywhere(cancel, come)

        failed = await self._ask("asking all for their roles", job)
        if failed is None:
            return
        count = sum(len(each) for each in held.roles.values())
        self.tell(f"{count} roles, seen from {len(held.roles)} profiles.")
        if failed:
            more = f" and {len(failed) - _FAILURES} more" if len(failed) > _FAILURES else ""
            names = ", ".join(failed[:_FAILURES]) + more
            self.tell(f"Not asked: {names}. Their rows say why.", "warning", 12)

    # ── databases ────────────────────────────────────────────────────────────────────────────

    def action_find_database(self) -> None:
        """Databases of every account; the one that is chosen is gone to."""
        from rolebrowser.tui.dialogs.everywhere import EverywhereDialog

        self.app.push_screen(EverywhereDialog(self._chosen), self._go_to_hit)

    def _go_to_hit(self, hit: Hit | None) -> None:
        from rolebrowser.tui.rows import hits

        if hit is None:
            return
        held = self.app.holdings
        leading = hits.leading(hit, held.profiles, held.visits())
        if not leading:
            self.tell(
                f"No profile leads into account {hit.account}, which {hit.id} is in. "
                "aws configure makes one; a on an SSO login lists the accounts it opens.",
                "warning",
                12,
            )
            return
        own = [each for each in leading if each == self._chosen.profile]
        if own or len(leading) == 1:
            self._go_as((own or leading)[0], hit)
            return
        from rolebrowser.tui.dialogs.pick import Pick, PickDialog

        def picked(pick: Pick | None) -> None:
            if pick is not None and isinstance(pick.value, Profile):
                self._go_as(pick.value, hit)

        picks = [Pick(each.name, hits.acts_as(each), each) for each in leading]
        self.app.push_screen(PickDialog(f"Who goes to {hit.id}?", picks), picked)

    def _go_as(self, profile: Profile, hit: Hit) -> None:
        if self.who.filtering:
            self.who.end_filter()
        name = profile.name
        self.who.rows.move_to(
            lambda row: isinstance(row, who.ProfileRow) and row.profile.name == name
        )
        self._chosen = Choice(profile)
        self.whom.forget()
        self.where.forget()
        self.go_to("where")
        self.where.load(self._chosen, region=hit.region, wanted=hit.id)

    def _one_came(self, cancel: Cancel, progress: Progress) -> None:
        if cancel.is_set:  # it was on its way when somebody stopped the asking
            return
        self.who.note(f"{progress.done} of {progress.total} profiles asked · Esc stops")
        if progress.outlook is not None:
            self.who.show_profiles()
