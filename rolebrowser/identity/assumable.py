"""Which roles a session may assume: everything that can be read of it, level by level.

The roles (iam:ListRoles), then the account's policies, tags and last uses in one call
(iam:GetAccountAuthorizationDetails); where that isn't allowed the session's own policies piece by
piece. Every permission that is missing is named, and what it hides stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import AwsError, RolebrowserError
from rolebrowser.frozen import dataclass
from rolebrowser.identity import authorization_details, credentials, own_policies, roles
from rolebrowser.identity import policy_principal as principals
from rolebrowser.identity.authorization_details import Details
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Kind, Profile, Role, Session, Verdict
from rolebrowser.identity.policy import Source
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.trust import Assessment, Caller, assess
from rolebrowser.identity.why import Why, of_role, trust_of

DETAILS = "iam:GetAccountAuthorizationDetails"
_FILTER = ["Role", "User", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]
_PAGE = 250
"""Items of one call, of 1,000 at most: what comes is parsed while somebody may be typing."""
_NAMED = "identity policy"
Partial = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Assumable:
    """A role and whether it can be assumed.

    Attributes:
        sent: context keys that the profile naming the role sends anyway.
    """

    role: Role
    assessment: Assessment
    sent: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a session may become, as far as it could be read.

    Attributes:
        missing: a sentence for each permission that was missing.
    """

    caller: Caller
    roles: tuple[Assumable, ...] = ()
    missing: tuple[str, ...] = ()

    def why(self, found: Assumable) -> Why:
        """The whole reasoning about one of the roles."""
        hidden = found.role.trust == "" and found.role.account != self.caller.principal.account
        note = (
            f"The trust policy can't be read from account {self.caller.principal.account}; "
            f"that takes iam:GetRole in account {found.role.account}."
        )
        notes = (*self.missing, *((note,) if hidden else ()))
        return of_role(self.caller, found.role, sent=found.sent, notes=notes)


def find(
    session: Session,
    profiles: Profiles,
    *,
    trusts: Mapping[str, Role] | None = None,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    partial: Partial = lambda sentence: None,
) -> Outlook:
    """The roles one hears of from a session, each weighed.

    Args:
        trusts: roles of other accounts by ARN, as read there.
        seconds: for one call.
        partial: called with a sentence for each permission that is missing.

    Raises:
        AwsError: AWS failed for another reason. SessionExpired, TimedOut, Cancelled.
    """
    missing: list[str] = []

    def lacks(sentence: str) -> None:
        if sentence not in missing:
            missing.append(sentence)
            partial(sentence)

    profile = profiles.get(session.profile)
    caller, known = rights(session, profile, cancel=cancel, seconds=seconds, partial=lacks)
    heard = {role.arn: role for role in known}
    own = session.role or session.profile
    configured = roles.config_roles(profiles, session.profile) if own == session.profile else ()
    for role in (*configured, *named_roles(caller)):
        heard[role.arn] = merged(heard.get(role.arn), role)
    for arn, role in heard.items():
        if not role.trust and trusts and arn in trusts:
            heard[arn] = merged(trusts[arn], role)
    weighed = (heard_of(caller, role, profiles) for role in heard.values())
    return Outlook(caller, tuple(sorted(weighed, key=_order)), tuple(missing))


_ORDER = (Verdict.ALLOW, Verdict.CONDITIONAL, Verdict.UNKNOWN, Verdict.DENY)


def _order(found: Assumable) -> tuple[int, str, str]:
    return _ORDER.index(found.role.verdict), found.role.account, found.role.arn


def heard_of(caller: Caller, role: Role, profiles: Profiles) -> Assumable:
    """One role weighed, with what the profile that names it sends."""
    return _weighed(caller, role, profiles.get(role.profile) if role.profile else None)


def weigh(caller: Caller, candidates: Iterable[Role]) -> tuple[Assumable, ...]:
    """Roles weighed for somebody, the assumable ones first; nothing is asked of anybody."""
    return tuple(sorted((_weighed(caller, role, None) for role in candidates), key=_order))


def _weighed(caller: Caller, role: Role, profile: Profile | None) -> Assumable:
    sent = {f"{kind}:ResourceTag/{key}": text for key, text in role.tags for kind in ("aws", "iam")}
    if profile is not None:
        settings = {"sts:ExternalId": "external_id", "sts:RoleSessionName": "role_session_name"}
        sent |= {k: profile.setting(v) for k, v in settings.items() if profile.setting(v)}
    return _assessed(caller, role, sent)


def _assessed(caller: Caller, role: Role, sent: Mapping[str, str]) -> Assumable:
    found = assess(caller, role.arn, trust_of(role), sent=sent)
    role = replace(role, verdict=found.verdict, reasons=found.reasons)
    return Assumable(role, found, sent)


def learned(outlook: Outlook, trusts: Mapping[str, Role]) -> Outlook:
    """An outlook with trust policies that were read since; what it had stays as it is."""

    def again(found: Assumable) -> Assumable:
        read = trusts.get(found.role.arn)
        if found.role.trust or read is None:
            return found
        return _assessed(outlook.caller, merged(read, found.role), found.sent)

    return replace(outlook, roles=tuple(sorted(map(again, outlook.roles), key=_order)))


def merged(read: Role | None, named: Role) -> Role:
    """A role that AWS told of, with the profile that names it."""
    if read is None:
        return named
    return replace(
        read, profile=read.profile or named.profile, needs_mfa=read.needs_mfa or named.needs_mfa
    )


def rights(
    session: Session,
    profile: Profile | None,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    partial: Partial = lambda sentence: None,
) -> tuple[Caller, tuple[Role, ...]]:
    """A session as the caller it is, with the policies that may be read, and its account's roles.

    Raises as `find`.
    """
    identity = session.identity or credentials.identify(session, cancel=cancel, seconds=seconds)
    known = roles.list_roles(session, cancel=cancel, seconds=seconds, partial=partial)
    details = _details(session, cancel, seconds, partial)
    if details is None:
        caller = own_policies.read(
            session, identity.arn, cancel=cancel, seconds=seconds, partial=partial
        )
    else:
        longest = {role.arn: role.max_session_seconds for role in known}
        known = tuple(
            replace(roles.listed(item, DETAILS), max_session_seconds=longest.get(arn, 0))
            for arn, item in details.roles.items()
        )
        caller = _caller(details, identity.arn, partial)
    return _as_of_now(_with_path(caller, known), session, profile), known


def own_rights(
    session: Session,
    profile: Profile | None,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    partial: Partial = lambda sentence: None,
    others: Iterable[Callable[[], Session]] = (),
) -> Caller:
    """A session as the caller it is, its policies read piece by piece; no roles are listed.

    Args:
        others: sessions of whoever may read more, asked for only where this one may not read all
            of itself; those of other accounts are passed over.

    Raises as `find`.
    """
    identity = session.identity or credentials.identify(session, cancel=cancel, seconds=seconds)
    missing: list[str] = []
    limits = {"cancel": cancel, "seconds": seconds}
    caller = own_policies.read(session, identity.arn, partial=missing.append, **limits)
    for other in others if caller.unreadable else ():
        said: list[str] = []
        try:
            reader = other()
            theirs = reader.identity or credentials.identify(reader, **limits)
            if theirs.account != identity.account or theirs.arn == identity.arn:
                continue
            read = own_policies.read(reader, identity.arn, partial=said.append, **limits)
        except RolebrowserError:
            (cancel or Cancel()).check()
            continue
        if len(read.unreadable) < len(caller.unreadable):
            caller, missing = read, said
    for sentence in missing:
        partial(sentence)
    return _as_of_now(caller, session, profile)


def _as_of_now(caller: Caller, session: Session, profile: Profile | None) -> Caller:
    return replace(caller.at(datetime.now(UTC)), mfa=_without_mfa(session, profile))


def _caller(details: Details, arn: str, partial: Partial) -> Caller:
    try:
        return details.caller(arn)
    except ValueError:
        partial(f"What {arn} may do is not in the account's details.")
        return Caller(principals.parse(arn), unreadable=frozenset((Source.IDENTITY,)))


def _with_path(caller: Caller, known: Iterable[Role]) -> Caller:
    """A session's role by its whole ARN, which GetCallerIdentity doesn't tell."""
    who = caller.principal
    if who.kind != "session" or who.role_arn:
        return caller
    same = (r.arn for r in known if (r.account, r.name) == (who.account, who.role))
    return replace(caller, principal=principals.parse(who.text, next(same, "")))


def _without_mfa(session: Session, profile: Profile | None) -> bool | None:
    """False for a role's session that was surely made without MFA; else it isn't known."""
    plain = profile is not None and profile.kind is Kind.ROLE and not profile.mfa_serial
    return False if plain and not session.role and session.method == "assume-role" else None


def named_roles(caller: Caller) -> Iterator[Role]:
    """Roles that the caller's own policies name whole, of any account."""
    for policy in caller.identity:
        for statement in policy.statements:
            names = {name.lower() for name in statement.actions or ()}
            if statement.effect == "Allow" and names & {"sts:assumerole", "sts:*"}:
                for arn in statement.resources or ():
                    whole = ":role/" in arn and not set("*?$") & set(arn)
                    if whole:
                        yield Role(arn, source=_NAMED)


def _details(
    session: Session, cancel: Cancel | None, seconds: float, partial: Partial
) -> Details | None:
    """The account's IAM; None where it may not be read."""
    what = f"Reading the account's roles and policies ({DETAILS})"
    client = session_client(session, "iam", patient=True)
    pages: list[Mapping[str, Any]] = []
    more: dict[str, str] = {}
    while True:

        def call(more: dict[str, str] = more) -> Mapping[str, Any]:
            with translated(what, profile=session.profile):
                return client.get_account_authorization_details(
                    Filter=_FILTER, MaxItems=_PAGE, **more
                )

        try:
            pages.append(bounded(call, cancel=cancel, limit=seconds, what=what))
        except AwsError as error:
            if error.code not in DENIED:
                raise
            partial(f"{DETAILS} is not allowed: asking piece by piece.")
            return None
        if not pages[-1].get("IsTruncated"):
            return authorization_details.read(pages)
        more = {"Marker": pages[-1]["Marker"]}
