"""The doctor's findings as lines, and one of them in full. Pure."""

from __future__ import annotations

from datetime import datetime

from rolebrowser.check import Status
from rolebrowser.doctor.finding import TITLES, Finding
from rolebrowser.tui.line import Line, line, span
from rolebrowser.tui.rows.checks import MARKS, seconds

LABELS = {
    "credentials": "AWS session",
    "clock": "clock",
    "database": "database",
    "iam_auth": "IAM auth",
    "resource_id": "resource id",
    "policy": "IAM policy",
    "dns": "DNS",
    "tcp": "TCP",
    "trust": "CA bundle",
    "tls": "TLS",
    "token": "IAM token",
    "login": "login",
    "user": "user",
    "connect": "CONNECT",
}


def draw(finding: Finding, now: datetime) -> Line:
    """One check."""
    mark, style = MARKS[finding.status]
    failed = finding.status is Status.FAIL
    said = TITLES[finding.cause] if failed and finding.cause else finding.evidence
    return line(
        span(f"{mark} ", style),
        span(f"{LABELS[finding.check]:<13}", "strong"),
        span(said, "" if failed else "dim"),
        right=(span(seconds(finding.seconds) if finding.seconds >= 0.001 else "", "dim"),),
    )


def detail(finding: Finding) -> tuple[str, str]:
    """(evidence, fix) of a check, whole."""
    if finding.status is Status.STARTED:
        return "Looking …", ""
    return finding.evidence, finding.fix
