"""What the doctor finds: checks, causes, and which of several failures is to blame. Pure.

The causes are those of shared/reference/rds-iam-auth.md, "Why it fails"; README's troubleshooting
is made from `TITLES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from rolebrowser.check import Status
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import redact


class CheckName(StrEnum):
    """The checks, in the order they are made."""

    CREDENTIALS = "credentials"
    DATABASE = "database"
    IAM_AUTH = "iam_auth"
    RESOURCE_ID = "resource_id"
    POLICY = "policy"
    DNS = "dns"
    TCP = "tcp"
    TRUST = "trust"
    TLS = "tls"
    CLOCK = "clock"
    TOKEN = "token"
    LOGIN = "login"
    USER = "user"
    CONNECT = "connect"


class Cause(StrEnum):
    """Why it can't work, as one word for scripts."""

    PROFILE = "profile"
    SESSION_EXPIRED = "session-expired"
    SSO_LOGIN = "sso-login"
    ASSUME_ROLE = "assume-role"
    MFA = "mfa"
    MFA_CODE = "mfa-code"
    DURATION = "duration"
    KEYS = "keys"
    CLOCK = "clock"
    REGION = "region"
    DESCRIBE = "describe-denied"
    ORGANISATION = "organisation"
    THROTTLED = "throttled"
    AWS = "aws-unreachable"
    NO_DATABASE = "no-database"
    OTHER_REGION = "other-region"
    STATUS = "status"
    DNS = "dns"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    ROUTE = "route"
    ROUTE_PROGRAM = "route-program"
    ROUTE_TARGET = "route-target"
    ROUTE_DENIED = "route-denied"
    ROUTE_LOGIN = "route-login"
    ROUTE_HOST_KEY = "route-host-key"
    BUNDLE = "ca-bundle"
    UNTRUSTED = "untrusted"
    CERTIFICATE_NAME = "certificate-name"
    CERTIFICATE_EXPIRED = "certificate-expired"
    NO_TLS = "no-tls"
    GARBAGE = "garbage"
    HUNG_UP = "hung-up"
    ENCRYPTION = "encryption"
    CLEARTEXT = "cleartext"
    IAM_OFF = "iam-off"
    RESOURCE_ID = "resource-id"
    OTHER_ACCOUNT = "other-account"
    POLICY = "policy"
    POLICY_DENIES = "policy-denies"
    IAM_REFUSED = "iam-refused"
    NOT_IAM_USER = "not-iam-user"
    NO_USER = "no-user"
    NOLOGIN = "nologin"
    PASSWORD = "password"
    NO_DBNAME = "no-dbname"
    NO_CONNECT = "no-connect"
    FULL = "full"
    STARTING = "starting"
    ACCESS_DENIED = "access-denied"
    HOST_BLOCKED = "host-blocked"
    OTHER = "other"


TITLES: Mapping[Cause, str] = {
    Cause.PROFILE: "There is no such profile, or it can't work as it is written",
    Cause.SESSION_EXPIRED: "The AWS session is over",
    Cause.SSO_LOGIN: "The SSO login is over or was never made",
    Cause.ASSUME_ROLE: "The role can't be assumed",
    Cause.MFA: "The role wants an MFA code",
    Cause.MFA_CODE: "The MFA code was not accepted",
    Cause.DURATION: "A longer session was asked for than the role gives",
    Cause.KEYS: "The AWS keys are missing, wrong, disabled or deleted",
    Cause.CLOCK: "This machine's clock is off",
    Cause.REGION: "No region is chosen",
    Cause.DESCRIBE: "Looking at databases is not allowed",
    Cause.ORGANISATION: "A policy of the organisation, or a boundary, stands in the way",
    Cause.THROTTLED: "AWS is being asked too often",
    Cause.AWS: "AWS can't be reached",
    Cause.NO_DATABASE: "There is no such database",
    Cause.OTHER_REGION: "The database is in another region",
    Cause.STATUS: "The database is not available",
    Cause.DNS: "The endpoint's name can't be resolved",
    Cause.TIMEOUT: "Nothing answers: packets are dropped on the way",
    Cause.REFUSED: "Nothing listens at the address",
    Cause.UNREACHABLE: "The network doesn't lead there",
    Cause.ROUTE: "The route could not be taken",
    Cause.ROUTE_PROGRAM: "The program that the route needs is not installed",
    Cause.ROUTE_TARGET: "There is no instance to forward through, or it isn't connected",
    Cause.ROUTE_DENIED: "Forwarding through the instance is not allowed",
    Cause.ROUTE_LOGIN: "The bastion refuses the login",
    Cause.ROUTE_HOST_KEY: "The bastion's host key is not the one that is known",
    Cause.BUNDLE: "RDS's certificates are not at hand",
    Cause.UNTRUSTED: "The certificate's CA is not trusted",
    Cause.CERTIFICATE_NAME: "The certificate is for another name",
    Cause.CERTIFICATE_EXPIRED: "The certificate has expired",
    Cause.NO_TLS: "What answers there offers no TLS",
    Cause.GARBAGE: "What answers there is no database",
    Cause.HUNG_UP: "What answers there hangs up, or never speaks",
    Cause.ENCRYPTION: "The server wants TLS",
    Cause.CLEARTEXT: "The server wants the password in clear, outside verified TLS",
    Cause.IAM_OFF: "IAM database authentication is off",
    Cause.RESOURCE_ID: "The policy names another resource id",
    Cause.OTHER_ACCOUNT: "The session is of another account than the database",
    Cause.POLICY: "No policy allows rds-db:connect for this user",
    Cause.POLICY_DENIES: "A policy denies rds-db:connect for this user",
    Cause.IAM_REFUSED: "IAM said no, and why is not to be seen from here",
    Cause.NOT_IAM_USER: "The database user is not an IAM user",
    Cause.NO_USER: "There is no such database user",
    Cause.NOLOGIN: "The database user may not log in",
    Cause.PASSWORD: "The database took the token for a password",
    Cause.NO_DBNAME: "There is no such database on the server",
    Cause.NO_CONNECT: "The user lacks CONNECT on the database",
    Cause.FULL: "The server has no free connection slot",
    Cause.STARTING: "The server is starting, stopping or failing over",
    Cause.ACCESS_DENIED: "The server denies access, and says no more",
    Cause.HOST_BLOCKED: "The server has blocked this host",
    Cause.OTHER: "Something else",
}
"""In a few words each."""

_VAGUE = frozenset((Cause.IAM_REFUSED, Cause.PASSWORD, Cause.ACCESS_DENIED, Cause.OTHER))
"""What a server says for many causes: whatever else fails explains it better."""


_BEFORE_COMMAND = re.compile(r"^[A-Z][^{}\n]*?:\s+(?=\{\"|[A-Z]{4,} |aws )")


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check ended.

    Attributes:
        evidence: what was seen; foreign text in it has not been cleaned.
        fix: what to do, as far as possible something to paste (SQL, aws command, policy JSON).
        cause: what it means when it failed.
        seconds: how long the check took.
    """

    check: CheckName
    status: Status
    evidence: str = ""
    fix: str = ""
    cause: Cause | None = None
    seconds: float = 0.0

    @property
    def paste(self) -> str:
        """The fix without the words before a statement or a command: what a shell takes."""
        return _BEFORE_COMMAND.sub("", self.fix)


def passed(check: CheckName, evidence: str) -> Finding:
    """All is well."""
    return Finding(check, Status.PASS, evidence)


def failed(check: CheckName, cause: Cause, evidence: str, fix: str = "") -> Finding:
    """Here is something wrong."""
    return Finding(check, Status.FAIL, evidence, fix, cause)


def unknown(check: CheckName, evidence: str, fix: str = "") -> Finding:
    """It can't be told from here; the evidence says what is missing."""
    return Finding(check, Status.UNKNOWN, evidence, fix)


def skipped(check: CheckName, evidence: str) -> Finding:
    """It makes no sense after what was found before."""
    return Finding(check, Status.SKIP, evidence)


_BLAME = (
    *(CheckName.CLOCK, CheckName.CREDENTIALS, CheckName.DATABASE, CheckName.DNS, CheckName.TCP),
    *(CheckName.TRUST, CheckName.TLS, CheckName.LOGIN, CheckName.TOKEN, CheckName.IAM_AUTH),
    *(CheckName.RESOURCE_ID, CheckName.POLICY, CheckName.USER, CheckName.CONNECT),
)
"""Who is to blame first: the first obstacle on the road; a clock that is off before the
credentials it makes look bad; and a server's own clear word before what policies seem to say."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings of one examination, in the order of `CheckName`.

    Attributes:
        title: what was examined, as the person calls it.
    """

    title: str
    findings: tuple[Finding, ...]

    @property
    def likely(self) -> Finding | None:
        """The failure that explains the others; None when none failed."""
        return likely(self.findings)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """Those with something to do, the likely cause first.

        What a vague refusal only guesses at is left out where something else explains it.
        """
        blamed = self.likely
        told = [each for each in self.findings if each.fix and each is not blamed]
        if blamed is not None and blamed.cause not in _VAGUE:
            told = [each for each in told if each.cause not in _VAGUE]
        first = [blamed] if blamed is not None and blamed.fix else []
        return (*first, *told)

    @property
    def healthy(self) -> bool:
        """Whether nothing failed."""
        return self.likely is None


def likely(findings: Iterable[Finding]) -> Finding | None:
    """The failure that explains the others; None when nothing failed."""
    bad = {each.check: each for each in findings if each.status is Status.FAIL}
    vague = [each for each in bad.values() if each.cause in _VAGUE]
    clear = [bad[name] for name in _BLAME if name in bad and bad[name].cause not in _VAGUE]
    return next(iter([*clear, *vague]), None)


def headline(diagnosis: Diagnosis) -> str:
    """The diagnosis in one sentence."""
    blamed = diagnosis.likely
    if blamed is None:
        doubtful = [each for each in diagnosis.findings if each.status is Status.UNKNOWN]
        more = f" ({len(doubtful)} could not be told)" if doubtful else ""
        return f"Nothing stands in the way of {diagnosis.title}{more}."
    return f"{TITLES[blamed.cause or Cause.OTHER]} ({blamed.check.value})."


def markdown(diagnosis: Diagnosis) -> str:
    """The whole as a report to paste into a ticket; secrets out."""
    lines = [f"# Why can't I connect: {_inline(diagnosis.title)}", "", headline(diagnosis), ""]
    lines += ["| check | status | evidence |", "|---|---|---|"]
    for each in diagnosis.findings:
        lines.append(f"| {each.check.value} | {each.status.value} | {_inline(each.evidence)} |")
    if diagnosis.advice:
        lines += ["", "## What to do"]
    for each in diagnosis.advice:
        lines += ["", f"### {each.check.value}", "", *_block(each.fix)]
    return redact("\n".join(lines)) + "\n"


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or "–"


def _block(text: str) -> list[str]:
    """Indented: no text can end such a block by itself."""
    return [f"    {line}" for line in text.splitlines()]
