"""Which statements speak of a request, source by source: a match, a near miss or unknown. Pure.

Source: IAM User Guide, "IAM JSON policy elements reference". Where a document can't be understood
the answer is unknown, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rolebrowser.frozen import dataclass
from rolebrowser.identity import policy_pattern as pattern
from rolebrowser.identity.policy import Reason, Request, Source
from rolebrowser.identity.policy_condition import holds
from rolebrowser.identity.policy_document import Policy, Statement
from rolebrowser.identity.policy_principal import Named, named
from rolebrowser.identity.truth import Truth, some, truth


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that matches, or may.

    Attributes:
        name: how directly it names the caller.
    """

    policy: str
    statement: Statement
    match: Truth
    name: Named
    why: str = ""

    def reason(self, source: Source) -> Reason:
        each = self.statement
        return Reason(source, self.policy, each.index, each.sid, each.effect, self.told)

    @property
    def told(self) -> str:
        """What it does, in words."""
        return self.why or {"Allow": "allows it", "Deny": "denies it"}[self.statement.effect]


@dataclass(frozen=True, slots=True)
class Said:
    """What the policies of one source say of a request."""

    source: Source
    hits: tuple[Hit, ...] = ()
    near: tuple[Hit, ...] = ()
    broken: tuple[Reason, ...] = ()

    def allows(self, least: Named = Named.NOT) -> Truth:
        """Whether a statement allows it, naming the caller at least so directly."""
        found = some(h.match for h in self.hits if may(h, "Allow") and h.name >= least)
        return found | Truth.UNKNOWN if self.broken else found

    @property
    def denies(self) -> Truth:
        """Whether a statement denies it."""
        found = some(h.match for h in self.hits if may(h, "Deny"))
        return found | Truth.UNKNOWN if self.broken else found

    def reasons(self, effect: str, match: Truth = Truth.YES) -> list[Reason]:
        """The statements of an effect that match so."""
        found = [h.reason(self.source) for h in self.hits if may(h, effect) and h.match == match]
        return found + (list(self.broken) if match is Truth.UNKNOWN else [])

    @property
    def missing(self) -> list[Reason]:
        """Why nothing is allowed: what came near, else that nothing speaks of it."""
        found = [h.reason(self.source) for h in self.near if h.statement.effect == "Allow"]
        what = {
            Source.RESOURCE: "the resource's policy does not name the caller",
            Source.IDENTITY: "no identity policy allows it",
            Source.BOUNDARY: "the permissions boundary does not allow it",
            Source.SESSION: "the session policy does not allow it",
            Source.SCP: "a service control policy does not allow it",
            Source.RCP: "a resource control policy does not allow it",
        }[self.source]
        return found or [Reason(self.source, "", None, "", "", what)]


def may(hit: Hit, effect: str) -> bool:
    """Whether a statement has that effect, or one that can't be read."""
    return hit.statement.effect in (effect, "")


def examine(
    source: Source, policies: Iterable[Policy], request: Request, bounded: Truth = Truth.NO
) -> Said:
    """What the policies of one source say of a request.

    Args:
        bounded: whether the caller has a permissions boundary.
    """
    hits: list[Hit] = []
    near: list[Hit] = []
    broken: list[Reason] = []
    for policy in policies:
        if policy.problem:
            broken.append(Reason(source, policy.name, None, "", "", policy.problem))
        for statement in policy.statements:
            hit = _match(source, policy.name, statement, request, bounded)
            if hit.match is not Truth.NO:
                hits.append(hit)
            elif hit.why:
                near.append(hit)
    return Said(source, tuple(hits), tuple(near), tuple(broken))


def _match(
    source: Source, policy: str, statement: Statement, request: Request, bounded: Truth
) -> Hit:
    """Whether a statement speaks of the request; `why` tells what a near miss lacked."""
    name = _names(source, statement, request)
    match, why = Truth.YES, ""
    if name is Named.NOT and _has_principal(source) and not statement.problem:
        # Source: IAM User Guide, "NotPrincipal", key points.
        spared = statement.not_principals is not None and statement.effect == "Deny"
        match, name = (bounded if spared else Truth.NO), Named.DIRECT
        why = "NotPrincipal with Deny never spares who has a permissions boundary"
    if match is not Truth.NO:
        about = _speaks_of(statement, request)
        if about is Truth.UNKNOWN:
            why = "a variable in its resources has a value that is not known here"
        match &= about
    if match is Truth.NO:
        return Hit(policy, statement, match, name)
    for condition in statement.conditions:
        result, text = holds(condition, request.context, variables=statement.variables)
        if result < match:
            match, why = result, text
    if match is Truth.NO:
        return Hit(policy, statement, match, name, why)
    problem = statement.problem or _misplaced(source, statement)
    if problem:
        return Hit(policy, statement, Truth.UNKNOWN, max(name, Named.DIRECT), problem)
    return Hit(policy, statement, match, name, why)


def _has_principal(source: Source) -> bool:
    return source is Source.RESOURCE or source is Source.RCP


def _names(source: Source, statement: Statement, request: Request) -> Named:
    if not _has_principal(source):
        return Named.DIRECT
    if statement.principals is not None:
        return named(statement.principals, request.principal)
    if statement.not_principals is not None:
        listed = named(statement.not_principals, request.principal)
        return Named.DIRECT if listed is Named.NOT else Named.NOT
    return Named.NOT


def _speaks_of(statement: Statement, request: Request) -> Truth:
    """Whether a statement is about the request's action and resource."""

    def acts(entry: str) -> Truth:
        return truth(pattern.action(entry, request.action))

    def names(entry: str) -> Truth:
        if not statement.variables or "${" not in entry:
            return truth(pattern.resource(entry, request.resource))
        return pattern.known(
            lambda filled: pattern.resource(entry, request.resource, filled),
            request.context.variables,
        )

    about = _listed(statement.actions, statement.not_actions, acts)
    if about is Truth.NO:
        return about
    return about & _listed(statement.resources, statement.not_resources, names)


def _listed(
    entries: Iterable[str] | None, others: Iterable[str] | None, matches: Callable[[str], Truth]
) -> Truth:
    """Whether an element speaks of something; a missing one speaks of everything."""
    if entries is not None:
        return some(map(matches, entries))
    return ~some(map(matches, others or ()))


def _misplaced(source: Source, statement: Statement) -> str:
    """What a statement of this kind of policy must not have, or lacks."""
    has_principal = statement.principals is not None or statement.not_principals is not None
    if _has_principal(source):
        return "" if has_principal else "The statement names no Principal."
    if has_principal:
        return "Principal has no place in this kind of policy."
    if statement.resources is None and statement.not_resources is None:
        return "Neither Resource nor NotResource."
    return ""
