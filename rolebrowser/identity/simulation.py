"""iam:SimulatePrincipalPolicy: AWS's own word on what a principal's policies allow.

It knows identity policies, the boundary and the organisation's policies, but no trust policies,
and takes no assumed-role ARN (IAM API Reference, SimulatePrincipalPolicy).
"""

from __future__ import annotations

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session
from rolebrowser.identity.trust import Caller


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
) -> str:
    """ "allowed", "explicitDeny" or "implicitDeny".

    Raises:
        AwsError: it may not be asked, or there is no such principal. TimedOut, Cancelled.
    """
    what = "Asking AWS to simulate the policies (iam:SimulatePrincipalPolicy)"

    def work() -> str:
        with translated(what, profile=session.profile):
            answer = session_client(session, "iam").simulate_principal_policy(
                PolicySourceArn=source, ActionNames=[action], ResourceArns=[resource]
            )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    return bounded(work, cancel=cancel, limit=seconds, what=what, fix="Is AWS reachable?")
