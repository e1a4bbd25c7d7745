"""The checks of the way there: DNS, TCP, what is trusted, TLS, and the token's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

from rolebrowser.database.model import DatabaseKind, Endpoint
from rolebrowser.database.route import Way
from rolebrowser.doctor import aws_checks, causes
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import Cause, CheckName, Finding, failed, passed, skipped, unknown
from rolebrowser.errors import RolebrowserError, RouteError
from rolebrowser.identity.model import Session
from rolebrowser.identity.sessions import countdown
from rolebrowser.target import Engine

_NOWHERE = "The endpoint is not known."
_PROXYS_CA = (
    "An RDS Proxy shows certificates of Amazon Trust Services, which systems hold: somebody stands "
    "between (a proxy that opens TLS?), or proxy_ca_bundle in config.toml names another file."
)


def dns(case: Case) -> Finding:
    """The name resolves: the endpoint's, or the route's."""
    from rolebrowser.database import route

    if case.endpoint is None:
        return skipped(CheckName.DNS, _NOWHERE)
    try:
        case.way = route.resolve(case.config, case.target, case.endpoint)
        if case.way.tunnel:
            where = case.way.route.means if case.way.route else ""
            return skipped(CheckName.DNS, f"{case.way.host} is looked up over there: {where}.")
        found = route.look_up(case.way, seconds=case.config.timeouts.connect, cancel=case.cancel)
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.DNS, causes.of_network(error), error)
    return passed(CheckName.DNS, named(case.way, found))


def named(way: Way, found: Sequence[str]) -> str:
    """What a host's name stands for, and by which route it is gone to.

    Args:
        found: its addresses.
    """
    by = f", by route {way.route.name or way.route.endpoint!r}" if way.route else ""
    if list(found) == [way.host]:
        return f"{way.host} is an address already{by}"
    return f"{way.host} is {', '.join(found)}{by}"


def tcp(case: Case) -> Finding:
    """Somebody answers; where the way is a tunnel, it stands."""
    from rolebrowser.database import route

    if case.endpoint is None or case.way is None or case.bad(CheckName.DNS):
        return skipped(CheckName.TCP, "There is no address to knock at.")
    if case.way.tunnel:
        return _tunnel(case, case.way, case.endpoint)
    case.port = case.way.port
    limit = case.config.timeouts.connect
    try:
        case.reached = route.probe(case.way, case.endpoint, seconds=limit, cancel=case.cancel)
    except RolebrowserError as error:
        case.cancel.check()
        found = causes.because(CheckName.TCP, causes.of_network(error), error)
        return replace(found, fix=_reach(case, found.fix))
    return passed(CheckName.TCP, f"{case.reached} port {case.way.port} answers")


def _tunnel(case: Case, way: Way, endpoint: Endpoint) -> Finding:
    from rolebrowser.database import tunnels

    def session(profile: str) -> Session:
        return aws_checks.session(case, profile)

    if case.database is None:
        return skipped(CheckName.TCP, "The database is not known.")
    try:
        reached = tunnels.reach(
            way, endpoint, case.database, case.config, session, cancel=case.cancel
        )
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.TCP, causes.of_route(error), error)
    case.reached, case.port, case.tunnel = reached.address, reached.port, reached.tunnel
    return passed(CheckName.TCP, reached.evidence)


def _reach(case: Case, fix: str) -> str:
    looked = case.findings.get(CheckName.DATABASE)
    if looked is not None and looked.cause is Cause.STATUS:
        return ""  # no other way leads to what isn't running
    found, by_route = case.database, case.way is not None and case.way.route is not None
    if found is None or found.publicly_accessible is not False or by_route:
        return fix
    return f"{found.id} is reached from inside its VPC only: by VPN or a route. {fix}"


def trust(case: Case) -> Finding:
    """The certificates that are trusted."""
    from rolebrowser.database import truststore

    found = case.database
    if found is None:
        return skipped(CheckName.TRUST, "The database is not known.")
    try:
        case.trust = truststore.trust(case.config, found.region, found.kind, cancel=case.cancel)
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.TRUST, Cause.BUNDLE, error)
    return passed(CheckName.TRUST, str(case.trust))


def tls(case: Case) -> Finding:
    """What answers shows a certificate for the endpoint's real name, by a CA that is trusted."""
    from rolebrowser.connection import handshake

    if case.way is None or case.endpoint is None or not case.reached:
        return skipped(CheckName.TLS, "Nothing was reached to shake hands with.")
    if case.trust is None or case.database is None:
        return skipped(CheckName.TLS, "There is nothing to trust it by.")
    try:
        shaken = handshake.shake(
            case.database.protocol or Engine.POSTGRES,
            case.endpoint.host,
            (case.reached, case.port),
            case.trust.context,
            seconds=case.config.timeouts.connect,
        )
    except RolebrowserError as error:
        case.cancel.check()
        if case.tunnel is not None:
            error = case.tunnel.explain(error)
        cause = causes.of_login(error)
        if cause is Cause.TIMEOUT and not isinstance(error, RouteError):
            cause = Cause.HUNG_UP
        found = causes.because(CheckName.TLS, cause, error)
        if cause is Cause.UNTRUSTED and case.database.kind is DatabaseKind.PROXY:
            return replace(found, fix=_PROXYS_CA)
        return replace(found, fix=found.fix.replace("…", case.database.id))
    seen = shaken.certificate
    return passed(CheckName.TLS, f"{shaken.version}, issued by {seen.issuer}, until {seen.ends}")


def token(case: Case) -> Finding:
    """A token can be signed, and says what it should: host, port, region, user."""
    from rolebrowser.database import token as tokens

    if case.session is None or case.endpoint is None or case.database is None:
        return skipped(CheckName.TOKEN, "There is no session, or no endpoint, to sign one for.")
    if not case.target.user:
        return unknown(CheckName.TOKEN, "No database user was named.", "Name one: -u USER.")
    where, now = case.endpoint, datetime.now(UTC)
    try:
        minted = tokens.presign(
            case.session, where.host, where.port, case.target.user, case.database.region, now
        )
    except RolebrowserError as error:
        return failed(CheckName.TOKEN, causes.of_aws(error), error.what, error.fix)
    place, _, query = minted.value.reveal().partition("/?")
    fields = parse_qs(query)
    region = fields["X-Amz-Credential"][0].split("/")[2]
    evidence = (
        f"signed for {place}, {region}, user {fields['DBUser'][0]}, "
        f"usable {countdown(minted.expires_at, now)}, {len(minted.value.reveal())} characters"
    )
    return passed(CheckName.TOKEN, evidence)
