"""The examination: every check in order, each reported as it begins and as it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from rolebrowser.cancel import Cancel
from rolebrowser.check import Status
from rolebrowser.config import Config
from rolebrowser.doctor import (
    aws_checks,
    causes,
    login_checks,
    plain_checks,
    policy_checks,
    road_checks,
)
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import CheckName, Diagnosis, Finding
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.target import Target

_CHECKS: Mapping[CheckName, Callable[[Case], Finding]] = {
    CheckName.CREDENTIALS: aws_checks.credentials,
    CheckName.DATABASE: aws_checks.database,
    CheckName.IAM_AUTH: aws_checks.iam_auth,
    CheckName.RESOURCE_ID: policy_checks.resource_id,
    CheckName.POLICY: policy_checks.policy,
    CheckName.DNS: road_checks.dns,
    CheckName.TCP: road_checks.tcp,
    CheckName.TRUST: road_checks.trust,
    CheckName.TLS: road_checks.tls,
    CheckName.CLOCK: aws_checks.clock,
    CheckName.TOKEN: road_checks.token,
    CheckName.LOGIN: login_checks.login,
    CheckName.USER: login_checks.user,
    CheckName.CONNECT: login_checks.connect,
}


def examine(
    target: Target,
    *,
    config: Config,
    title: str = "",
    via: str = "",
    prompts: Prompts | None = None,
    report: Callable[[Finding], None] = lambda finding: None,
    cancel: Cancel | None = None,
) -> Diagnosis:
    """Make every check; blocking, in the order of `CheckName`.

    What is done for real: AWS is asked, the name looked up, a TLS handshake made, one login
    tried, and where that fails and another bookmark leads to the same database, one by that.

    Args:
        title: what to call the target.
        via: a bookmark by which the database may be asked from inside; empty = any that may do.
        prompts: for credentials that need a person; by default nobody is asked.
        report: called from this thread with each finding, first with status STARTED.

    Raises:
        Cancelled: and nothing else; what goes wrong is a finding.
    """
    case = Case(target, config, prompts or NobodyToAsk(), cancel or Cancel(), via)
    checks = plain_checks.CHECKS if target.url else _CHECKS
    try:
        for name, check in checks.items():
            case.cancel.check()
            report(Finding(name, Status.STARTED))
            started = time.monotonic()
            found = _made(name, check, case)
            found = replace(found, seconds=time.monotonic() - started)
            case.findings[name] = found
            report(found)
    finally:
        case.close()
    shown = title or target.database or "the database"
    return Diagnosis(shown, tuple(case.findings.values()))


def _made(name: CheckName, check: Callable[[Case], Finding], case: Case) -> Finding:
    try:
        return check(case)
    except Cancelled:
        raise
    except RolebrowserError as error:
        return causes.because(name, causes.of_aws(error), error)
