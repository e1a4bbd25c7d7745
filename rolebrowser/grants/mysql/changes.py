"""What changed between two looks at one server.

Pure. As in PostgreSQL's `grants.changes`, every fact is a sentence; `Change` is the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolebrowser.grants.changes import Change
from rolebrowser.grants.mysql.facts import Account, Entry, Facts
from rolebrowser.grants.mysql.model import title_of
from rolebrowser.grants.mysql.privileges import ordered


def changes(before: Facts, after: Facts) -> tuple[Change, ...]:
    """What happened between two looks, as sentences; empty when nothing did."""
    old, new = dict.fromkeys(_sentences(before)), dict.fromkeys(_sentences(after))
    gone = [Change(what, False, text) for what, text in old if (what, text) not in new]
    come = [Change(what, True, text) for what, text in new if (what, text) not in old]
    return (*gone, *come)


def _sentences(facts: Facts) -> Iterator[tuple[str, str]]:
    for account in facts.accounts:
        yield "account", _account(account)
        for word in ordered(account.privileges):
            option = " with grant option" if word in account.grantable else ""
            yield "grant", f"{word} on *.* to {account.who.label}{option}"
        for database, words in account.restrictions:
            taken = ", ".join(ordered(words))
            yield "partial revoke", f"{taken} in {database} from {account.who.label}"
        if account.default_roles:
            names = ", ".join(role.label for role in account.default_roles)
            yield "default role", f"{names} of {account.who.label}"
    for each in facts.memberships:
        admin = " with admin option" if each.admin else ""
        yield "membership", f"{each.member.label} in {each.role.label}{admin}"
    for entry in facts.entries:
        yield from _entry(entry)
    for thing in facts.securables:
        yield "object", thing.title


def _account(account: Account) -> str:
    words = ["role" if account.role else "account"] + ["locked"] * account.locked
    return f"{account.who.label}: {', '.join(words)}"


def _entry(entry: Entry) -> Iterator[tuple[str, str]]:
    option = " with grant option" if entry.grantable else ""
    for word in ordered(entry.privileges):
        yield "grant", f"{word} on {title_of(entry)} to {entry.who.label}{option}"
