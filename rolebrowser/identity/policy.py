"""The evaluator's terms: what is asked of which policies, and the answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum

from rolebrowser.frozen import dataclass
from rolebrowser.identity.policy_condition import Context
from rolebrowser.identity.policy_document import Policy
from rolebrowser.identity.policy_principal import Principal


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
