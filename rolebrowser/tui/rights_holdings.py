"""What the UI holds of rights: callers with their policies, users with their verdicts, whys.

Blocking methods are run in threads (`background.in_thread`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.database.model import Database, User
from rolebrowser.frozen import dataclass
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.tui.role_holdings import RoleHoldings

if TYPE_CHECKING:
    from rolebrowser.database.users import Named
    from rolebrowser.identity.trust import Caller
    from rolebrowser.identity.why import Why


@dataclass(frozen=True, slots=True)
class Rights:
    """A session as a caller, and sentences on what of it could not be read."""

    caller: Caller
    missing: tuple[str, ...]


class RightsHoldings(RoleHoldings):
    """See the module."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._rights: dict[tuple[str, str], Rights] = {}
        self._inside: dict[str, tuple[str, ...]] = {}
        self._news: set[str] = set()

    # ── users ────────────────────────────────────────────────────────────────────────────────

    def rights(self, profile: str, role: str, cancel: Cancel, *, fresh: bool = False) -> Rights:
        """A session's own policies, read once until `fresh`. Raises as `assumable.own_rights`."""
        from rolebrowser.identity import assumable

        held = self._rights.get((profile, role))
        if held is not None and not fresh:
            return replace(held, caller=held.caller.at(datetime.now(UTC)))
        session = self.resolve(profile, role, NobodyToAsk(), cancel)
        missing: list[str] = []
        caller = assumable.own_rights(
            session,
            self.profiles.get(profile),
            cancel=cancel,
            seconds=self.config.timeouts.aws,
            partial=missing.append,
            others=self._at_hand(),
        )
        found = Rights(caller, tuple(missing))
        self._rights[profile, role] = found
        return found

    def decided(self, profile: str, role: str, database: Database, user: User) -> User:
        """A user with IAM's word on them, as far as policies have been read already."""
        from rolebrowser.database import login_rights

        held = self._rights.get((profile, role))
        if held is None:
            return user
        said = login_rights.decision(held.caller, database, user.name)
        return replace(user, verdict=said.verdict, reasons=said.reasons)

    def everybody(
        self, profile: str, role: str, database: Database, known: Sequence[Named], cancel: Cancel
    ) -> tuple[Sequence[User], tuple[str, ...]]:
        """Users one may try, each with a verdict, and what could not be read.

        Raises as `rights`.
        """
        from rolebrowser.database import login_rights
        from rolebrowser.database.users import Named

        found = self.rights(profile, role, cancel)
        inside = [Named(name, "database") for name in self._inside.get(_key(database), ())]
        return login_rights.everybody(found.caller, database, [*known, *inside]), found.missing

    def why_user(self, profile: str, role: str, database: Database, user: User) -> Why | None:
        """Why one may or may not log in as a user; None when no policy has been read."""
        from rolebrowser.database import login_rights

        held = self._rights.get((profile, role))
        if held is None:
            return None
        return login_rights.why(held.caller, database, user, notes=held.missing)

    def learn_users(self, database: Database, names: Sequence[str]) -> None:
        """Keep the users that a database itself takes tokens from; from any thread."""
        if self._inside.get(_key(database)) != tuple(names):
            self._inside[_key(database)] = tuple(names)
            self._news.add(_key(database))

    def has_news(self, database: Database) -> bool:
        """Whether something was learnt of a database's users since this was last asked."""
        news = _key(database) in self._news
        self._news.discard(_key(database))
        return news


def _key(database: Database) -> str:
    return f"{database.region}/{database.account}/{database.id}"
