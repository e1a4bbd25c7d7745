"""One account, and one object, as sections: what it is and may do; who can reach it.

Pure. Shapes are those of PostgreSQL's `portrait` and `audience`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.detours import HINTS, Detour, Sort
from rolebrowser.grants.mysql.explain import IAM_PLUGIN
from rolebrowser.grants.mysql.facts import Account, Securable, Who
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.privileges import ordered
from rolebrowser.grants.mysql.sessions import EVERYBODY
from rolebrowser.grants.mysql.standing import Standing
from rolebrowser.grants.picture import Entry, Mark, Section
from rolebrowser.grants.portrait import MARKS, NOTES
from rolebrowser.grants.question import Question

Ask = Callable[[Who, Securable, str], Question | None]
"""Makes a question of a picture's numbers; None where it has none."""
Number = Callable[[Who], int | None]


def portrait(listing: Listing, who: Who, ask: Ask, number: Number) -> Iterator[Section]:
    """Everything about an account or role."""
    account = listing.model.account(who)
    yield Section(who.label, tuple(_attributes(listing, account)))
    yield from _roles(listing, account, number)
    yield from _by_path(listing, who, ask)


def _attributes(listing: Listing, account: Account) -> Iterator[Entry]:
    for note in listing.facts.notes:
        yield Entry(note, mark=Mark.PARTLY)
    if account.who == EVERYBODY:
        yield Entry("Every account has what is granted to PUBLIC, and none can be kept from it.")
    elif account.role:
        yield Entry("It is a role: it can't log in.", mark=Mark.PARTLY)
    elif account.locked:
        yield Entry("It is locked: nobody can log in as it.", mark=Mark.NO)
    else:
        where = "anywhere" if account.who.host == "%" else account.who.host
        how = " with an IAM token only" if account.plugin == IAM_PLUGIN else ""
        yield Entry(f"It can log in from {where}{how}.", account.plugin, Mark.YES)
    for database, words in account.restrictions:
        taken = ", ".join(ordered(words))
        yield Entry(f"A partial revoke keeps {taken} from it in {database}.", mark=Mark.NO)


def _roles(listing: Listing, account: Account, number: Number) -> Iterator[Section]:
    sessions = listing.model.sessions
    active = sessions.login(account)[0].roles
    admin = {each.role for each in listing.facts.memberships
             if each.member == account.who and each.admin}  # fmt: skip
    above: list[Entry] = []
    for role in sessions.granted.get(account.who, ()):
        waits = not account.role and role not in active
        note = "only after SET ROLE" if waits else "active after login" * (not account.role)
        note += (" · " if note else "") + "ADMIN" if role in admin else ""
        mark = Mark.LATENT if waits else Mark.YES
        above.append(Entry(role.label, note, mark, role=number(role)))
        for nested, chain in list(sessions.chains(role).items())[1:]:
            line = " → ".join(each.label for each in chain)
            above.append(Entry(line, "comes along", mark, 1, role=number(nested)))
    if above:
        yield Section("Roles that it was granted", tuple(above))
    below = tuple(
        Entry(each.member.label, "ADMIN" if each.admin else "", Mark.YES, role=number(each.member))
        for each in listing.facts.memberships
        if each.role == account.who
    )
    if below:
        yield Section("Granted to", below)


def _by_path(listing: Listing, who: Who, ask: Ask) -> Iterator[Section]:
    """Sections by (state, path): each object once, its privileges joined."""
    _, things = listing.everything()
    groups: dict[tuple[State, str], dict[Securable, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    told = {each.title: each for each in things}
    for record in listing.records([who], things, brief=True):
        for via in record.via:
            word = record.privilege + "*" * record.grantable
            groups[State(record.state), via][told[record.object]].append(word)
    order = list(State)
    for state, via in sorted(groups, key=lambda key: (order.index(key[0]), len(key[1]), key[1])):
        entries = tuple(
            Entry(thing.title, ", ".join(words), MARKS[state],
                  asked=ask(who, thing, words[0].rstrip("*")))
            for thing, words in groups[state, via].items()
        )  # fmt: skip
        heading = "Granted to it directly" if via == who.label else via
        yield Section(heading, entries, "" if state is State.EFFECTIVE else _NOTES[state])


_NOTES = NOTES | {State.BLOCKED: "held, but the account is locked, or from some hosts only"}


def audience(listing: Listing, on: Securable, ask: Ask, number: Number) -> Iterator[Section]:
    """Who can reach an object, by the kind of way."""
    ways: dict[str, dict[tuple[Who, str], list[str]]] = {title: {} for title in _WAYS}
    for account in listing.facts.accounts:
        for word, standing in listing.standings.of(account.who, on).items():
            for line in standing.via:
                title = _way(account.who, standing, line)
                ways[title].setdefault((account.who, line), []).append(word)
    for title, found in ways.items():
        entries = [
            Entry(
                line, ", ".join(ordered(words)), _WAYS[title],
                asked=ask(who, on, ordered(words)[0]), role=number(who),
            )
            for (who, line), words in sorted(found.items())
        ]  # fmt: skip
        if entries:
            yield Section(title, tuple(entries))
        if title == "Through a role":
            yield from _columns(listing, on, ask, number)
            yield from _around(listing, on, ask, number)


_WAYS = {
    "PUBLIC": Mark.YES,
    "Granted to the account": Mark.YES,
    "Through a role": Mark.YES,
    "After SET ROLE": Mark.LATENT,
    "Held, but blocked": Mark.NO,
    "Could help themselves": Mark.PARTLY,
}
_OF_STATE = {
    State.LATENT: "After SET ROLE",
    State.BLOCKED: "Held, but blocked",
    State.ESCALATABLE: "Could help themselves",
}


def _way(who: Who, standing: Standing, line: str) -> str:
    title = _OF_STATE.get(standing.state)
    if title is not None:
        return title
    if who == EVERYBODY or " → PUBLIC" in line:
        return "PUBLIC"
    return "Through a role" if " → " in line else "Granted to the account"


def _columns(listing: Listing, on: Securable, ask: Ask, number: Number) -> Iterator[Section]:
    entries: list[Entry] = []
    for column in listing.model.columns_of(on):
        for account in listing.facts.accounts:
            whole = listing.standings.of(account.who, on)
            for word, standing in listing.standings.of(account.who, column).items():
                if standing.state is State.EFFECTIVE and word not in whole:
                    text = f"{word} ({column.column})"
                    asked = ask(account.who, column, word)
                    entries += [
                        Entry(line, text, Mark.PARTLY, asked=asked, role=number(account.who))
                        for line in standing.via
                    ]
    if entries:
        yield Section("On some columns only", tuple(entries))


def _around(listing: Listing, on: Securable, ask: Ask, number: Number) -> Iterator[Section]:
    """Those who see its rows with the rights of somebody else."""
    for sort in Sort:
        detours = [each for each in listing.detours.to(on) if each.sort is sort]
        entries = [entry for each in sorted(detours, key=lambda way: way.text)
                   for entry in _through(listing, on, each, ask, number)]  # fmt: skip
        if entries:
            yield Section(sort.value, tuple(entries), HINTS.get(sort, ""))


def _through(
    listing: Listing, on: Securable, detour: Detour, ask: Ask, number: Number
) -> Iterator[Entry]:
    """Who gets through; those that read the object by themselves are only counted."""
    entries: list[Entry] = []
    also = 0
    for who in sorted(each.who for each in listing.facts.accounts):
        place = listing.detours.entered(who, detour)
        if place is None:
            continue
        standing = listing.standings.of(who, on).get("SELECT")
        if standing is not None and standing.state is State.EFFECTIVE:
            also += 1
            continue
        note = f"{detour.word} there, not here"
        mark = Mark.PARTLY if detour.sort is Sort.UNSEEN else Mark.YES
        asked = ask(who, place, detour.word)
        entries.append(Entry(who.label, note, mark, 1, asked, number(who)))
    if also:
        others = "1 account that reads" if also == 1 else f"{also} accounts that read"
        entries.append(Entry(f"and {others} it anyway", depth=1))
    if entries:
        yield Entry(detour.text, mark=Mark.PARTLY)
        yield from entries
