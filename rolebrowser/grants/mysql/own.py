"""Facts of an account that may see no more than itself: from SHOW GRANTS.

Pure; `shown.py` reads the lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rolebrowser.grants.mysql.facts import Account, Facts, Level, Who
from rolebrowser.grants.mysql.privileges import GRANT_OPTION
from rolebrowser.grants.mysql.shown import Shown


def own_facts(facts: Facts, found: Shown, roles: Iterable[Who], defaults: frozenset[str]) -> Facts:
    """Facts of one account and its roles from SHOW GRANTS."""
    everybody = dict.fromkeys((facts.user, *roles, *found.server, *(e.who for e in found.entries)))
    accounts = tuple(_shown_account(facts, found, who, roles, defaults) for who in everybody)
    return replace(
        facts,
        accounts=accounts,
        entries=tuple(found.entries),
        memberships=tuple(found.memberships),
        complete=False,
    )


def _shown_account(
    facts: Facts, found: Shown, who: Who, roles: Iterable[Who], defaults: frozenset[str]
) -> Account:
    words = frozenset(found.server.get(who, ()))
    active = [each for each in roles if each.user in defaults] if who == facts.user else []
    if who in found.default_roles:
        active = [found.default_roles[who]]
    return Account(
        who,
        words - {GRANT_OPTION},
        frozenset(found.grantable.get(who, ())) - {GRANT_OPTION},
        tuple(found.restrictions.get(who, ())),
        role=who != facts.user,
        default_roles=tuple(active),
    )


def join(one: Shown, other: Shown) -> None:
    for who, words in other.server.items():
        one.server.setdefault(who, set()).update(words)
    for who, words in other.grantable.items():
        one.grantable.setdefault(who, set()).update(words)
    one.entries += [each for each in other.entries if each not in one.entries]
    one.memberships += [each for each in other.memberships if each not in one.memberships]
    one.restrictions |= other.restrictions
    one.default_roles |= other.default_roles


def less(together: Shown, own: Shown, user: Who, role: Who) -> Shown:
    """What a role adds: MySQL's SHOW GRANTS … USING shows it as the account's own."""
    more = Shown()
    words = together.server.get(user, set[str]()) - own.server.get(user, set[str]())
    if words:
        more.server[role] = words
        more.grantable[role] = together.grantable.get(user, set[str]()) & words
    known = {each[:5]: each for each in own.entries if each.who == user}
    for each in together.entries:
        mine = known.get(each[:5])
        added = each.privileges - (mine.privileges if mine is not None else frozenset[str]())
        if added or (mine is None and each.level is Level.TABLE):
            more.entries.append(each._replace(who=role, privileges=added))
    return more
