"""sts:GetCallerIdentity, which no policy can deny: who a session is, and what time AWS has."""

from __future__ import annotations

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.frozen import dataclass
from rolebrowser.identity.aws_errors import clock_off, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Identity, Session


@dataclass(frozen=True, slots=True)
class Who:
    """AWS's answer.

    Attributes:
        off: seconds by which this machine's clock is ahead of AWS's, by the answer's Date header;
            None when it told no time.
    """

    identity: Identity
    off: float | None


def ask(session: Session, *, cancel: Cancel | None = None, seconds: float = 15.0) -> Who:
    """Ask AWS.

    Raises:
        SessionExpired, CredentialsError, AwsError, TimedOut, Cancelled.
    """
    what = "Asking AWS who this session is"

    def work() -> Who:
        with translated(what, profile=session.profile):
            answer = session_client(session, "sts").get_caller_identity()
        identity = Identity(answer["Account"], answer["Arn"], answer["UserId"])
        return Who(identity, clock_off(answer))

    return bounded(work, cancel=cancel, limit=seconds, what=what, fix="Is AWS reachable?")
