"""connect.py: the whole road, on the sandbox's AWS and the real PostgreSQL behind its doors."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from rolebrowser import config as configuration
from rolebrowser.cancel import Cancel
from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config, Timeouts
from rolebrowser.connect import mint_token, open_target, prepare
from rolebrowser.database import token
from rolebrowser.errors import (
    Cancelled,
    ConfigError,
    ConnectionLost,
    CredentialsError,
    DatabaseUnavailable,
    LoginRefused,
    MfaRequired,
    RolebrowserError,
    RouteError,
    TimedOut,
    TlsError,
    UnknownName,
)
from rolebrowser.identity.prompts import MfaRequest, NobodyToAsk
from rolebrowser.opened import Opened
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target

STAGING = Target(
    profile="staging", database="orders-staging", user="app_oncall", dbname="orders_staging"
)
PRODUCTION_HOST = "orders-production.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"


@dataclass
class Person(NobodyToAsk):
    codes: list[str]
    asked: list[MfaRequest] = field(default_factory=list)

    def mfa_code(self, request: MfaRequest) -> str:
        self.asked.append(request)
        return self.codes.pop(0)


@dataclass
class Traveller:
    """Walks roads in the sandbox's world, and remembers what was reported."""

    sandbox: SandboxProcess
    config: Config
    checks: list[Check] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)

    def go(self, where: Target | str, **arguments: Any) -> Opened:
        bookmark = self.config.bookmark(where) if isinstance(where, str) else None
        target = bookmark.target if bookmark else where
        assert isinstance(target, Target)
        self.checks = []
        walked = open_target(target, config=self.config, report=self.checks.append, **arguments)
        self.opened.append(walked)
        return walked

    def fault(self, database: str, **changes: object) -> None:
        self.sandbox.control("fault", database=database, **changes)

    def limit(self, **seconds: float) -> None:
        self.config = replace(self.config, timeouts=Timeouts(**seconds))

    @property
    def ended(self) -> dict[Step, Status]:
        return {check.step: check.status for check in self.checks}

    @property
    def steps(self) -> list[Step]:
        return [check.step for check in self.checks if check.status is Status.STARTED]


@pytest.fixture
def traveller(sandbox_env: SandboxProcess) -> Iterator[Traveller]:
    someone = Traveller(sandbox_env, configuration.load())
    yield someone
    for opened in someone.opened:
        opened.connection.close()
    for database in ("orders-production", "orders-staging"):
        someone.fault(
            database, no_tls=False, certificate="", stall=False, garbage=False, down=False
        )


def refused(traveller: Traveller, where: Target | str, **arguments: Any) -> RolebrowserError:
    with pytest.raises(RolebrowserError) as caught:
        traveller.go(where, **arguments)
    return caught.value


def test_a_bookmark_leads_all_the_way_to_a_connection(traveller: Traveller) -> None:
    opened = traveller.go("1")
    assert opened.connection.info.user == "app_oncall"
    assert opened.connection.info.dbname == "orders"
    assert opened.connection.read_only
    assert opened.connection.query("SELECT current_user").result() == (("app_oncall",),)
    assert opened.database is not None
    assert opened.database.id == "orders-production"
    assert opened.endpoint is not None
    assert opened.endpoint.host == PRODUCTION_HOST


def test_each_step_is_reported_as_it_starts_and_as_it_ends(traveller: Traveller) -> None:
    opened = traveller.go("1")
    assert traveller.steps == list(Step)
    assert [check.status for check in traveller.checks] == [Status.STARTED, Status.PASS] * 6
    assert opened.checks == tuple(c for c in traveller.checks if c.status is Status.PASS)
    evidence = {check.step: check.evidence for check in opened.checks}
    assert "production-readonly" in evidence[Step.CREDENTIALS]
    assert "orders-production available" in evidence[Step.DATABASE]
    assert "app_oncall" in evidence[Step.TOKEN]
    assert "ca_bundle" in evidence[Step.TRUST]
    assert "127.0.0.1" in evidence[Step.ROUTE]
    assert "TLS" in evidence[Step.LOGIN]
    assert all(check.seconds > 0 for check in opened.checks)


def test_nothing_secret_is_reported(traveller: Traveller) -> None:
    opened = traveller.go("1")
    session, made = opened.current_session(), opened.current_token()
    assert session is not None
    assert made is not None
    told = repr(traveller.checks) + repr(opened)
    for secret in (session.secret_key, session.token, made.value):
        assert secret is not None
        assert secret.reveal() not in told


def test_a_reader_is_another_endpoint_with_a_token_of_its_own(traveller: Traveller) -> None:
    opened = traveller.go("6")
    assert opened.endpoint is not None
    assert ".cluster-ro-" in opened.endpoint.host
    made = opened.current_token()
    assert made is not None
    assert made.host == opened.endpoint.host


@pytest.mark.parametrize("endpoint", ["orders-production-2", "reader", "writer"])
def test_an_endpoint_may_be_named(endpoint: str, traveller: Traveller) -> None:
    target = replace(traveller.config.bookmarks[0].target, endpoint=endpoint)
    assert traveller.go(target).connection.alive


def test_an_instance_of_a_cluster_is_a_way_to_its_cluster(traveller: Traveller) -> None:
    target = replace(traveller.config.bookmarks[0].target, database="orders-production-2")
    opened = traveller.go(target)
    assert opened.database is not None
    assert opened.database.resource_id.startswith("cluster-")
    assert opened.endpoint is not None
    assert opened.endpoint.host.startswith("orders-production-2.")


def test_an_endpoints_host_name_will_do_where_nobody_may_look(traveller: Traveller) -> None:
    port = prepare(traveller.config.bookmarks[0].target, config=traveller.config).endpoint.port
    target = replace(traveller.config.bookmarks[0].target, database=f"{PRODUCTION_HOST}:{port}")
    opened = traveller.go(target)
    assert opened.connection.info.dbname == "orders"
    assert "not asked about" in opened.checks[1].evidence


def test_a_code_is_asked_for_where_the_role_needs_one(traveller: Traveller) -> None:
    person = Person(["000000", "123456"])
    opened = traveller.go("orders-production-admin", prompts=person)
    assert opened.connection.info.user == "dbadmin"
    assert [bool(request.refused) for request in person.asked] == [False, True]


def test_without_anybody_to_ask_for_a_code_the_first_step_fails(traveller: Traveller) -> None:
    error = refused(traveller, "3")
    assert isinstance(error, MfaRequired)
    assert traveller.ended == {Step.CREDENTIALS: Status.FAIL}


def test_a_user_outside_rds_iam_is_told_to_be_put_in(traveller: Traveller) -> None:
    error = refused(traveller, "billing")
    assert isinstance(error, LoginRefused)
    assert "rds_iam" in error.what
    assert "password authentication failed" in error.why
    assert "CREATE USER billing_app; GRANT rds_iam TO billing_app;" in error.fix
    assert "rolebrowser doctor billing -p staging -u billing_app" in error.fix
    assert traveller.ended[Step.LOGIN] is Status.FAIL


def test_iam_authentication_that_is_off_is_named_with_the_command_to_turn_it_on(
    traveller: Traveller,
) -> None:
    error = refused(traveller, "legacy")
    assert "IAM database authentication is off" in error.what
    assert "--db-instance-identifier legacy" in error.fix
    assert "--enable-iam-database-authentication" in error.fix


def test_a_user_no_policy_allows_gets_the_statement_to_add(traveller: Traveller) -> None:
    error = refused(traveller, replace(STAGING, user="orders_app"))
    assert isinstance(error, LoginRefused)
    assert "PAM authentication failed" in error.why
    statement = json.loads(error.fix[error.fix.index("{") :])
    assert statement == {
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": "arn:aws:rds-db:eu-west-1:222222222222:dbuser:"
        "cluster-ORDERSSTAGING4TZ9XW/orders_app",
    }


def test_a_refusal_does_not_claim_that_a_policy_is_missing_where_a_boundary_is_shut(
    traveller: Traveller,
) -> None:
    # Contractor's own policies allow every user; its boundary only app_oncall_ro.
    role = "arn:aws:iam::222222222222:role/team/Contractor"
    error = refused(traveller, replace(STAGING, role=role, user="app_oncall"))
    assert isinstance(error, LoginRefused)
    assert "policies need" not in error.fix
    assert "so must a permissions boundary" in error.fix
    assert "the doctor tells which" in error.fix


def test_a_stopped_database_says_how_to_start_it(traveller: Traveller) -> None:
    error = refused(traveller, Target(profile="staging", database="archive", user="app_oncall"))
    assert isinstance(error, DatabaseUnavailable)
    assert "aws rds start-db-instance --db-instance-identifier archive" in error.fix
    assert traveller.ended[Step.DATABASE] is Status.FAIL


def test_an_unknown_database_offers_the_nearest(traveller: Traveller) -> None:
    error = refused(traveller, replace(STAGING, database="order-staging"))
    assert isinstance(error, UnknownName)
    assert error.nearest[0] == "orders-staging"


def test_an_unknown_endpoint_offers_the_nearest(traveller: Traveller) -> None:
    error = refused(traveller, replace(STAGING, endpoint="orders-staging-2"))
    assert isinstance(error, UnknownName)
    assert error.nearest[0] == "orders-staging-1"


def test_a_database_of_another_region_is_found_there_only(traveller: Traveller) -> None:
    reports = Target(profile="staging", database="reports", user="app_oncall")
    assert isinstance(refused(traveller, reports), UnknownName)
    opened = traveller.go(replace(reports, region="us-east-1"))
    assert opened.connection.info.dbname == "reports"


def test_an_unknown_profile_offers_the_nearest(traveller: Traveller) -> None:
    error = refused(traveller, replace(STAGING, profile="stagin"))
    assert isinstance(error, UnknownName)
    assert error.nearest[0] == "staging"


def test_expired_keys_are_told_before_anything_is_signed(traveller: Traveller) -> None:
    error = refused(traveller, replace(STAGING, profile="expired-keys"))
    assert isinstance(error, CredentialsError)
    assert Step.TOKEN not in traveller.ended


def test_no_user_is_a_sentence(traveller: Traveller) -> None:
    assert isinstance(refused(traveller, replace(STAGING, user="")), ConfigError)


def test_the_second_time_aws_need_not_be_asked(traveller: Traveller) -> None:
    traveller.go(STAGING)
    traveller.sandbox.control("latency", seconds=30)
    traveller.limit(aws=20)
    opened = traveller.go(STAGING)
    assert "as remembered" in opened.checks[1].evidence
    assert opened.connection.alive


def test_a_description_that_is_out_of_date_is_asked_for_again(traveller: Traveller) -> None:
    traveller.go(STAGING)
    kept = traveller.config.cache_dir / "databases.json"
    body = json.loads(kept.read_text())
    (entry,) = body["answers"].values()
    right = entry["body"]["endpoints"][0]["port"]
    entry["body"]["endpoints"][0]["port"] = 1
    kept.write_text(json.dumps(body))
    opened = traveller.go(STAGING)
    assert opened.connection.alive
    assert (Step.ROUTE, Status.FAIL) in [(c.step, c.status) for c in traveller.checks]
    (entry,) = json.loads(kept.read_text())["answers"].values()
    assert entry["body"]["endpoints"][0]["port"] == right
    assert {check.status for check in opened.checks} == {Status.PASS}


def test_a_refusal_that_has_nothing_to_do_with_the_description_stays_the_refusal(
    traveller: Traveller,
) -> None:
    first = refused(traveller, "billing")
    again = refused(traveller, "billing")
    assert (type(first), str(first)) == (type(again), str(again))
    assert traveller.steps.count(Step.LOGIN) == 1


@pytest.mark.parametrize("remembered", [False, True])
def test_a_cached_session_that_was_ended_early_is_replaced(
    remembered: bool, traveller: Traveller
) -> None:
    before = traveller.go(STAGING).current_session()
    traveller.sandbox.control("expire", role="arn:aws:iam::222222222222:role/Developer")
    if not remembered:
        (traveller.config.cache_dir / "databases.json").unlink()
    opened = traveller.go(STAGING)
    after = opened.current_session()
    assert opened.connection.alive
    assert before is not None
    assert after is not None
    assert before.access_key != after.access_key


def test_each_reconnect_mints_a_token_anew(traveller: Traveller) -> None:
    opened = traveller.go(STAGING)
    first = opened.current_token()
    opened.connection.reconnect().result()
    assert opened.current_token() is not first
    assert opened.connection.alive


def test_an_expired_session_is_renewed_before_the_token_is_signed(
    traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = traveller.go(STAGING)
    before = opened.current_session()
    really, said = token.is_over, iter([True, True])
    monkeypatch.setattr(token, "is_over", lambda *asked: next(said, False) or really(*asked))
    opened.connection.reconnect().result()
    after = opened.current_session()
    assert before is not None
    assert after is not None
    assert before.access_key != after.access_key


def test_throttling_is_waited_out(traveller: Traveller) -> None:
    traveller.sandbox.control("throttle", requests=1)
    assert traveller.go(STAGING).connection.alive


def test_aws_that_does_not_answer_has_a_time_limit(traveller: Traveller) -> None:
    traveller.sandbox.control("latency", seconds=30)
    traveller.limit(aws=0.3)
    error = refused(traveller, STAGING)
    assert isinstance(error, TimedOut)
    assert traveller.ended == {Step.CREDENTIALS: Status.FAIL}


def test_every_step_can_be_cancelled_while_aws_is_silent(traveller: Traveller) -> None:
    traveller.sandbox.control("latency", seconds=30)
    cancel = Cancel()
    threading.Timer(0.3, cancel.cancel).start()
    with pytest.raises(Cancelled):
        traveller.go(STAGING, cancel=cancel)


def test_a_login_that_hangs_can_be_cancelled(traveller: Traveller) -> None:
    traveller.fault("orders-staging", stall=True)
    cancel = Cancel()
    started = threading.Event()

    def report(check: Check) -> None:
        if check.step is Step.LOGIN and check.status is Status.STARTED:
            started.set()
            threading.Timer(0.2, cancel.cancel).start()

    with pytest.raises(Cancelled):
        open_target(STAGING, config=traveller.config, report=report, cancel=cancel)
    assert started.is_set()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"certificate": "wrong-name"}, TlsError),
        ({"certificate": "self-signed"}, TlsError),
        ({"certificate": "expired"}, TlsError),
        ({"no_tls": True}, TlsError),
        ({"down": True}, ConnectionLost),
        ({"stall": True}, TimedOut),
    ],
)
def test_what_is_wrong_at_the_door_is_told_apart(
    fault: dict[str, object], kind: type[RolebrowserError], traveller: Traveller
) -> None:
    if kind is TimedOut:
        traveller.limit(connect=2)
    traveller.fault("orders-staging", **fault)
    error = refused(traveller, STAGING)
    assert isinstance(error, kind)
    assert error.fix
    assert traveller.ended[Step.LOGIN] is Status.FAIL


def test_a_tunnel_that_is_down_is_told_at_the_route(traveller: Traveller) -> None:
    sandbox = next(each for each in traveller.config.routes if each.name == "sandbox")
    route = replace(sandbox, address="127.0.0.1:1")
    traveller.config = replace(traveller.config, routes=(route,))
    error = refused(traveller, STAGING)
    assert isinstance(error, RouteError)
    assert "tunnel" in error.fix
    assert traveller.ended[Step.ROUTE] is Status.FAIL


def test_a_trust_store_that_is_missing_is_told_before_anything_is_dialled(
    traveller: Traveller, tmp_path: Path
) -> None:
    traveller.config = replace(traveller.config, ca_bundle=str(tmp_path / "gone.pem"))
    error = refused(traveller, STAGING)
    assert isinstance(error, TlsError)
    assert Step.ROUTE not in traveller.ended


def test_a_plain_url_passes_aws_by(traveller: Traveller) -> None:
    url = traveller.sandbox.exports["SANDBOX_PG_DSN"]
    opened = traveller.go(Target(url=url))
    assert opened.connection.info.user == "rdsadmin"
    assert traveller.ended == {
        **dict.fromkeys(list(Step)[:-1], Status.SKIP),
        Step.LOGIN: Status.PASS,
    }
    assert opened.current_token() is None
    assert opened.current_session() is None


def test_a_plain_url_has_no_token_to_give(traveller: Traveller) -> None:
    target = Target(url="postgresql://localhost/x")
    with pytest.raises(ConfigError):
        mint_token(target, config=traveller.config)


def test_read_write_is_asked_for(traveller: Traveller) -> None:
    assert not traveller.go(STAGING, read_only=False).connection.read_only


def test_preparing_goes_up_to_the_door_and_no_further(traveller: Traveller) -> None:
    ready = prepare(STAGING, config=traveller.config)
    assert ready.reached == "127.0.0.1"
    assert ready.address.sslmode == "verify-full"
    assert ready.address.host == ready.endpoint.host
    assert ready.current_token() is not None
