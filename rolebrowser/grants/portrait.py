"""One role: what it is, whose member it is, who its members are, and all it can do, by path.

Pure. What it can do is grouped by the path it comes through, the plain ones first; an object that
is reached in several ways stands under each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rolebrowser.connection.names import quoted
from rolebrowser.grants.explain import rds_iam_path
from rolebrowser.grants.facts import Role
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.membership import Edge
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.picture import Entry, Mark, Section
from rolebrowser.grants.privileges import BITS, PUBLIC, WORDS
from rolebrowser.grants.question import Question

MARKS = {
    State.EFFECTIVE: Mark.YES,
    State.INDIRECT: Mark.YES,
    State.BLOCKED: Mark.NO,
    State.LATENT: Mark.LATENT,
    State.ESCALATABLE: Mark.PARTLY,
}
NOTES = {
    State.EFFECTIVE: "",
    State.INDIRECT: "its rows, with the rights of somebody else",
    State.BLOCKED: "held, but something is in the way",
    State.LATENT: "only after SET ROLE",
    State.ESCALATABLE: "could be granted to itself",
}


def portrait(listing: Listing, role: int) -> tuple[Section, ...]:
    """Everything about a role.

    Args:
        role: its number in the model.
    """
    model = listing.model
    return (
        Section(quoted(model.roles[role].name), tuple(_attributes(listing, role))),
        *tree(model, role),
        *_by_path(listing, role),
    )


def everybody(listing: Listing) -> tuple[Section, ...]:
    """What PUBLIC, and so every role, has."""
    model = listing.model
    held = model.given(PUBLIC)[0]
    _, places = listing.everything()
    numbers = listing.numbers(places)
    kinds: dict[str, list[Entry]] = defaultdict(list)
    for title, place in sorted(numbers.items()):
        given = [WORDS[bit] for bit in WORDS if held.get(bit, 0) >> place & 1]
        if given:
            kind = model.securables[place].kind.value
            kinds[f"{kind}s"].append(Entry(title, ", ".join(given), Mark.YES))
    about = Entry("Every role has what is granted to PUBLIC, and none can be kept from it.")
    return (
        Section("PUBLIC", (about,)),
        *(Section(title, tuple(entries)) for title, entries in sorted(kinds.items())),
    )


# ── what it is ───────────────────────────────────────────────────────────────────────────────


def _attributes(listing: Listing, number: int) -> Iterator[Entry]:
    role = listing.model.roles[number]
    if role.superuser:
        yield Entry("Superuser: no privilege and no policy binds it.", mark=Mark.YES)
    yield _login(listing, number, role)
    for holds, sentence in (
        (role.createrole, "It may create roles (CREATEROLE)."),
        (role.createdb, "It may create databases (CREATEDB)."),
        (role.replication, "It may replicate (REPLICATION)."),
        (role.bypassrls, "Row-level security doesn't bind it (BYPASSRLS)."),
        (not role.inherit, "It is NOINHERIT: what it joins, it must SET ROLE to."),
    ):
        if holds:
            yield Entry(sentence, mark=Mark.PARTLY)
    if role.valid_until and role.valid_until != "infinity":
        yield Entry(f"Its password is valid until {role.valid_until}.", mark=Mark.PARTLY)


def _login(listing: Listing, number: int, role: Role) -> Entry:
    if not role.login:
        return Entry("It can't log in: a group, or an owner.", mark=Mark.PARTLY)
    if role.connection_limit == 0:
        return Entry("It may log in, but is allowed no connections.", mark=Mark.NO)
    limit = f", {role.connection_limit} connections at most" * (role.connection_limit > 0)
    iam = rds_iam_path(listing, number)
    if iam:
        return Entry(f"It can log in only with an IAM token{limit}.", iam, Mark.YES)
    return Entry(f"It can log in{limit}.", mark=Mark.YES)


# ── memberships ──────────────────────────────────────────────────────────────────────────────


def tree(model: Model, role: int) -> Iterator[Section]:
    """The memberships of a role upwards and downwards, with the options of each."""
    graph = model.memberships
    for title, edges, end in (
        ("Member of", graph.up, "role"),
        ("Its members", graph.down, "member"),
    ):
        branches = tuple(_branches(model, edges, end, role, "", set()))
        if branches:
            yield Section(title, branches)


def _branches(
    model: Model, edges: list[list[Edge]], end: str, role: int, guide: str, seen: set[int]
) -> Iterator[Entry]:
    """Depth first; what was shown already is only named again."""
    here = sorted(edges[role], key=lambda edge: model.roles[getattr(edge, end)].name)
    for place, edge in enumerate(here):
        last = place == len(here) - 1
        other: int = getattr(edge, end)
        again = other in seen and bool(edges[other])
        name = quoted(model.roles[other].name) + (" (as above)" if again else "")
        note = options(model, edge)
        yield Entry(f"{guide}{'└─' if last else '├─'} {name}", note, _mark(edge), role=other)
        if not again:
            seen.add(other)
            deeper = guide + ("   " if last else "│  ")
            yield from _branches(model, edges, end, other, deeper, seen)


def _mark(edge: Edge) -> Mark:
    if edge.inherit:
        return Mark.YES
    return Mark.LATENT if edge.set else Mark.NO


def options(model: Model, edge: Edge) -> str:
    """A membership's options and grantors: "INHERIT, SET · by dbadmin"."""
    words = [word for word, holds in (("ADMIN", edge.admin), ("INHERIT", edge.inherit),
                                      ("SET", edge.set)) if holds]  # fmt: skip
    given = ", ".join(words) or "no option: it gives nothing"
    by = ", ".join(quoted(model.facts.role_name(oid)) for oid in edge.grantors)
    return f"{given} · by {by}" if by else f"{given} · as the database's owner"


# ── what it can do ───────────────────────────────────────────────────────────────────────────


def _by_path(listing: Listing, role: int) -> Iterator[Section]:
    """Sections by (state, path): each object once, its privileges joined."""
    _, places = listing.everything()
    groups: dict[tuple[State, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record in listing.records([role], places, brief=True):
        for via in record.via:
            word = record.privilege + "*" * record.grantable
            groups[State(record.state), via][record.object].append(word)
    numbers = listing.numbers(places)
    states = list(State)
    for state, via in sorted(groups, key=lambda key: (states.index(key[0]), len(key[1]), key[1])):
        entries = tuple(
            Entry(
                title,
                ", ".join(privileges),
                MARKS[state],
                asked=Question(role, numbers[title], BITS[privileges[0].rstrip("*")]),
            )
            for title, privileges in groups[state, via].items()
        )
        yield Section(_heading(listing.model, role, via), entries, NOTES[state])


def _heading(model: Model, role: int, via: str) -> str:
    return "Granted to it directly" if via == quoted(model.roles[role].name) else via
