"""Why a tunnel's program ended, by its last words. Pure.

Sources: OpenSSH's ssh.c, sshconnect.c, channels.c (the texts); the session-manager-plugin and the
AWS CLI; shared/reference/rds-iam-auth.md, "Why it fails", row 34.
"""

from __future__ import annotations

from rolebrowser.errors import RouteError
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """What words mean.

    Attributes:
        code: for `RouteError.code`.
        what: the sentence; {means} is the tunnel's.
    """

    words: str
    code: str
    what: str
    fix: str


_SSH = (
    Reason(
        "Permission denied (",
        "route-login",
        "{means} refused the login.",
        "Try it by hand: {means}. Nobody can type a password or a passphrase here: put the key "
        "into the agent (ssh-add), or name it in ~/.ssh/config.",
    ),
    Reason(
        "Too many authentication failures",
        "route-login",
        "{means} saw too many keys before the right one.",
        "The agent offers them all: name the right one in ~/.ssh/config (IdentityFile, and "
        "IdentitiesOnly yes).",
    ),
    Reason(
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "route-host-key",
        "The host key behind {means} is not the one that is known.",
        "Find out why before you go on; then ssh-keygen -R HOST.",
    ),
    Reason(
        "Host key verification failed",
        "route-host-key",
        "The host key behind {means} is not known yet.",
        "Connect once by hand and compare it: {means}",
    ),
    Reason(
        "Could not resolve hostname",
        "route-dns",
        "The name of {means} can't be resolved.",
        "Check the name, ~/.ssh/config and the VPN.",
    ),
    Reason(
        "Connection refused",
        "route-refused",
        "{means}: nothing listens there.",
        "Check the port, and that sshd runs there.",
    ),
    Reason(
        "timed out",
        "route-timeout",
        "{means} doesn't answer.",
        "A security group or a missing VPN drops the packets; is the machine running?",
    ),
    Reason(
        "Bad configuration option",
        "route-config",
        "{means}: ssh doesn't understand its configuration.",
        "Mend ~/.ssh/config as it says.",
    ),
)
_AWS = (
    Reason(
        "Invalid choice",
        "route-program",
        "The aws on this machine knows no Instance Connect tunnels.",
        "Install version 2 of the AWS CLI; version 1 (pip install awscli) lacks open-tunnel.",
    ),
    Reason(
        "AccessDenied",
        "route-denied",
        "{means} is not allowed.",
        "Ask for ec2-instance-connect:OpenTunnel on the Instance Connect Endpoint, and "
        "ec2:DescribeInstances and ec2:DescribeInstanceConnectEndpoints.",
    ),
)
_TAKEN = Reason(
    "ddress already in use",
    "port-taken",
    "{means} found its local port taken.",
    "Try again; a LocalForward of ~/.ssh/config for that host may be in the way.",
)

_SSM = (
    Reason(
        "TargetNotConnected",
        "route-target",
        "{means}: the instance is not connected to Systems Manager.",
        "Is it running, and its SSM agent up? Or choose another instance.",
    ),
    Reason(
        "AccessDenied",
        "route-denied",
        "{means} is not allowed.",
        "Ask for ssm:StartSession on the instance and the document.",
    ),
    Reason(
        "Cannot perform start session",
        "route",
        "{means}: the plugin could not open the session.",
        "Is AWS's ssmmessages endpoint reachable from here (proxy, firewall)?",
    ),
)

SSH = (*_SSH, _TAKEN)
SSM = (*_SSM, _TAKEN)
INSTANCE_CONNECT = (*_AWS, *_SSH, _TAKEN)
COMMAND = (_TAKEN,)

_FAR = (
    ("Connection refused", "refused", "Nothing listens at the database's address over there."),
    ("timed out", "timeout", "The database's address doesn't answer over there."),
    ("Name or service not known", "dns", "The database's name doesn't resolve over there."),
    ("No route to host", "unreachable", "There is no way to the database over there."),
    (
        "administratively prohibited",
        "route-forwarding",
        "The other side forwards no TCP (AllowTcpForwarding, PermitOpen).",
    ),
    (
        "Connection to destination port failed",
        "refused",
        "The instance could not reach the database: its security group must let the instance in.",
    ),
)
_OPEN_FAILED = ("open failed:", "destination port failed")


def explain(reasons: tuple[Reason, ...], means: str, code: int, words: str) -> RouteError:
    """The error of a program that ended before its tunnel stood.

    Args:
        words: its last lines.
        code: its exit code.
    """
    for each in reasons:
        if each.words in words:
            what, fix = each.what.format(means=means), each.fix.format(means=means)
            return RouteError(what, why=words, fix=fix, code=each.code)
    return RouteError(
        f"{means} ended with exit code {code}.",
        why=words or "It said nothing.",
        fix="Try it by hand." if code else "It must stay in the foreground while it forwards.",
        code="route",
    )


def far_end(words: str) -> tuple[str, str]:
    """(code, sentence) of why the other side of a tunnel that stands couldn't go on; else empty.

    Args:
        words: what its program wrote last.
    """
    complaints = [line for line in words.splitlines() if any(each in line for each in _OPEN_FAILED)]
    if not complaints:
        return "", ""
    for text, code, sentence in _FAR:
        if text in complaints[-1]:
            return code, sentence
    return "route", complaints[-1]
