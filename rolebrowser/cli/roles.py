"""`rolebrowser roles`: which roles somebody may assume, and why: from AWS, or from a dump."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rolebrowser.cli import having, output
from rolebrowser.cli.asking import json_option, profile_option
from rolebrowser.errors import ConfigError, RolebrowserError, UnknownName

if TYPE_CHECKING:
    from rolebrowser.identity.assumable import Assumable, Outlook
    from rolebrowser.identity.authorization_details import Details
    from rolebrowser.identity.why import Why

PAIRS = 20_000
"""Who and which role, weighed at most when nobody in particular is asked about."""


@click.command()
@profile_option
@click.option("--why", "explain", is_flag=True, help="Show each gate and the JSON that decided.")
@json_option
@click.option(
    "--policy-file",
    "source",
    type=click.Path(exists=True, path_type=Path),
    help="A dump of aws iam get-account-authorization-details, or a directory of them: offline.",
)
@click.option("--principal", default="", metavar="ARN", help="With --policy-file: whose roles.")
@click.option("--sso", is_flag=True, help="The accounts and roles that SSO logins open.")
@click.option("--everywhere", is_flag=True, help="Of every profile that needs nobody's help.")
@click.option("--fresh", is_flag=True, help="With --sso or --everywhere: ask again.")
@click.option("--kept", is_flag=True, help="As found before, with the age; asks nobody.")
def roles(
    profile: str,
    explain: bool,
    as_json: bool,
    source: Path | None,
    principal: str,
    sso: bool,
    everywhere: bool,
    fresh: bool,
    kept: bool,
) -> None:
    """List the roles that can be assumed from a profile, those that can't, and why.

    The verdict is allow, deny, unknown (something could not be read) or conditional (something
    must be supplied: an MFA code, an ExternalId). Nothing is assumed to find out.

    Of another account's role the trust policy is read with a session of that account, if there is
    one in the AWS CLI's caches.

    AWS is asked each time; --kept shows what was found when it was last asked, with its age.

    With --policy-file nobody is asked: the account's dump decides, for one principal (--principal,
    or the role that -p assumes) or for all of its users and roles (of those only what isn't
    denied).

    With --sso the portal of a profile's SSO login is asked, or of every login that profiles name.

    With --everywhere every profile is asked, four at a time; what was found in the last hour is
    shown again, with its age.
    """
    _together(
        {"--everywhere": everywhere, "--sso": sso, "--kept": kept, "--policy-file": source},
        profile=profile,
        explain=explain,
        fresh=fresh,
    )
    if source is not None:
        who = _assumed_by(profile, principal) if profile else principal
        found = [_of_dump(_read(source), who)] if who else _everybody(_read(source))
        _show(found, explain=explain, as_json=as_json, several=not who)
        return
    if principal:
        raise click.UsageError("--principal goes with --policy-file.")
    if everywhere:
        from rolebrowser.cli import roles_everywhere

        roles_everywhere.show(fresh=fresh, as_json=as_json)
    elif sso:
        from rolebrowser.cli import sso_roles

        sso_roles.show(profile, fresh=fresh, as_json=as_json)
    elif kept:
        from rolebrowser.cli import roles_kept

        roles_kept.show(profile, as_json=as_json)
    else:
        _show([_of_session(profile)], explain=explain, as_json=as_json, several=False)


def _together(ways: Mapping[str, object], *, profile: str, explain: bool, fresh: bool) -> None:
    """Raises UsageError for options of which one would be passed over in silence."""
    given = [name for name, value in ways.items() if value]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)}: one at a time.")
    way = given[0] if given else ""
    if profile and way == "--everywhere":
        raise click.UsageError("--everywhere asks every profile: it goes without -p.")
    if explain and way not in ("", "--policy-file"):
        raise click.UsageError(f"--why doesn't go with {way}.")
    if fresh and way not in ("--everywhere", "--sso"):
        raise click.UsageError("--fresh goes with --sso or --everywhere.")


def _assumed_by(profile: str, principal: str) -> str:
    """Whom a profile acts as, known without AWS only where it assumes a role."""
    from rolebrowser.identity import profile_files

    role = profile_files.load(os.environ).named(profile).setting("role_arn")
    if principal and principal != role:
        raise click.UsageError("-p or --principal: with --policy-file one of them says who asks.")
    if not role:
        raise click.UsageError(
            f"With --policy-file nobody is asked, and who {profile} is only AWS knows: give "
            "--principal ARN."
        )
    return role


def _of_session(profile: str) -> Outlook:
    from datetime import UTC, datetime

    from rolebrowser import config as configuration
    from rolebrowser.identity import assumable, one_role, profile_files
    from rolebrowser.identity.discovery import KnownRoles

    kept, profiles = KnownRoles(configuration.load().cache_dir), profile_files.load(os.environ)
    try:
        session = having.session(profile).session
        found = assumable.find(session, profiles, partial=having.say)
        strange = {each.role.account for each in found.roles if not each.role.trust}
        found = one_role.learn(found, having.at_hand(profiles, strange))
    except RolebrowserError as error:
        before = profiles.get(profile or profile_files.usual(os.environ))
        old = kept.recall(before, profiles) if before is not None else None
        if old is not None:
            from rolebrowser.cli import roles_kept

            having.say(f"What was found {roles_kept.age(old)} is kept: --kept shows it.")
        raise error
    known = profiles.get(session.profile)
    if known is not None:
        kept.keep(known, profiles, found, datetime.now(UTC))
    return found


def _read(source: Path) -> Details:
    from rolebrowser.identity import authorization_details

    paths = sorted(source.glob("*.json")) if source.is_dir() else [source]
    if not paths:
        raise ConfigError(f"There is no .json file in {source}.")
    dumps: list[Any] = []
    for path in paths:
        try:
            dumps.append(json.loads(path.read_text(encoding="utf-8-sig")))
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"{path} is not JSON that can be read.", why=str(error)) from None
    try:
        return authorization_details.read(dumps)
    except ValueError as error:
        raise ConfigError(
            f"{source} holds no account's roles and policies.",
            why=str(error),
            fix="aws iam get-account-authorization-details > FILE writes one.",
        ) from None


def _of_dump(details: Details, principal: str) -> Outlook:
    from rolebrowser.identity.assumable import Outlook, named_roles, weigh
    from rolebrowser.identity.roles import listed

    try:
        caller = details.caller(principal)
    except ValueError:
        raise UnknownName(
            "principal in the dump", principal, [*details.users, *details.roles]
        ) from None
    known = {arn: listed(item, "dump") for arn, item in details.roles.items()}
    elsewhere = (role for role in named_roles(caller) if role.arn not in known)
    return Outlook(caller, weigh(caller, (*known.values(), *elsewhere)))


def _everybody(details: Details) -> list[Outlook]:
    who = [*details.users, *details.roles]
    if len(who) * len(details.roles) > PAIRS:
        raise ConfigError(
            f"{len(who)} users and roles and {len(details.roles)} roles are too many to weigh all.",
            fix=f"Name one: --principal {who[0]}",
        )
    return [_of_dump(details, arn) for arn in who]


def _show(found: Sequence[Outlook], *, explain: bool, as_json: bool, several: bool) -> None:
    pairs = [(outlook, each) for outlook in found for each in outlook.roles]
    if several:
        pairs = [(o, each) for o, each in pairs if each.role.verdict != "deny"]
    if explain and not as_json:
        from rolebrowser.identity import why_lines

        texts = (why_lines.plain(outlook.why(each)) for outlook, each in pairs)
        output.text("\n\n".join(texts) + "\n" if pairs else "")
        return
    rows = [_row(outlook, each, explain=explain, as_json=as_json) for outlook, each in pairs]
    who = ("principal",) if several else ()
    columns = (*who, "arn", "verdict", "trusted_entity", "supply", "reasons")
    nobody = "Nobody in the dump may assume one of its roles." if several else "No role is known."
    output.records(rows, columns, as_json=as_json, empty=nobody)


def _row(outlook: Outlook, found: Assumable, *, explain: bool, as_json: bool) -> dict[str, object]:
    from rolebrowser.identity.policy_request import reason_json

    role, reasons = found.role, found.assessment.answer.reasons
    # Of a denied role each shut gate counts: opening one of them alone would not help.
    shown = role.reasons if role.verdict == "deny" else role.reasons[:1]
    row: dict[str, object] = {
        "arn": role.arn,
        "verdict": role.verdict.value,
        "reasons": [reason_json(each) for each in reasons] if as_json else list(shown),
        "trusted_entity": role.trusted_entity or None,
        "supply": list(found.assessment.supply),
        "principal": outlook.caller.principal.text,
        "profile": role.profile or None,
        "source": role.source,
        "max_session_seconds": role.max_session_seconds or None,
        "last_used": output.iso(role.last_used),
    }
    if explain:
        row |= why_json(outlook.why(found))
    return row


def why_json(why: Why) -> dict[str, object]:
    """The keys that --why adds to a row."""
    from rolebrowser.identity import why_lines

    return {
        "gates": [why_lines.gate_json(step) for step in why.steps],
        "fix": [{"where": fix.where, "statement": fix.statement} for fix in why.fixes],
        "notes": list(why.notes),
    }
