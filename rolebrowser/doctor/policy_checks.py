"""The checks of IAM: does a policy allow rds-db:connect, and for the right resource id?"""

from __future__ import annotations

from collections.abc import Iterator

from rolebrowser.database import login_advice, login_rights, users
from rolebrowser.database.model import Database
from rolebrowser.doctor import aws_checks
from rolebrowser.doctor.aws_checks import simulate_command
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import Cause, CheckName, Finding, failed, passed, skipped, unknown
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import policy_gates, policy_pattern, trust
from rolebrowser.identity.policy import Decision, Source
from rolebrowser.identity.simulation import Simulated
from rolebrowser.identity.trust import Caller


def resource_id(case: Case) -> Finding:
    """The id policies must name, and whether they name another one instead."""
    found = case.database
    if found is None:
        return skipped(CheckName.RESOURCE_ID, "The database is not known.")
    if not found.resource_id:
        return unknown(CheckName.RESOURCE_ID, "AWS was not asked for it.")
    if case.remembered:
        return unknown(CheckName.RESOURCE_ID, f"{found.resource_id}, {case.remembered}")
    caller = _caller(case)
    if caller is None or not case.target.user:
        return passed(CheckName.RESOURCE_ID, found.resource_id)
    answer = login_rights.case(caller, found, case.target.user).answer()
    others: list[str] = []
    if answer.decision is Decision.DENY and not answer.explicit:
        others = _strangers(case, sorted(set(_other_ids(caller, found, case.target.user))))
    if others:
        evidence = (
            f"The policies allow {case.target.user} on {', '.join(others)}, but {found.id}'s "
            f"resource id is {found.resource_id}."
        )
        fix = f"Put the right id in:\n{login_advice.statement(found, case.target.user)}"
        return failed(CheckName.RESOURCE_ID, Cause.RESOURCE_ID, evidence, fix)
    return passed(CheckName.RESOURCE_ID, found.resource_id)


def policy(case: Case) -> Finding:
    """rds-db:connect is allowed for this user on this database."""
    found, user = case.database, case.target.user
    if case.identity is None or found is None:
        return skipped(CheckName.POLICY, "There is no session, or no database, to ask about.")
    if not user:
        return skipped(CheckName.POLICY, "No database user was named.")
    stranger = aws_checks.of_another_account(case, CheckName.POLICY)
    if stranger is not None:
        return stranger
    caller = _caller(case)
    statement = login_advice.statement(found, user)
    if caller is None:
        return unknown(CheckName.POLICY, " ".join(case.hidden), f"It must say:\n{statement}")
    answer = login_rights.case(caller, found, user).answer()
    why = "; ".join(trust.sentence(each) for each in answer.reasons[:3])
    if answer.decision is Decision.ALLOW:
        return _unless_beyond(case, found, why)
    if answer.decision is Decision.UNKNOWN:
        return _simulated(case, found, " ".join([*case.hidden, why]))
    if answer.explicit:
        fix = "Take that Deny away, or narrow it; an Allow changes nothing."
        return failed(CheckName.POLICY, Cause.POLICY_DENIES, why, fix)
    shut = dict.fromkeys(each.source for each in answer.reasons)
    if Source.IDENTITY not in shut:
        names = " and ".join(policy_gates.NAMES[each] for each in shut)
        fix = f"Its own policies allow it. The {names} must too; whoever keeps them adds:\n"
        return failed(CheckName.POLICY, Cause.ORGANISATION, why, f"{fix}{statement}")
    fix = f"Add this statement to {_whose(case)}:\n{statement}"
    return failed(CheckName.POLICY, Cause.POLICY, why, fix)


def _whose(case: Case) -> str:
    assert case.identity is not None
    arn = case.identity.arn
    return f"the role {arn.split('/')[1]}" if ":assumed-role/" in arn else arn


def _unless_beyond(case: Case, found: Database, why: str) -> Finding:
    """What may be read allows it; an organization's policies AWS alone knows, where it is asked."""
    try:
        simulated = _simulation(case, *_asked_about(case, found))
    except RolebrowserError:
        case.cancel.check()
        unseen = "an organization's policies can't be seen without iam:SimulatePrincipalPolicy"
        return passed(CheckName.POLICY, f"{why}; {unseen}")
    if simulated.by_organization:
        said = f"iam:SimulatePrincipalPolicy says {simulated.decision}, by the organization"
        return _beyond(f"{why}; but {said}", login_advice.statement(found, case.target.user))
    return passed(CheckName.POLICY, why)


def _beyond(said: str, statement: str) -> Finding:
    fix = "Whoever keeps the organization's service control policies must let this through:"
    return failed(CheckName.POLICY, Cause.ORGANISATION, said, f"{fix}\n{statement}")


def _asked_about(case: Case, found: Database) -> tuple[str, str]:
    """(whose policies, on what): of a simulation."""
    from rolebrowser.identity import simulation

    assert case.identity is not None
    source = simulation.source_arn(case.caller, case.identity.arn)
    return source, users.resource_arn(found, case.target.user)


def _simulation(case: Case, source: str, resource: str) -> Simulated:
    """Raises as `simulation.simulate`."""
    from rolebrowser.identity import simulation

    assert case.session is not None
    return simulation.simulate(
        case.session,
        source,
        login_rights.ACTION,
        resource,
        cancel=case.cancel,
        seconds=case.config.timeouts.aws,
    )


def _simulated(case: Case, found: Database, why: str) -> Finding:
    """AWS's own simulation, where it may be asked and ours can't tell."""
    source, resource = _asked_about(case, found)
    statement = login_advice.statement(found, case.target.user)
    try:
        simulated = _simulation(case, source, resource)
    except RolebrowserError as error:
        case.cancel.check()
        why = f"{why} {error.what} {error.why}".strip()
        ask = f"Somebody who may can ask AWS:\n{simulate_command(source, resource)}"
        return unknown(CheckName.POLICY, why, f"It must say:\n{statement}\n{ask}")
    said = f"iam:SimulatePrincipalPolicy says {simulated.decision}"
    if simulated.decision == "allowed":
        return passed(CheckName.POLICY, said)
    if simulated.by_organization:
        return _beyond(said, statement)
    if simulated.decision == "explicitDeny":
        fix = "Take that Deny away, or narrow it; an Allow changes nothing."
        return failed(CheckName.POLICY, Cause.POLICY_DENIES, said, fix)
    fix = f"Add this statement to {_whose(case)}:\n{statement}"
    return failed(CheckName.POLICY, Cause.POLICY, said, fix)


def _caller(case: Case) -> Caller | None:
    """The session's rights, read once; None where nothing could be read at all."""
    if case.caller is None and case.session is not None and case.identity is not None:
        from rolebrowser.identity import own_policies

        try:
            case.caller = own_policies.read(
                case.session,
                case.identity.arn,
                cancel=case.cancel,
                seconds=case.config.timeouts.aws,
                partial=case.hidden.append,
            )
        except RolebrowserError as error:
            case.cancel.check()
            case.hidden.append(error.what)
    return case.caller


def _strangers(case: Case, ids: list[str]) -> list[str]:
    """Those ids that are no other database's: a mistake, such as the id of a cluster's instance."""
    from rolebrowser.database import rds

    if not ids or case.session is None or case.database is None:
        return []
    known: set[str] = set()
    try:
        listed = rds.list_databases(case.session, case.database.region, cancel=case.cancel)
        known = {each.resource_id for each in listed}
    except RolebrowserError:
        case.cancel.check()
    return [each for each in ids if each not in known]


def allowed_users(case: Case) -> list[str]:
    """The users that the session's policies name for the database, patterns aside."""
    if case.caller is None or case.database is None:
        return []
    named = [
        user
        for resource in login_rights.allowed_resources(case.caller)
        for user in users.user_patterns(resource, case.database)
    ]
    return [each for each in dict.fromkeys(named) if "*" not in each and "?" not in each]


def _other_ids(caller: Caller, found: Database, user: str) -> Iterator[str]:
    """Resource ids that Allow statements name for this user instead of the database's."""
    for resource in login_rights.allowed_resources(caller):
        parts = resource.split(":", 6)
        where = ":".join(parts[3:5])
        here = policy_pattern.glob(where, f"{found.region}:{found.account}")
        if len(parts) < 7 or parts[2] != "rds-db" or not here:
            continue
        named, slash, who = parts[6].partition("/")
        if (
            slash
            and not policy_pattern.glob(named, found.resource_id)
            and policy_pattern.glob(who, user)
        ):
            yield named
