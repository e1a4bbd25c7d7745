"""What would give an account a privilege, or take it away: statements, tried on the model.

Pure; nothing here runs anything. `Fix` and `Plan` are those of PostgreSQL's `grants.fix`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rolebrowser.grants.fix import Fix, Plan, set_role
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql import operations
from rolebrowser.grants.mysql.entitled import who_may
from rolebrowser.grants.mysql.facts import Level, Securable, Who, shown
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.model import Model, Way, title_of
from rolebrowser.grants.mysql.operations import (
    Activate,
    Grant,
    Join,
    Leave,
    Restrict,
    Revoke,
    Step,
    Unlock,
)
from rolebrowser.grants.mysql.sessions import EVERYBODY
from rolebrowser.grants.mysql.standing import Standings

_OFFERED = 3
"""Roles offered instead of a grant, the one that gives least first."""


def giving(listing: Listing, who: Who, on: Securable, word: str) -> Fix:
    """How the account would come to a privilege: a role made active, a grant, a role joined."""
    title = f"{who.label} {word} {on.title}"
    state = _state(listing.standings, who, on, word)
    if state is State.EFFECTIVE:
        return Fix((f"{title}: it has it already.",), ())
    account = listing.model.account(who)
    if account.locked and not account.role:
        unlock, grant = Unlock(who), Grant(word, on, who)
        ways = (_Offer("Unlock it", (unlock,)), _Offer("Unlock it and grant it", (unlock, grant)))
        plans = (_plan(listing, each, (who, on, word)) for each in ways)
        enough = next((each for each in plans if each.reached), None)
        return Fix((f"{who.label} is locked.",), (enough,) if enough is not None else ())
    offers = (
        *_by_default_role(listing, who),
        _Offer("Grant it", (Grant(word, on, who),)),
        *_by_joining(listing, who, on, word),
    )
    plans = [_plan(listing, each, (who, on, word)) for each in offers]
    reached = tuple(each for each in plans if each.reached)
    later = set_role(_settable(listing, who, on, word)) if state is State.LATENT else ()
    return Fix((), reached or tuple(plans), later)


def _settable(listing: Listing, who: Who, on: Securable, word: str) -> Iterator[str]:
    """What it may SET ROLE to that has the privilege, as SQL has it."""
    for session in listing.model.sessions.others(listing.model.account(who)):
        if word in listing.model.rights(session, on):
            many = "ALL" if session.roles else "NONE"
            yield session.roles[0].sql if len(session.roles) == 1 else many


class _Offer(NamedTuple):
    """Steps that may do it, with what is to be said of them."""

    title: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()


def _by_default_role(listing: Listing, who: Who) -> Iterator[_Offer]:
    """Roles that it has already, made active after login."""
    account = listing.model.account(who)
    for role in listing.model.sessions.granted.get(who, ()):
        if role not in account.default_roles and not account.role:
            yield _Offer(
                f"Make {role.label} active after login",
                (Activate(_actives(listing, who, role), who),),
                _replaced(listing, who),
            )


def _actives(listing: Listing, who: Who, role: Who) -> tuple[Who, ...]:
    now = listing.model.account(who).default_roles
    return (role,) if listing.facts.mariadb else (*now, role)


def _replaced(listing: Listing, who: Who) -> tuple[str, ...]:
    now = listing.model.account(who).default_roles
    if not listing.facts.mariadb or not now:
        return ()
    return (f"{now[0].label} is not active after login any more: there is one default role.",)


def _by_joining(listing: Listing, who: Who, on: Securable, word: str) -> Iterator[_Offer]:
    """Roles that have it, those with the fewest other privileges first."""
    model = listing.model
    granted = model.sessions.granted.get(who, ())
    found = [
        each.who
        for each in listing.facts.accounts
        if each.role
        and each.who not in (who, EVERYBODY, *granted)
        and who not in model.sessions.chains(each.who)
        and _state(listing.standings, each.who, on, word) is State.EFFECTIVE
    ]
    found.sort(key=lambda role: (_weight(model, role), role))
    for role in found[:_OFFERED]:
        steps: tuple[Step, ...] = (Join(role, who),)
        if not model.account(who).role:
            steps += (Activate(_actives(listing, who, role), who),)
        yield _Offer(f"Give it the role {role.label}", steps, _replaced(listing, who))


def _weight(model: Model, role: Who) -> int:
    holders = model.sessions.chains(role)
    count = sum(len(model.account(each).privileges) * 1000 for each in holders)
    return count + sum(len(each.privileges) for each in model.facts.entries if each.who in holders)


def taking(listing: Listing, who: Who, on: Securable, word: str) -> Fix:
    """How it would lose a privilege, also one that SET ROLE brings."""
    ways = _ways(listing, who, on, word)
    if not ways:
        return Fix((f"{who.label} {word} {on.title}: it hasn't got it.",), ())
    at_object = _once(_revoke(way, word) for way in ways)
    at_account = _once(_leave(way, word) for way in ways)
    offers = [_Offer("At the object", at_object, _losers(listing, ways))]
    if at_account != at_object:
        offers.append(_Offer("At the account", at_account))
    if listing.facts.partial_revokes and on.database and any(way.entry is None for way in ways):
        only_here = (
            Restrict(word, way.chain[-1], on.database) if way.entry is None else _revoke(way, word)
            for way in ways
        )
        offers.append(_Offer(f"In {shown(on.database)} only", _once(only_here)))
    plans = [_plan(listing, each, (who, on, word), taking=True) for each in offers]
    return Fix(tuple(dict.fromkeys(_remarks(ways, who, on, word))), tuple(plans))


def _once(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(dict.fromkeys(steps))


def _ways(listing: Listing, who: Who, on: Securable, word: str) -> list[Way]:
    model = listing.model
    account = model.account(who)
    sessions = (*model.sessions.login(account), *model.sessions.others(account))
    found = (way for each in sessions for way in model.rights(each, on).get(word, ()))
    return list(dict.fromkeys(found))


def _revoke(way: Way, word: str) -> Step:
    holder = way.entry.who if way.entry is not None else way.chain[-1]
    return Revoke(word, holder, way.entry)


def _leave(way: Way, word: str) -> Step:
    if len(way.chain) > 1 and way.chain[1] != EVERYBODY:
        return Leave(way.chain[1], way.chain[0])
    return _revoke(way, word)


def _remarks(ways: Iterable[Way], who: Who, on: Securable, word: str) -> Iterator[str]:
    for way in ways:
        holder = way.chain[-1]
        on_what = title_of(way.entry) if way.entry is not None else "*.*"
        if EVERYBODY in way.chain:
            yield f"Revoking from {who.label} changes nothing: PUBLIC has {word} on {on_what}."
        elif len(way.chain) > 1:
            yield f"Revoking from {who.label} changes nothing: {holder.label} has {word}."
        if on_what != on.title and on.level not in (Level.SERVER,):
            yield f"A REVOKE on {on.title} is refused (1147): the grant is on {on_what}."


def _losers(listing: Listing, ways: Iterable[Way]) -> tuple[str, ...]:
    """Who else has what is revoked, through the same roles."""
    roles = {way.chain[-1] for way in ways if len(way.chain) > 1}
    mine = {way.chain[0] for way in ways}
    others = sorted(
        each.who.label
        for each in listing.facts.accounts
        if each.who not in mine
        and not each.role
        and any(
            role in listing.model.sessions.chains(granted)
            for granted in listing.model.sessions.granted.get(each.who, ())
            for role in roles
        )
    )
    if EVERYBODY in roles:
        return ("Everybody loses it.",)
    names = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    return (f"Accounts with the same role lose it too: {names}.",) if others else ()


def _state(standings: Standings, who: Who, on: Securable, word: str) -> State | None:
    standing = standings.of(who, on).get(word)
    return standing.state if standing is not None else None


def _plan(
    listing: Listing, offer: _Offer, asked: tuple[Who, Securable, str], *, taking: bool = False
) -> Plan:
    """A plan, tried on the model."""
    changed = Listing(Model(operations.apply(listing.facts, offer.steps)))
    after = _state(changed.standings, *asked)
    reached = after in (None, State.ESCALATABLE) if taking else after is State.EFFECTIVE
    lines = operations.statements(listing.facts, offer.steps)
    notes = offer.notes
    if taking and asked[2] == "SELECT":
        around = changed.round_about(*asked[:2])
        notes += tuple(f"Its rows are still read round about: {line}." for line in around)
    return Plan(offer.title, lines, reached, notes + who_may(listing, offer.steps))
