"""What would give a role a privilege, or take it away: the statements, tried on the model.

Pure; nothing here runs anything. To give: CONNECT and USAGE included where they are missing. To
take away: every path is cut, or it changes nothing ("revoking from bob changes nothing: PUBLIC has
it"), in two ways to choose from: at the object, which others feel, or at the role, which takes
more from it.

For the terminal UI: `giving(...)` and `taking(...)` give a `Fix`; draw its `sentences`, then each
of `at_once` and `plans` with its `title`, `statements` (for the editor, never to be run unasked)
and `notes`.
"""

from __future__ import annotations

from collections.abc import Iterable

from rolebrowser.connection.names import quoted
from rolebrowser.frozen import dataclass
from rolebrowser.grants import bitset, joining, operations
from rolebrowser.grants.entitled import who_may
from rolebrowser.grants.explain import Gate, state_of, why
from rolebrowser.grants.facts import Role, Securable
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.joining import counted
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.operations import Grant, Leave, Operation, Revoke
from rolebrowser.grants.paths import Path, Why
from rolebrowser.grants.privileges import CONNECT, PUBLIC, SELECT, USAGE, WORDS, Kind

AT_ONCE = 3
"""Roles to be set that are offered."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Statements that do it.

    Attributes:
        reached: on the model they do what was asked.
        notes: what else they do, and what they need.
        operations: what `operations.apply` was tried with; () of MySQL, whose steps are others.
    """

    title: str
    statements: tuple[str, ...]
    reached: bool
    notes: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """The answer.

    Attributes:
        sentences: what there is to know before choosing.
        plans: none where nothing needs to be done, or no statement can do it.
        at_once: what it can do itself, in a session of its own: nothing has to be granted.
    """

    sentences: tuple[str, ...]
    plans: tuple[Plan, ...]
    at_once: tuple[Plan, ...] = ()


def set_role(names: Iterable[str]) -> tuple[Plan, ...]:
    """SET ROLE as what gives a right, the nearest few.

    Args:
        names: of the roles that have it, as SQL takes them.
    """
    note = "In a session of its own, until the next SET ROLE."
    chosen = list(dict.fromkeys(names))[:AT_ONCE]
    return tuple(Plan(f"Set the role {n}", (f"SET ROLE {n};",), True, (note,)) for n in chosen)


def giving(listing: Listing, role: int, place: int, privilege: int) -> Fix:
    """How the role would come to a privilege: granted, or through a role that has it."""
    model = listing.model
    title = _title(model, role, place, privilege)
    if state_of(model, role, place, privilege) is State.EFFECTIVE:
        return Fix((f"{title}: it has it already.", *_rows(listing, role, place, privilege)), ())
    securable = model.securables[place]
    wanted = [
        Grant(each, bit, model.roles[role].oid) for each, bit in _needed(listing, role, securable)
    ]
    if not model.held(role).get(privilege, 0) >> place & 1:
        wanted.append(Grant(securable, privilege, model.roles[role].oid))
    plans = [_plan(listing, "Grant it", wanted, (role, place, privilege))]
    plans += _memberships(listing, role, place, privilege)
    sentences = list(_rows(listing, role, place, privilege))
    if model.guarded_catalog(securable) and not plans[0].reached:
        sentences.append("No grant helps: only superusers write to the catalogs.")
        plans = []
    if not model.roles[role].login:
        sentences.append(f"{quoted(model.roles[role].name)} can't log in itself.")
    schema = securable.schema
    names = (
        quoted(model.roles[path.acting].name)
        for path in listing.paths.latent(role, place, privilege)
        # Who comes as somebody else sets roles by that one's memberships.
        if model.roles[role].login and path.acting != role and not listing.obstacle(path, schema)
    )
    return Fix(tuple(sentences), tuple(plans), set_role(names))


def _needed(listing: Listing, role: int, securable: Securable) -> Iterable[tuple[Securable, int]]:
    model = listing.model
    database = model.number.get((Kind.DATABASE, model.facts.database, 0))
    if database is not None and not model.may_connect(role):
        yield model.securables[database], CONNECT
    schema = model.number.get((Kind.SCHEMA, securable.schema, 0))
    if schema is not None and not listing.uses(role, securable.schema):
        yield model.securables[schema], USAGE


def _memberships(listing: Listing, role: int, place: int, privilege: int) -> list[Plan]:
    """Roles whose membership would do it, or does it as soon as it is inherited."""
    asked = (role, place, privilege)
    offers = joining.offers(listing.model, *asked)
    plans = [_plan(listing, each.title, each.steps, asked, each.notes) for each in offers]
    return [plan for plan in plans if plan.reached]


def taking(listing: Listing, role: int, place: int, privilege: int) -> Fix:
    """How the role would lose a privilege, also the one it could come to by SET ROLE."""
    model = listing.model
    title = _title(model, role, place, privilege)
    paths = listing.paths.of(role, place, privilege) + listing.paths.latent(role, place, privilege)
    if not paths:
        return Fix((f"{title}: it hasn't got it.",), ())
    sentences = list(dict.fromkeys(_remarks(listing, paths, place, privilege)))
    if any(path.source.why is Why.SUPERUSER for path in paths):
        return Fix(tuple(sentences), ())
    asked = (role, place, privilege)
    at_object = _at_object(model, paths, place, privilege)
    at_role = _at_role(model, paths, place, privilege)
    plans: list[Plan] = []
    if at_object:
        notes = _others_losing(listing, at_object, asked)
        plans.append(_plan(listing, "At the object", at_object, asked, notes, taking=True))
    if at_role and at_role != at_object:
        notes = _role_losing(listing, at_role, asked)
        plans.append(_plan(listing, "At the role", at_role, asked, notes, taking=True))
    return Fix(tuple(sentences), tuple(plan for plan in plans if plan.reached) or tuple(plans))


def _remarks(listing: Listing, paths: Iterable[Path], place: int, privilege: int) -> Iterable[str]:
    model = listing.model
    word = WORDS[privilege]
    title = object_name(model.facts, model.securables[place])
    paths = tuple(paths)
    name = quoted(model.roles[paths[0].role].name)
    direct = any(not path.hops and path.source.why is Why.GRANTED for path in paths)
    for path in paths:
        source, last = path.source, quoted(model.roles[path.last].name)
        if source.why is Why.SUPERUSER:
            yield f"{last} is superuser: no REVOKE takes anything from it."
        elif source.why is Why.PUBLIC:
            yield f"Revoking from {name} changes nothing: PUBLIC has {word} on {title}."
        elif source.why is Why.PREDEFINED:
            yield f"{last} may do so everywhere; only the membership can be taken away."
        elif source.why is Why.OWNER:
            yield f"{last} owns {title} and can grant itself whatever is revoked."
        elif path.hops and not direct:
            yield f"Revoking from {name} changes nothing: {last} has {word} on {title}."
        if source.table:
            yield "The privilege on the whole table gives it on every column."


def _at_object(model: Model, paths: Iterable[Path], place: int, privilege: int) -> list[Operation]:
    """Revoke each entry; leave what no entry gives."""
    steps: dict[Operation, None] = {}
    for path in paths:
        if path.source.why is Why.PREDEFINED:
            steps |= dict.fromkeys(_first_edges(model, path))
        elif path.source.entry is not None:
            steps[_revoke(model, path, place, privilege)] = None
    return list(steps)


def _at_role(model: Model, paths: Iterable[Path], place: int, privilege: int) -> list[Operation]:
    """Leave the roles that give it; revoke what was given to itself or to PUBLIC."""
    steps: dict[Operation, None] = {}
    for path in paths:
        leaving = _first_edges(model, path) if path.hops else []
        if leaving:
            steps |= dict.fromkeys(leaving)
        elif path.source.entry is not None:
            steps[_revoke(model, path, place, privilege)] = None
    return list(steps)


def _revoke(model: Model, path: Path, place: int, privilege: int) -> Revoke:
    entry = path.source.entry
    assert entry is not None
    securable = model.securables[place]
    if path.source.table:
        securable = model.securables[model.parents[place]]
    # What the grantee passed on goes only with CASCADE; without, the server refuses.
    passed_on = entry.grantable & privilege and any(
        each.grantor == entry.grantee and each.privileges & privilege
        for each in model.entries(securable)
    )
    return Revoke(securable, privilege, entry.grantee, entry.grantor, bool(passed_on))


def _first_edges(model: Model, path: Path) -> list[Operation]:
    """Leave the first role of a path; [] where no grant made the membership."""
    edge = path.hops[0].edge if path.hops else None
    if edge is None or not edge.grantors:
        return []
    member, role = model.roles[edge.member].oid, model.roles[edge.role].oid
    passed_on = any(row.role == role and row.grantor == member for row in model.facts.memberships)
    return [Leave(role, member, grantor, bool(passed_on)) for grantor in sorted(set(edge.grantors))]


def _others_losing(
    listing: Listing, steps: list[Operation], asked: tuple[int, int, int]
) -> tuple[str, ...]:
    model, after = listing.model, Model(operations.apply(listing.model.facts, steps))
    role, place, privilege = asked
    before_roles = Holders(model).held(place).get(privilege, 0)
    after_roles = Holders(after).held(place).get(privilege, 0)
    lost = before_roles & ~after_roles & ~(1 << role)
    notes: list[str] = []
    if lost:
        notes.append(_losers([model.roles[number] for number in bitset.members(lost)]))
    if any(isinstance(each, Revoke) and each.grantee == PUBLIC for each in steps):
        notes.append("Every role made from now on loses it as well.")
    return tuple(notes)


def _losers(roles: list[Role]) -> str:
    """`3 other roles lose it too: a, b, c; so do 12 of the server's own.`"""
    names = sorted(quoted(each.name) for each in roles if not each.predefined)
    own = len(roles) - len(names)
    parts: list[str] = []
    if names:
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        others = "1 other role loses" if len(names) == 1 else f"{len(names)} other roles lose"
        parts.append(f"{others} it too: {shown}")
    if own:
        lose = "do" if names and own > 1 else "does" if names else "lose" if own > 1 else "loses"
        whose = f"{own} of the server's own"
        parts.append(f"so {lose} {whose}" if names else f"{whose} {lose} it too")
    return "; ".join(parts) + "."


def _role_losing(
    listing: Listing, steps: list[Operation], asked: tuple[int, int, int]
) -> tuple[str, ...]:
    model, after = listing.model, Model(operations.apply(listing.model.facts, steps))
    before, left = model.held(asked[0]), after.held(asked[0])
    lost = sum((having & ~left.get(bit, 0)).bit_count() for bit, having in before.items())
    once = model.states(asked[0]).get(State.LATENT, {})
    still = after.states(asked[0]).get(State.LATENT, {})
    further = sum(
        (having & ~left.get(bit, 0) & ~still.get(bit, 0)).bit_count()
        for bit, having in once.items()
    )
    if further and lost:
        return (f"It loses {counted(lost)} in all, and {further} that SET ROLE gave it.",)
    if further:
        return (f"It loses {counted(further)} that it could reach by SET ROLE.",)
    return (f"It loses {counted(lost)} in all.",)


def _plan(
    listing: Listing,
    title: str,
    steps: Iterable[Operation],
    asked: tuple[int, int, int],
    notes: tuple[str, ...] = (),
    *,
    taking: bool = False,
) -> Plan:
    """A plan, tried on the model."""
    steps = tuple(steps)
    facts = listing.model.facts
    changed = Model(operations.apply(facts, steps))
    after = state_of(changed, *asked)
    if taking and asked[2] == SELECT:
        around = Listing(changed).round_about(*asked[:2])
        notes += tuple(f"Its rows are still read round about: {line}." for line in around)
    reached = after in (None, State.ESCALATABLE) if taking else after is State.EFFECTIVE
    lines = tuple(operations.sql(facts, each) for each in steps)
    return Plan(title, lines, reached, notes + who_may(listing.model, steps), steps)


def _rows(listing: Listing, role: int, place: int, privilege: int) -> Iterable[str]:
    for passage in why(listing, role, place, privilege).gates:
        if passage.gate is Gate.ROWS and passage.passed is False:
            yield passage.sentence + " A policy for it is needed as well."
        if passage.gate is Gate.VIEW and passage.passed is False:
            yield passage.sentence + " No grant on the view helps."


def _title(model: Model, role: int, place: int, privilege: int) -> str:
    name = quoted(model.roles[role].name)
    return f"{name} {WORDS[privilege]} {object_name(model.facts, model.securables[place])}"
