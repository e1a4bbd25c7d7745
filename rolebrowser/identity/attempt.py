"""Trying a role for real: the only proof there is. One AssumeRole, its credentials thrown away.

AssumeRole has no dry run; a try is logged in CloudTrail, so it is a person's choice, role by role.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import MfaRequired
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import MfaRequest, Prompts

SHORTEST = 900
"""Seconds: the shortest session STS gives (STS API Reference, AssumeRole)."""
_PARAMETERS = {
    "sts:externalid": "ExternalId",
    "sts:rolesessionname": "RoleSessionName",
    "sts:sourceidentity": "SourceIdentity",
}
_TAG = "aws:requesttag/"


def parameters(given: Mapping[str, str]) -> dict[str, Any]:
    """AssumeRole's parameters for context keys that are to be supplied; MFA left aside."""
    found: dict[str, Any] = {
        _PARAMETERS[key.lower()]: value
        for key, value in given.items()
        if key.lower() in _PARAMETERS
    }
    tags = [
        {"Key": key[len(_TAG) :], "Value": value}
        for key, value in given.items()
        if key.lower().startswith(_TAG)
    ]
    return found | ({"Tags": tags} if tags else {})


def attempt(
    session: Session,
    role: str,
    given: Mapping[str, str],
    *,
    serial: str,
    prompts: Prompts,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
) -> datetime:
    """Assume a role once, for as short as can be; when the session that came would have ended.

    Args:
        given: context keys to supply, as `Assessment.given` has them.
        serial: the MFA device to name where a code is to be supplied; empty = none is known.

    Raises:
        AssumeRoleDenied: AWS refused. MfaRequired: a code is needed and no device is known.
        AwsError, TimedOut, Cancelled.
    """
    wanted = {"RoleSessionName": f"rolebrowser-try-{int(time.time())}"} | parameters(given)
    if any("multifactor" in key.lower() for key in given):
        if not serial:
            raise MfaRequired(
                f"{role} asks for an MFA code, and no device is known.",
                fix="Set mfa_serial in the profile.",
            )
        code = prompts.mfa_code(MfaRequest(serial, role, session.profile))
        wanted |= {"SerialNumber": serial, "TokenCode": code}
    what = f"Assuming {role}"

    def call() -> Mapping[str, Any]:
        with translated(what, profile=session.profile):
            return session_client(session, "sts").assume_role(
                RoleArn=role, DurationSeconds=SHORTEST, **wanted
            )

    answer = bounded(call, cancel=cancel, limit=seconds, what=what)
    return answer["Credentials"]["Expiration"].astimezone(UTC)
