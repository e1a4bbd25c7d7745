"""The evaluator: policy documents and a request → allow, deny or unknown, and why. Pure.

Source: IAM User Guide, "Policy evaluation logic", within one account and across accounts.
"""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.identity.policy import Answer, Decision, Policies, Reason, Request, Source
from rolebrowser.identity.policy_document import Policy
from rolebrowser.identity.policy_match import Said, examine
from rolebrowser.identity.policy_principal import Named
from rolebrowser.identity.truth import Truth, every, some, truth

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
        free = request.principal.service_linked
        scps = policies.scps if own and not free else ()
        rcps = () if free else policies.rcps
        self.scps = [examine(Source.SCP, level.policies, request) for level in scps]
        self.rcps = [examine(Source.RCP, level.policies, request) for level in rcps]
        self.hidden = [
            Reason(source, "", None, "", "", _UNREAD[source])
            for source in sorted(policies.unreadable)
        ]
        self.scp_hidden = own and not free and Source.SCP in policies.unreadable

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
