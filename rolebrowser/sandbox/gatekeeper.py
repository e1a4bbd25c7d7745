"""What the sandbox allows: rolebrowser's evaluator on the documents moto's IAM has now.

Where a person's machine knows little of a request, the sandbox knows every context key: nothing is
unknown here. What the sandbox then does is what claims are held against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rolebrowser.identity import policy_principal
from rolebrowser.identity.policy import Answer, Decision, Level, Policies, Request, Source
from rolebrowser.identity.policy_case import evaluate
from rolebrowser.identity.policy_condition import context
from rolebrowser.identity.policy_document import Policy, parse
from rolebrowser.sandbox import moto_world
from rolebrowser.sandbox.ledger import Credential

_KINDS = {
    Source.IDENTITY: "identity-based policy",
    Source.RESOURCE: "resource-based policy",
    Source.BOUNDARY: "permissions boundary",
    Source.SESSION: "session policy",
    Source.SCP: "service control policy",
    Source.RCP: "resource control policy",
}


def find_role(arn: str) -> Any:
    """moto's role of an ARN, or None."""
    backend = moto_world.iam(account_of(arn) or "000000000000")
    return next((role for role in backend.roles.values() if role.arn == arn), None)


def account_of(arn: str) -> str:
    """The account in an ARN; empty when it has none."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""


def name_of(arn: str) -> str:
    """What stands behind an ARN's last slash."""
    return arn.rsplit("/", 1)[-1]


def holder_of(principal: str, role: str = "") -> Any:
    """moto's role, or user, of a caller; None when there is none any more."""
    if role:
        return find_role(role)
    return moto_world.iam(account_of(principal)).users.get(name_of(principal))


def decide(
    caller: Credential,
    action: str,
    resource: str,
    now: datetime,
    *,
    mfa: bool | None = None,
    sent: Mapping[str, str] | None = None,
    role: Any = None,
    scps: Sequence[Level] = (),
) -> Answer:
    """What the policies say of a caller's request.

    Args:
        mfa: a code that came with the request; None = what the credential has.
        sent: context keys of what is sent along.
        role: moto's role that is to be assumed.
        scps: of the caller's account.
    """
    values = _context(caller, caller.mfa if mfa is None else mfa, now) | dict(sent or {})
    if role is not None:
        for tag in role.tags:
            values |= {f"{kind}:ResourceTag/{tag['Key']}": tag["Value"] for kind in ("aws", "iam")}
    who = policy_principal.parse(caller.principal, caller.role)
    holder = holder_of(caller.principal, caller.role)
    session = tuple(parse("session policy", each) for each in caller.session_policies)
    return evaluate(
        Request(who, action, resource, context=context(values)),
        Policies(
            identity=identity_policies(holder),
            boundary=boundary_of(holder),
            session=session or None,
            resource=None if role is None else trust_of(role),
            scps=scps,
        ),
    )


def federated(role: Any, provider: str, action: str, values: Mapping[str, str]) -> bool:
    """Whether a role's trust policy lets an identity provider's people in."""
    request = Request(policy_principal.parse(provider), action, role.arn, context=context(values))
    answer = evaluate(request, Policies(resource=trust_of(role)))
    return answer.decision is Decision.ALLOW


def refusal(answer: Answer, action: str) -> str:
    """Why, in AWS's words: what follows "is not authorized to perform: …"."""
    reason = answer.reasons[0] if answer.reasons else None
    kind = _KINDS[reason.source if reason else Source.IDENTITY]
    if answer.explicit:
        article = "an" if kind[0] == "i" else "a"
        return f"with an explicit deny in {article} {kind}"
    return f"because no {kind} allows the {action} action"


def identity_policies(holder: Any) -> tuple[Policy, ...]:
    """Inline and managed policies of a role or a user, and of the user's groups."""
    if holder is None:
        return ()
    found = [parse(name, text) for name, text in _inline(holder)]
    found += [parse(held.name, _default(held)) for held in holder.managed_policies.values()]
    backend = moto_world.iam(account_of(holder.arn))
    if ":user/" in holder.arn:
        for group in backend.get_groups_for_user(holder.name):
            found += identity_policies(group)
    return tuple(found)


def boundary_of(holder: Any) -> tuple[Policy, ...] | None:
    """The permissions boundary of a role; moto knows none of users."""
    arn = getattr(holder, "permissions_boundary_arn", None)
    if not arn:
        return None
    held = moto_world.iam(account_of(holder.arn)).managed_policies[arn]
    return (parse(held.name, _default(held)),)


def trust_of(role: Any) -> Policy:
    """A role's trust policy."""
    return parse("trust policy", role.assume_role_policy_document)


def _inline(holder: Any) -> list[tuple[str, Any]]:
    if isinstance(holder.policies, Mapping):
        return list(holder.policies.items())
    return [(each["policy_name"], each["policy_document"]) for each in holder.policies]


def _default(held: Any) -> Any:
    return next(each.document for each in held.versions if each.is_default)


def _context(caller: Credential, mfa: bool | None, now: datetime) -> dict[str, object]:
    """aws:MultiFactorAuthPresent is absent for long-term keys, aws:username for roles."""
    values: dict[str, object] = {
        "aws:PrincipalAccount": caller.account,
        "aws:PrincipalArn": caller.role or caller.principal,
        "aws:PrincipalType": "AssumedRole" if caller.role else "User",
        "aws:PrincipalIsAWSService": False,
        "aws:ViaAWSService": False,
        # The sandbox stands for endpoints that are reached over TLS, from this machine.
        "aws:SecureTransport": True,
        "aws:SourceIp": "127.0.0.1",
        "aws:CurrentTime": now.isoformat(),
        "aws:EpochTime": str(int(now.timestamp())),
    }
    if mfa is not None:
        values["aws:MultiFactorAuthPresent"] = mfa
        if mfa:
            values["aws:MultiFactorAuthAge"] = "0"
    if not caller.role:
        values["aws:username"] = name_of(caller.principal)
    if caller.issued_at is not None:
        values["aws:TokenIssueTime"] = caller.issued_at.isoformat()
    for tag in _tags(caller):
        values[f"aws:PrincipalTag/{tag['Key']}"] = tag["Value"]
    return values


def _tags(caller: Credential) -> list[Mapping[str, str]]:
    holder = holder_of(caller.principal, caller.role)
    if holder is None:
        return []
    if caller.role:
        return holder.tags
    return moto_world.iam(caller.account).list_user_tags(holder.name)
