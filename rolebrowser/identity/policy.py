"""The evaluator: policy documents and a request → allow, deny or unknown, and why. Pure.

Source: IAM User Guide, "Policy evaluation logic", within one account and across accounts. Where a
document can't be understood the answer is unknown, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rolebrowser.identity import policy_pattern as pattern
from rolebrowser.identity.policy_condition import Context, holds
from rolebrowser.identity.policy_document import Policy, Statement
from rolebrowser.identity.policy_principal import Named, Principal, named
from rolebrowser.identity.truth import Truth, every, some, truth


class Source(StrEnum):
    """Where a policy hangs."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"


class Decision(StrEnum):
    """The answer."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants to do what to what.

    Attributes:
        action: "service:Name".
        resource: an ARN, or "*" for actions that know none.
        resource_account: the resource's account; empty = the one in its ARN, else the caller's.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str = ""
    context: Context = field(default_factory=Context)

    @property
    def same_account(self) -> bool:
        """Whether caller and resource are of one account."""
        fields = self.resource.split(":", 5)
        account = self.resource_account or (fields[4] if len(fields) == 6 else "")
        return not account or account == self.principal.account


@dataclass(frozen=True, slots=True)
class Level:
    """Policies that hang at one place of an organization: the root, a unit, the account."""

    name: str
    policies: Sequence[Policy]


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that has a say. None = there is no such thing; an empty list = it allows nothing,
    but for the identity policies, where both are the same.

    Attributes:
        unreadable: sources that exist but could not be read: what they say is unknown.
    """

    identity: Sequence[Policy] = ()
    resource: Policy | None = None
    boundary: Sequence[Policy] | None = None
    session: Sequence[Policy] | None = None
    scps: Sequence[Level] = ()
    rcps: Sequence[Level] = ()
    unreadable: frozenset[Source] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement, or the want of one, that led to the answer.

    Attributes:
        policy: the policy's name; empty where no policy says anything.
        statement: its place in the policy, from 0; None for a whole policy or the want of one.
        effect: "Allow", "Deny", or empty.
        why: a sentence.
    """

    source: Source
    policy: str
    statement: int | None
    sid: str
    effect: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the evaluator found.

    Attributes:
        explicit: a Deny statement decided.
        reasons: what decided; for a missing allow also the statements that came near.
    """

    decision: Decision
    explicit: bool
    reasons: tuple[Reason, ...]


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


_UNREAD = {
    Source.IDENTITY: "the identity policies could not all be read",
    Source.RESOURCE: "the resource's policy could not be read",
    Source.BOUNDARY: "the permissions boundary could not be read",
    Source.SESSION: "the session policy could not be read",
    Source.SCP: "the service control policies could not be read",
    Source.RCP: "the resource control policies could not be read",
}


def evaluate(request: Request, policies: Policies) -> Answer:
    """Decide a request."""
    return Case(request, policies).answer()


class Case:
    """One request with everything that has a say, examined."""

    def __init__(self, request: Request, policies: Policies) -> None:
        self.request = request
        own = request.principal.has_policies
        self.bounded = truth(own and policies.boundary is not None)
        if own and Source.BOUNDARY in policies.unreadable:
            self.bounded |= Truth.UNKNOWN
        self.identity = self._said(Source.IDENTITY, policies.identity if own else (), policies)
        trusted = () if policies.resource is None else (policies.resource,)
        self.resource = self._said(Source.RESOURCE, trusted, policies)
        self.boundary = self._limit(Source.BOUNDARY, policies.boundary if own else None, policies)
        self.session = self._limit(Source.SESSION, policies.session if own else None, policies)
        scps = policies.scps if own else ()
        self.scps = [examine(Source.SCP, level.policies, request) for level in scps]
        self.rcps = [examine(Source.RCP, level.policies, request) for level in policies.rcps]
        self.hidden = [
            Reason(source, "", None, "", "", _UNREAD[source])
            for source in sorted(policies.unreadable)
        ]
        self.scp_hidden = own and Source.SCP in policies.unreadable

    def _said(self, source: Source, found: Sequence[Policy], policies: Policies) -> Said:
        said = examine(source, found, self.request, self.bounded)
        if source not in policies.unreadable:
            return said
        unread = Reason(source, "", None, "", "", _UNREAD[source])
        return Said(source, said.hits, said.near, (*said.broken, unread))

    def _limit(
        self, source: Source, found: Sequence[Policy] | None, policies: Policies
    ) -> Said | None:
        if found is None and source not in policies.unreadable:
            return None
        return self._said(source, found or (), policies)

    @property
    def everybody(self) -> list[Said]:
        limits = [each for each in (self.boundary, self.session) if each is not None]
        return [self.identity, self.resource, *limits, *self.scps, *self.rcps]

    def answer(self) -> Answer:
        denied = some(each.denies for each in self.everybody)
        if denied is Truth.YES:
            reasons = [r for each in self.everybody for r in each.reasons("Deny")]
            return Answer(Decision.DENY, True, tuple(reasons))
        granted = self._granted()
        organization = every(level.allows() for level in self.scps)
        if self.scp_hidden:
            organization &= Truth.UNKNOWN
        granted = granted & organization
        if granted is Truth.NO:
            return Answer(Decision.DENY, False, tuple(self._lacking()))
        if granted is Truth.YES and denied is Truth.NO:
            return Answer(Decision.ALLOW, False, tuple(self._allowing()))
        doubts = [
            reason
            for each in self.everybody
            for effect in ("Deny", "Allow")
            for reason in each.reasons(effect, Truth.UNKNOWN)
        ]
        return Answer(Decision.UNKNOWN, False, tuple(dict.fromkeys(doubts + self.hidden)))

    def _limits(self) -> Truth:
        return every(each.allows() for each in (self.boundary, self.session) if each is not None)

    def _granted(self) -> Truth:
        """Whether some way of granting is open."""
        resource, limits = self.resource, self._limits()
        if not self.request.principal.has_policies:
            return resource.allows(Named.DIRECT)
        own = self.own() & limits
        if not self.request.same_account:
            return resource.allows(Named.ACCOUNT) & own
        # A role or a key answers to its own policy: the account's policies count only where that
        # policy says so. Everything else is its account's to give.
        delegated = resource.allows(Named.ACCOUNT) if self.guarded else Truth.YES
        by_role = resource.allows(Named.ROLE) & limits
        return resource.allows(Named.DIRECT) | by_role | (delegated & own)

    def own(self) -> Truth:
        """Whether the caller's own policies allow it; the root user needs none."""
        if self.request.principal.kind == "root":
            return Truth.YES
        return self.identity.allows()

    @property
    def guarded(self) -> bool:
        """Whether the resource needs a policy of its own: a role to assume, or a KMS key."""
        service, _, name = self.request.action.lower().partition(":")
        if service == "sts":
            return ":role/" in self.request.resource or name.startswith("assumerole")
        return service == "kms" and ":key/" in self.request.resource

    def _allowing(self) -> list[Reason]:
        return [reason for each in self.everybody for reason in each.reasons("Allow")]

    def _lacking(self) -> list[Reason]:
        """Every gate that is shut."""
        lacking: list[Reason] = []
        for level in self.scps:
            if level.allows() is Truth.NO:
                lacking += level.missing
        for limit in (self.boundary, self.session):
            if limit is not None and limit.allows() is Truth.NO:
                lacking += limit.missing
        own = self.request.principal.has_policies
        if own and self.own() is Truth.NO:
            lacking += self.identity.missing
        needs_resource = self.guarded or not self.request.same_account or not own
        if needs_resource and self.resource.allows(Named.ACCOUNT) is Truth.NO:
            lacking += self.resource.missing
        return lacking
