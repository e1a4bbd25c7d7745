"""The checks AWS answers: credentials, clock, database, IAM authentication, policies."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from datetime import UTC, datetime

from rolebrowser.cancel import bounded
from rolebrowser.database import login_advice
from rolebrowser.database.model import Database
from rolebrowser.database.remembered import Remembered
from rolebrowser.database.usable import usable_endpoint
from rolebrowser.doctor import causes
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import Cause, CheckName, Finding, failed, passed, skipped, unknown
from rolebrowser.errors import RolebrowserError, UnknownName
from rolebrowser.identity.model import Session
from rolebrowser.identity.sessions import countdown


def credentials(case: Case) -> Finding:
    """A session, and whose it is."""
    from rolebrowser.identity import credentials as wallet

    try:
        case.session = session(case)
        try:
            _identify(case, case.session)
        except RolebrowserError as error:
            if not wallet.over(error):
                raise
            # A cached session that was ended before its time: the connect would renew it too.
            case.session = session(case, fresh=True)
            _identify(case, case.session)
    except RolebrowserError as error:
        cause = causes.of_aws(error)
        if cause is Cause.CLOCK:
            case.clock_error = error
            return unknown(CheckName.CREDENTIALS, "AWS takes no request while the clock is off.")
        case.session = None
        return causes.because(CheckName.CREDENTIALS, cause, error)
    assert case.identity is not None
    ends = case.session.expires_at
    left = f", {countdown(ends, datetime.now(UTC))} left" if ends is not None else ""
    return passed(CheckName.CREDENTIALS, f"{case.identity.arn}{left}")


def session(case: Case, profile: str = "", *, fresh: bool = False) -> Session:
    """A session of the target, or of another profile. Raises as `credentials.resolve`."""
    from rolebrowser.identity import credentials as wallet
    from rolebrowser.identity import profile_files

    if not profile and case.session is not None and not fresh:
        return case.session
    return wallet.resolve(
        profile or case.target.profile,
        "" if profile else case.target.role,
        profiles=profile_files.load(os.environ),
        aws_dir=case.config.aws_dir,
        prompts=case.prompts,
        region=case.target.region,
        cancel=case.cancel,
        seconds=case.config.timeouts.aws,
        fresh=fresh,
    )


def _identify(case: Case, session: Session) -> None:
    from rolebrowser.identity import caller_identity

    found = caller_identity.ask(session, cancel=case.cancel, seconds=case.config.timeouts.aws)
    case.identity, case.off = found.identity, found.off


def clock(case: Case) -> Finding:
    """This machine's clock against AWS's: a token is signed with the time."""
    fix = "Set this machine's clock: timedatectl set-ntp true (or sntp -sS time.aws.com)."
    if case.clock_error is not None:
        return replace(causes.because(CheckName.CLOCK, Cause.CLOCK, case.clock_error), fix=fix)
    if case.off is None:
        return unknown(CheckName.CLOCK, "AWS has not answered, so there is nothing to compare to.")
    words = f"{abs(case.off):.0f} s {'ahead of' if case.off > 0 else 'behind'} AWS's"
    if case.clock_is_off:
        return failed(CheckName.CLOCK, Cause.CLOCK, f"This clock is {words}.", fix)
    return passed(CheckName.CLOCK, "as AWS's" if abs(case.off) < 2 else words)


def database(case: Case) -> Finding:
    """The database, where it is and how it is."""
    target = case.target
    if case.session is None or case.clock_is_off:
        why = "without a session" if case.session is None else "while the clock is off"
        case.database = _recalled(case)
        if case.database is None:
            return skipped(CheckName.DATABASE, f"AWS can't be asked {why}.")
        case.endpoint = case.database.endpoint(target.endpoint)
        memory = "what follows goes by what is remembered of it."
        return unknown(CheckName.DATABASE, f"AWS can't be asked {why}; {memory}")
    try:
        case.database = _find(case, case.session)
        case.endpoint = case.database.endpoint(target.endpoint)
        usable_endpoint(case.database, target.endpoint)
    except UnknownName as error:
        elsewhere = _elsewhere(case, case.session) if error.kind == "database" else ""
        if elsewhere:
            evidence = f"There is no {target.database} in {case.session.region}, but in {elsewhere}"
            fix = f"Give the region: --region {elsewhere}, or set it in the bookmark or profile."
            return failed(CheckName.DATABASE, Cause.OTHER_REGION, f"{evidence}.", fix)
        return causes.because(CheckName.DATABASE, Cause.NO_DATABASE, error)
    except RolebrowserError as error:
        found = causes.because(CheckName.DATABASE, causes.of_database(error), error)
        if found.cause is Cause.DESCRIBE:
            more = "Or name the endpoint itself: HOST:PORT instead of the database's id."
            found = replace(found, fix=f"{found.fix} {more}".strip())
        return found
    found = case.database
    where = f"{case.endpoint.host}:{case.endpoint.port}" if case.endpoint else "no endpoint"
    status = found.status or "its state is not known"
    return passed(CheckName.DATABASE, f"{found.kind.value} {found.id}, {status}, {where}")


def _find(case: Case, session: Session) -> Database:
    from rolebrowser.database import rds

    return bounded(
        lambda: rds.find(
            session,
            session.region,
            case.target.database,
            endpoint=case.target.endpoint,
            cancel=case.cancel,
        ),
        cancel=case.cancel,
        limit=case.config.timeouts.aws,
        what=f"Asking AWS about {case.target.database}",
        fix="Is AWS reachable?",
    )


def _elsewhere(case: Case, session: Session) -> str:
    """Another region that has a database of that name; empty where none is seen."""
    from rolebrowser.database import rds

    def look() -> str:
        others = [each for each in rds.regions(session) if each != session.region]
        found = rds.list_databases(session, others, cancel=case.cancel)
        return next((each.region for each in found if each.id == case.target.database), "")

    try:
        return bounded(
            look, cancel=case.cancel, limit=case.config.timeouts.aws, what="Asking other regions"
        )
    except RolebrowserError:
        case.cancel.check()
        return ""


def _recalled(case: Case) -> Database | None:
    from rolebrowser.database import describe

    return describe.from_host(case.target.database) or Remembered(case.config.cache_dir).latest(
        case.target.database
    )


def iam_auth(case: Case) -> Finding:
    """IAM database authentication is turned on."""
    found = case.database
    if found is None:
        return skipped(CheckName.IAM_AUTH, "The database is not known.")
    if found.iam_auth is None:
        return unknown(CheckName.IAM_AUTH, "AWS was not asked, or didn't say.")
    if not found.iam_auth:
        evidence = f"IAM database authentication is off on {found.id}."
        return failed(CheckName.IAM_AUTH, Cause.IAM_OFF, evidence, login_advice.turn_on(found))
    return passed(CheckName.IAM_AUTH, f"on for {found.id}")


def simulate_command(session_arn: str, resource: str) -> str:
    """An aws command that asks AWS itself, for somebody who may."""
    return (
        f"aws iam simulate-principal-policy --policy-source-arn {shlex.quote(session_arn)} "
        f"--action-names rds-db:connect --resource-arns {shlex.quote(resource)}"
    )
