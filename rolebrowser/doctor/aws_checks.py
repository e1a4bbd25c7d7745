"""The checks AWS answers: credentials, clock, database, IAM authentication, policies."""

from __future__ import annotations

import contextlib
import os
import shlex
from dataclasses import replace
from datetime import UTC, datetime

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.database import login_advice
from rolebrowser.database.model import Database
from rolebrowser.database.remembered import Remembered
from rolebrowser.database.usable import usable_endpoint
from rolebrowser.doctor import causes
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import Cause, CheckName, Finding, failed, passed, skipped, unknown
from rolebrowser.errors import AwsError, Cancelled, RolebrowserError, UnknownName
from rolebrowser.identity.model import Session
from rolebrowser.identity.sessions import countdown
from rolebrowser.kept import age
from rolebrowser.reaching import described


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
        found = causes.because(CheckName.CREDENTIALS, cause, error)
        return _explained(case, found, error) if cause is Cause.ASSUME_ROLE else found
    assert case.identity is not None
    ends = case.session.expires_at
    left = f", {countdown(ends, datetime.now(UTC))} left" if ends is not None else ""
    return passed(CheckName.CREDENTIALS, f"{case.identity.arn}{left}")


def _explained(case: Case, found: Finding, error: RolebrowserError) -> Finding:
    """The same with what the role's trust policy wants, where it can be read."""
    from rolebrowser.doctor import assume_checks

    lack = assume_checks.lacking(case, error, lambda name: session(case, name))
    if lack is None:
        return found
    evidence = f"{found.evidence.rstrip('.')}. {lack.evidence}"
    return replace(found, evidence=evidence, fix=lack.fix or found.fix)


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
        known = case.database
        what = f"{known.kind.value} {known.id}, {case.remembered or 'by its name alone'}"
        return unknown(CheckName.DATABASE, f"AWS can't be asked {why}. {what}.")
    try:
        case.database = described(target, case.session, case.config.timeouts.aws, case.cancel)
        case.endpoint = case.database.endpoint(target.endpoint)
        usable_endpoint(case.database, target.endpoint)
    except UnknownName as error:
        elsewhere, unasked = "", ""
        if error.kind == "database":
            elsewhere, unasked = _elsewhere(case, case.session)
        if elsewhere:
            evidence = f"There is no {target.database} in {case.session.region}, but in {elsewhere}"
            fix = f"Give the region: --region {elsewhere}, or set it in the bookmark or profile."
            return failed(CheckName.DATABASE, Cause.OTHER_REGION, f"{evidence}.", fix)
        stranger = of_another_account(case, CheckName.DATABASE)
        if stranger is not None:
            return stranger
        hidden = error.__cause__
        if isinstance(hidden, AwsError):
            found = causes.because(CheckName.DATABASE, causes.of_database(hidden), error)
            return replace(found, fix=f"{hidden.fix} {error.fix}".strip())
        found = causes.because(CheckName.DATABASE, Cause.NO_DATABASE, error)
        return replace(found, evidence=f"{found.evidence} {unasked}".strip())
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


_USUAL = "us-east-1"
"""AWS's first region, where what nobody chose a region for ends up."""


def _elsewhere(case: Case, session: Session) -> tuple[str, str]:
    """Another region that has a database of that name, empty where none is seen; and why it could
    not be asked for."""
    from rolebrowser.database import rds

    seen: list[str] = []
    enough = Cancel()
    forget = case.cancel.on_cancel(enough.cancel)

    def heard(progress: rds.Progress) -> None:
        seen.extend(e.region for e in progress.databases if e.id == case.target.database)
        if seen:
            enough.cancel()

    def look() -> None:
        likely = {each.target.region for each in case.config.bookmarks} | {_USUAL}
        others = [each for each in rds.regions(session) if each != session.region]
        others.sort(key=lambda region: region not in likely)
        with contextlib.suppress(Cancelled):
            rds.list_databases(session, others, cancel=enough, progress=heard)

    try:
        limit = case.config.timeouts.aws
        bounded(look, cancel=case.cancel, limit=limit, what="Asking other regions")
    except RolebrowserError as error:
        case.cancel.check()
        return "", f"Whether another region has it is not known: {error.what}"
    finally:
        forget()
        enough.cancel()
    return next(iter(seen), ""), ""


def _recalled(case: Case) -> Database | None:
    """What is known of the database without asking AWS; `case.remembered` says since when."""
    from rolebrowser.database import describe

    by_host = describe.from_host(case.target.database)
    if by_host is not None:
        return by_host
    found = Remembered(case.config.cache_dir).latest(case.target.database)
    if found is None:
        return None
    case.remembered = f"as AWS said {age(found[1], datetime.now(UTC))}"
    return found[0]


def of_another_account(case: Case, check: CheckName) -> Finding | None:
    """The finding that the database is of another account than the session, if that is so.

    AWS says it of databases it is asked about, and shows only an account's own: of the others one
    knows what was remembered when somebody got in.
    """
    if case.identity is None:
        return None
    found, name, said = case.database, case.target.database, ""
    owner = found.account if found is not None else ""
    if not owner:
        known = Remembered(case.config.cache_dir).latest(name.partition(":")[0])
        if known is None:
            return None
        owner, said = known[0].account, f", as AWS said {age(known[1], datetime.now(UTC))}"
    if not owner or owner == case.identity.account:
        return None
    evidence = f"{found.id if found is not None else name} is of account {owner}{said}; the session"
    evidence += f" is of {case.identity.account}: only the database's own account can let it in."
    fix = f"Assume a role in {owner} (role_arn in the profile, or --role)."
    return failed(check, Cause.OTHER_ACCOUNT, evidence, fix)


def iam_auth(case: Case) -> Finding:
    """IAM database authentication is turned on."""
    found = case.database
    if found is None:
        return skipped(CheckName.IAM_AUTH, "The database is not known.")
    if found.iam_auth is None:
        return unknown(CheckName.IAM_AUTH, "AWS was not asked, or didn't say.")
    if case.remembered:
        state = "on" if found.iam_auth else "off"
        return unknown(CheckName.IAM_AUTH, f"{state} for {found.id}, {case.remembered}")
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
