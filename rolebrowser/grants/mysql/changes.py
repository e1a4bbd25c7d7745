"""What changed between two looks at one server.

Pure. As in PostgreSQL's `grants.changes`, every fact is a sentence; but here a look may see less
than the other (`sight.py`), and what only one of them could see is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from rolebrowser.grants.changes import Change
from rolebrowser.grants.mysql.facts import Account, Entry, Facts, Who
from rolebrowser.grants.mysql.model import Model, title_of
from rolebrowser.grants.mysql.privileges import ordered
from rolebrowser.grants.mysql.sight import Sight
from rolebrowser.grants.picture import Entry as Line
from rolebrowser.grants.picture import Mark, Section


class _Fact(NamedTuple):
    """A sentence, and what has to be in sight for it to be told.

    Attributes:
        whose: whose grants; None for what is there.
        database: of what is there.
    """

    what: str
    sentence: str
    whose: Who | None
    database: str = ""

    def told(self, told: Sight, other: Sight) -> bool:
        """Whether the other look would have told it as well, and this one knows whose it is."""
        if self.whose is not None:
            return told.of(self.whose) and other.of(self.whose)
        return other.of_database(self.database)


class Changes(NamedTuple):
    """What is otherwise.

    Attributes:
        news: what came and went of what both looks could see.
        sight: what only the other look, or only this one, could see.
    """

    news: tuple[Change, ...]
    sight: tuple[Change, ...]


def changes(before: Model, after: Model) -> Changes:
    """What happened between two looks, and what is only in sight now, or no more."""
    old = {(each.what, each.sentence): each for each in _facts(before.facts)}
    new = {(each.what, each.sentence): each for each in _facts(after.facts)}
    news: list[Change] = []
    sight: list[Change] = []
    then, now = Sight(before), Sight(after)
    for added, here, there, told, other in ((False, old, new, then, now),
                                            (True, new, old, now, then)):  # fmt: skip
        for key, fact in here.items():
            if key not in there:
                change = Change(fact.what, added, fact.sentence)
                (news if fact.told(told, other) else sight).append(change)
    return Changes(tuple(news), tuple(sight))


def sections(before: Model, after: Model) -> Iterator[Section]:
    """The same by what it is; what is only in sight now, or no more, after all that is news."""
    found = changes(before, after)
    for what, group in groupby(sorted(found.news), lambda each: each.what):
        lines = (Line(e.sentence, mark=Mark.CAME if e.added else Mark.WENT) for e in group)
        yield Section(what, tuple(lines))
    for added, title, note in (
        (True, "In sight now", "the look before couldn't see it: it may be old"),
        (False, "Out of sight now", "this look can't see it: it may be there still"),
    ):
        lines = (
            Line(f"{each.what} {each.sentence}", mark=Mark.IN_SIGHT)
            for each in sorted(found.sight)
            if each.added is added
        )
        if entries := tuple(lines):
            yield Section(title, entries, note)


def _facts(facts: Facts) -> Iterator[_Fact]:
    for account in facts.accounts:
        who = account.who
        yield _Fact("account", _account(account), who)
        for word in ordered(account.privileges):
            option = " with grant option" if word in account.grantable else ""
            yield _Fact("grant", f"{word} on *.* to {who.label}{option}", who)
        for database, words in account.restrictions:
            taken = ", ".join(ordered(words))
            yield _Fact("partial revoke", f"{taken} in {database} from {who.label}", who)
        if account.default_roles:
            names = ", ".join(role.label for role in account.default_roles)
            yield _Fact("default role", f"{names} of {who.label}", who)
    for each in facts.memberships:
        admin = " with admin option" if each.admin else ""
        sentence = f"{each.member.label} in {each.role.label}{admin}"
        yield _Fact("membership", sentence, each.member)
    for entry in facts.entries:
        yield from _entry(entry)
    for thing in facts.securables:
        if thing.database:  # of accounts that may be acted as the grant itself tells
            yield _Fact("object", thing.title, None, thing.database)


def _account(account: Account) -> str:
    # MySQL's roles are locked accounts, which only who reads all of them is told.
    words = ["role"] if account.role else ["account"] + ["locked"] * account.locked
    return f"{account.who.label}: {', '.join(words)}"


def _entry(entry: Entry) -> Iterator[_Fact]:
    option = " with grant option" if entry.grantable else ""
    for word in ordered(entry.privileges):
        sentence = f"{word} on {title_of(entry)} to {entry.who.label}{option}"
        yield _Fact("grant", sentence, entry.who)
