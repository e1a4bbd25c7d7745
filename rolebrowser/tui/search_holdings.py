"""What the UI holds of searches through a whole organization; blocking methods run in threads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rolebrowser.cancel import Cancel
from rolebrowser.errors import AssumeRoleDenied
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import Prompts
from rolebrowser.tui.rights_holdings import RightsHoldings

if TYPE_CHECKING:
    from rolebrowser.database.known_hits import Found, Wanted
    from rolebrowser.database.org_search import Progress
    from rolebrowser.tui.choice import Choice

REGIONS = 6
"""Regions asked when nobody names any: those of the profiles, the most frequent first."""


class SearchHoldings(RightsHoldings):
    """See the module."""

    def named_regions(self) -> tuple[str, ...]:
        """The regions that profiles name, the most frequent first, REGIONS at most."""
        counts: dict[str, int] = {}
        for profile in self.profiles:
            if profile.region:
                counts[profile.region] = counts.get(profile.region, 0) + 1
        return tuple(sorted(counts, key=lambda each: (-counts[each], each))[:REGIONS])

    def found_before(self, wanted: Wanted) -> Found | None:
        """What was found when this was last searched for; a small file."""
        from rolebrowser.database.known_hits import KnownHits

        return KnownHits(self.config.cache_dir).recall(wanted)

    def search_databases(
        self,
        chosen: Choice,
        wanted: Wanted,
        prompts: Prompts,
        cancel: Cancel,
        come: Callable[[Progress], None],
    ) -> Found:
        """Databases of every account: by the organization's own engines, asked as the chosen
        identity, else each profile asked for its account; kept on disk.

        Args:
            come: called with what has come, and with what could not be asked: from several threads,
                never by two at once.

        Raises:
            Cancelled: what had come was told.
            As `credentials.resolve` does for the chosen identity.
        """
        from rolebrowser.database import org_search, rds
        from rolebrowser.database.known_hits import Found, KnownHits
        from rolebrowser.identity.discovery import askable

        def lacks(sentence: str) -> None:
            come(org_search.Progress("", 0, 0, problem=sentence))

        def where(session: Session) -> tuple[str, ...]:
            if wanted.all_regions:
                return tuple(rds.regions(session))
            return tuple(dict.fromkeys((session.region, *wanted.regions)))

        seconds = self.config.timeouts.aws
        found = None
        if chosen.profile is not None:
            try:
                session = self.resolve(chosen.profile.name, chosen.role, prompts, cancel)
                found = org_search.by_engine(session, cancel=cancel, seconds=seconds, partial=lacks)
            except AssumeRoleDenied as error:
                # The cursor is on a role that isn't theirs: the search is not for that.
                lacks(error.in_a_line)
        if found is None:
            openers = self.openers((each.name for each in askable(self.profiles)), cancel)
            found = org_search.by_asking(openers, where, cancel=cancel, progress=come)
        answer = Found(found, datetime.now(UTC))
        KnownHits(self.config.cache_dir).keep(wanted, found, answer.at)
        return answer
