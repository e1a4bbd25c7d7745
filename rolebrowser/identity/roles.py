"""Roles: those the config names, and those iam:ListRoles tells of.

Verdicts here are what the config alone can say; whether a role's trust policy names the caller is
`trust.py`'s to find out, from `Role.trust`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import AwsError
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Kind, Profile, Role, Session, Verdict
from rolebrowser.identity.profiles import Profiles

LISTED = "iam:ListRoles"
PAGE = 1000
"""Roles of one call: the most iam:ListRoles gives."""

_ENTITIES = (
    ("AWS", "AWS account"),
    ("Service", "AWS service"),
    ("Federated", "web identity"),
)


def config_roles(profiles: Profiles, source: str = "") -> tuple[Role, ...]:
    """The roles profiles name as role_arn; broken profiles are left out.

    Args:
        source: only those assumed with this profile's credentials; empty = all.
    """
    return tuple(
        _configured(profile)
        for profile in profiles
        if profile.role_arn
        and profile.problem is None
        and profile.kind in (Kind.ROLE, Kind.WEB_IDENTITY)
        and (not source or profile.chain[1:2] == (source,))
    )


def _configured(profile: Profile) -> Role:
    web = profile.kind is Kind.WEB_IDENTITY
    needs_mfa = bool(profile.mfa_serial)
    return Role(
        profile.role_arn,
        Verdict.CONDITIONAL if needs_mfa else Verdict.UNKNOWN,
        reasons=("the profile asks for an MFA code",) if needs_mfa else (),
        trusted_entity="web identity" if web else "AWS account",
        source="config",
        profile=profile.name,
        needs_mfa=needs_mfa,
    )


def list_roles(
    session: Session,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    partial: Callable[[str], None] | None = None,
) -> tuple[Role, ...]:
    """The roles of the session's account, by ARN.

    Args:
        seconds: for one page.
        partial: called with a sentence when the list may not be read, instead of raising.

    Raises:
        AwsError: no right to list (without `partial`), or AWS failed. CredentialsError,
        TimedOut, Cancelled.
    """
    what = "Listing the roles of the account"
    found: list[Role] = []
    try:
        for page in _pages(session, what, cancel, seconds):
            found += [listed(item) for item in page]
    except AwsError as error:
        if partial is None or error.code not in DENIED:
            raise
        partial("The account's roles are unknown: iam:ListRoles is not allowed to this session.")
    return tuple(sorted(found, key=lambda role: role.arn))


def _pages(
    session: Session, what: str, cancel: Cancel | None, seconds: float
) -> Iterator[list[Mapping[str, Any]]]:
    client = session_client(session, "iam", patient=True)
    marker: dict[str, str] = {}
    while True:

        def call(marker: dict[str, str] = marker) -> Mapping[str, Any]:
            with translated(what, profile=session.profile):
                return client.list_roles(MaxItems=PAGE, **marker)

        answer = bounded(call, cancel=cancel, limit=seconds, what=what)
        yield answer["Roles"]
        if not answer.get("IsTruncated"):
            return
        marker = {"Marker": answer["Marker"]}


def listed(item: Mapping[str, Any], source: str = LISTED) -> Role:
    """A role from IAM's item: of ListRoles, GetRole or GetAccountAuthorizationDetails."""
    document = trust_document(item.get("AssumeRolePolicyDocument"))
    needs_mfa = asks_for_mfa(document)
    return Role(
        item["Arn"],
        Verdict.UNKNOWN,
        trusted_entity=trusted_entity(document),
        source=source,
        needs_mfa=needs_mfa,
        max_session_seconds=int(item.get("MaxSessionDuration") or 0),
        tags=tuple((tag["Key"], tag["Value"]) for tag in item.get("Tags") or ()),
        trust=json.dumps(document) if document else "",
        last_used=_moment((item.get("RoleLastUsed") or {}).get("LastUsedDate")),
    )


def _moment(when: object) -> datetime | None:
    """A time as botocore gives it, or as it stands in a dump."""
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            return None
    return when.astimezone(UTC) if isinstance(when, datetime) else None


def trust_document(document: object) -> dict[str, Any]:
    """A trust policy as IAM gives it: a dict, or URL-encoded JSON; {} for anything else."""
    if isinstance(document, str):
        try:
            document = json.loads(unquote(document))
        except ValueError:
            return {}
    return document if isinstance(document, dict) else {}


def _allows(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        return []
    return [each for each in statements if isinstance(each, dict) and each.get("Effect") == "Allow"]


def trusted_entity(document: Mapping[str, Any]) -> str:
    """Whom a trust policy is for, in the console's words; "" when it says nothing.

    An AWS account goes first: it is what a person can be.
    """
    kinds: set[str] = set()
    for statement in _allows(document):
        principal = statement.get("Principal")
        if principal == "*":
            kinds.add("AWS account")
        if isinstance(principal, dict):
            kinds |= {word for key, word in _ENTITIES if key in principal}
            if ":saml-provider/" in str(principal.get("Federated", "")):
                kinds = kinds - {"web identity"} | {"SAML 2.0"}
    order = ("AWS account", "web identity", "SAML 2.0", "AWS service")
    return next((word for word in order if word in kinds), "")


def asks_for_mfa(document: Mapping[str, Any]) -> bool:
    """True when every statement that lets somebody in has a condition on MFA.

    A first look, for a badge; trust.py weighs the conditions.
    """
    allows = _allows(document)
    return bool(allows) and all(
        any(str(key).lower() == "aws:multifactorauthpresent" for key in _condition_keys(each))
        for each in allows
    )


def _condition_keys(statement: Mapping[str, Any]) -> Iterator[object]:
    conditions = statement.get("Condition")
    if isinstance(conditions, dict):
        for keys in conditions.values():
            if isinstance(keys, dict):
                yield from keys
