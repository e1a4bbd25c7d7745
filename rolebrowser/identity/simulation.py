"""iam:SimulatePrincipalPolicy: AWS's own word on what a principal's policies allow.

It knows identity policies, the boundary and the organisation's policies, but no trust policies,
and takes no assumed-role ARN (IAM API Reference, SimulatePrincipalPolicy).
"""

from __future__ import annotations

from dataclasses import dataclass

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session
from rolebrowser.identity.trust import Caller


@dataclass(frozen=True, slots=True)
class Simulated:
    """How a simulation ended.

    Attributes:
        decision: "allowed", "explicitDeny" or "implicitDeny".
        by_organization: it is the organization's policies that don't allow it.
    """

    decision: str
    by_organization: bool = False


def source_arn(caller: Caller | None, arn: str) -> str:
    """What to ask about for a session: its role.

    Args:
        caller: what is known of it; its role's whole ARN, where GetRole was allowed.
        arn: as GetCallerIdentity gives it; a role's path is missing there, and is left out.
    """
    if caller is not None and caller.principal.role_arn:
        return caller.principal.role_arn
    head, assumed, rest = arn.partition(":assumed-role/")
    if not assumed:
        return arn
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.split('/')[0]}"


def simulate(
    session: Session,
    source: str,
    action: str,
    resource: str,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
) -> Simulated:
    """AWS's word on one request.

    Raises:
        AwsError: it may not be asked, or there is no such principal. TimedOut, Cancelled.
    """
    what = "Asking AWS to simulate the policies (iam:SimulatePrincipalPolicy)"

    def work() -> Simulated:
        with translated(what, profile=session.profile):
            answer = session_client(session, "iam").simulate_principal_policy(
                PolicySourceArn=source, ActionNames=[action], ResourceArns=[resource]
            )
        found = answer["EvaluationResults"][0]
        organization = found.get("OrganizationsDecisionDetail") or {}
        allowed = organization.get("AllowedByOrganizations", True)
        return Simulated(str(found["EvalDecision"]), by_organization=not allowed)

    return bounded(work, cancel=cancel, limit=seconds, what=what, fix="Is AWS reachable?")
