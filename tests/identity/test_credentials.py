"""Sessions from a running AWS in small, shared with the stock AWS CLI."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.errors import (
    AssumeRoleDenied,
    AwsError,
    Cancelled,
    CredentialsError,
    LoginRequired,
    MfaRequired,
    ProfileError,
    RolebrowserError,
    SessionExpired,
    TimedOut,
    UnknownName,
)
from rolebrowser.identity import credentials, surprises
from rolebrowser.identity.cache_names import portal_key, session_key
from rolebrowser.identity.caches import FileCache, cli_cache, sso_cache
from rolebrowser.identity.credentials import identify
from rolebrowser.identity.model import Identity, Session, State
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.identity.sessions import lifetime
from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Machine

CODE = "123456"
READER = "arn:aws:iam::222222222222:role/team/DatabaseReader"
DEVELOPER = "arn:aws:iam::222222222222:role/Developer"
ON_CALL = "arn:aws:iam::333333333333:role/OnCall"
ALICE_MFA = "arn:aws:iam::111111111111:mfa/alice"


def left(session: Session) -> timedelta:
    assert session.expires_at is not None
    return session.expires_at - datetime.now(UTC)


def state(machine: Machine, name: str, role: str = "") -> State:
    profiles = machine.profiles
    profile = profiles.named(name)
    return lifetime(profile, profiles, machine.cached(), datetime.now(UTC), {}, role).state


@pytest.mark.parametrize(
    ("name", "who", "refreshable"),
    [
        ("engineer", "arn:aws:iam::111111111111:user/alice", False),
        ("staging", "arn:aws:sts::222222222222:assumed-role/Developer/", True),
        ("staging-reader", "arn:aws:sts::222222222222:assumed-role/DatabaseReader/", True),
        ("production-readonly", "arn:aws:sts::333333333333:assumed-role/OnCallReadOnly/", True),
        ("vendor", "arn:aws:sts::222222222222:assumed-role/Vendor/", True),
        ("web-identity", "arn:aws:sts::222222222222:assumed-role/GithubDeploy/", True),
        ("tool", "arn:aws:iam::111111111111:user/bob", False),
    ],
)
def test_each_kind_of_profile_becomes_who_it_says(
    machine: Machine, name: str, who: str, refreshable: bool
) -> None:
    session = machine.resolve(name)
    identity = identify(session)
    assert identity.arn.startswith(who)
    assert session.refreshable is refreshable
    assert session.region == "eu-west-1"
    assert machine.person.asked == []


def test_no_secret_shows_in_a_session(machine: Machine) -> None:
    session = machine.resolve("staging")
    assert session.token is not None
    for secret in (session.secret_key.reveal(), session.token.reveal()):
        assert secret not in repr(session)


def test_a_session_begun_here_is_the_clis_too(machine: Machine) -> None:
    session = machine.resolve("production", codes=(CODE,))
    told = machine.aws("sts", "get-caller-identity", "--profile", "production")
    assert told.stderr == ""
    assert json.loads(told.stdout)["Arn"] == identify(session).arn


def test_a_session_begun_by_the_cli_is_ours_too(machine: Machine) -> None:
    told = machine.aws("sts", "get-caller-identity", "--profile", "staging-reader")
    session = machine.resolve("staging-reader")
    assert json.loads(told.stdout)["Arn"] == identify(session).arn
    assert state(machine, "staging-reader") is State.VALID
    assert state(machine, "staging") is State.VALID


def test_a_code_is_asked_once_for_all_runs(machine: Machine) -> None:
    first = machine.resolve("production", codes=(CODE,))
    (asked,) = machine.person.asked
    assert (asked.serial, asked.role, asked.profile, asked.refused) == (
        ALICE_MFA,
        ON_CALL,
        "production",
        "",
    )
    assert not first.refreshable
    again = machine.resolve("production")
    assert (again.access_key, again.expires_at) == (first.access_key, first.expires_at)
    assert machine.person.asked == []


def test_a_wrong_code_is_asked_again_with_the_reason(machine: Machine) -> None:
    machine.resolve("production", codes=("000000", "12 34", f" {CODE}\n"))
    refused = [request.refused for request in machine.person.asked]
    assert refused[0] == ""
    assert "not accepted" in refused[1]
    assert "six digits" in refused[2]


def test_a_code_that_was_used_before_is_asked_for_anew(
    machine: Machine, sandbox: SandboxProcess
) -> None:
    sandbox.control("mfa", one_time_codes=["111111", "222222"])
    try:
        first = machine.resolve("production", codes=("111111",))
        # As when the display has not moved on yet.
        again = machine.resolve("production", codes=("111111", "222222"), fresh=True)
    finally:
        sandbox.control("mfa", one_time_codes=None)
    assert again.access_key != first.access_key
    refused = [request.refused for request in machine.person.asked]
    assert [bool(each) for each in refused] == [False, True]
    assert "Each works once: wait for the next." in refused[1]


def test_three_wrong_codes_are_enough(machine: Machine) -> None:
    with pytest.raises(MfaRequired, match="not accepted"):
        machine.resolve("production", codes=("000000",) * 5)
    assert len(machine.person.asked) == 3


def test_codes_of_the_wrong_shape_are_never_sent(machine: Machine) -> None:
    with pytest.raises(MfaRequired, match="six digits"):
        machine.resolve("production", codes=("abcdef", "١٢٣٤٥٦", ""))
    assert machine.cached().roles == {}


def test_a_person_who_will_not_answer_ends_it(machine: Machine) -> None:
    with pytest.raises(Cancelled):
        machine.resolve("production")


def test_with_nobody_there_the_error_says_what_was_needed(machine: Machine) -> None:
    with pytest.raises(MfaRequired, match=ALICE_MFA):
        credentials.resolve(
            "production",
            "",
            profiles=machine.profiles,
            aws_dir=machine.aws_dir,
            prompts=NobodyToAsk(),
        )


def test_the_question_is_asked_in_the_callers_thread_and_costs_no_time(machine: Machine) -> None:
    threads: list[threading.Thread] = []

    class Slow(NobodyToAsk):
        def mfa_code(self, request: object) -> str:
            threads.append(threading.current_thread())
            time.sleep(1.5)
            return CODE

    credentials.resolve(
        "production",
        "",
        profiles=machine.profiles,
        aws_dir=machine.aws_dir,
        prompts=Slow(),
        seconds=1.4,
    )
    assert threads == [threading.current_thread()]


def test_mfa_further_down_the_chain_is_asked_for_that_role(machine: Machine) -> None:
    machine.add(f"[profile deeper]\nrole_arn = {ON_CALL}\nsource_profile = production")
    with pytest.raises(AssumeRoleDenied):
        machine.resolve("deeper", codes=(CODE,))
    assert [request.profile for request in machine.person.asked] == ["production"]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("vendor-without-id", AssumeRoleDenied, "ExternalId"),
        ("forbidden", AssumeRoleDenied, "trust policy"),
        ("expired-keys", SessionExpired, "credentials (line 8): nothing renews"),
        ("ci-environment", ProfileError, "AWS_ACCESS_KEY_ID is not set"),
        ("corp-dev", LoginRequired, "aws sso login --sso-session corp"),
        ("legacy-sso", LoginRequired, "aws sso login --profile legacy-sso"),
        ("no-credentials", CredentialsError, "aws configure"),
        ("loop-a", ProfileError, "loop-a → loop-b → loop-a"),
        ("orphan", ProfileError, "'gone' doesn't exist"),
        ("both-sources", ProfileError, "both source_profile and credential_source"),
        ("nobody", UnknownName, "no profile named"),
        ("stagin", UnknownName, "'staging'"),
    ],
)
def test_what_cannot_work_is_a_sentence(
    machine: Machine, name: str, kind: type[RolebrowserError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        identify(machine.resolve(name))
    assert words in str(caught.value)


def test_a_wrong_secret_is_told_from_a_wrong_key(machine: Machine) -> None:
    machine.add(
        "[profile wrong-secret]\naws_access_key_id = AKIASANDBOXALICE0001\n"
        "aws_secret_access_key = mistyped\n[profile unknown-key]\n"
        "aws_access_key_id = AKIANOSUCHKEY000000\naws_secret_access_key = x\n"
    )
    for name, code in (
        ("wrong-secret", "SignatureDoesNotMatch"),
        ("unknown-key", "InvalidClientTokenId"),
    ):
        with pytest.raises(CredentialsError) as caught:
            identify(machine.resolve(name))
        assert caught.value.code == code
        assert credentials.over(caught.value) is (name == "unknown-key")
        assert "Check the keys" in caught.value.fix


def test_keys_of_the_environment_are_left_aside_for_a_chosen_profile(machine: Machine) -> None:
    machine.patch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    machine.patch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    session = machine.resolve("engineer")
    assert session.access_key == "AKIASANDBOXALICE0001"
    assert "left aside" in session.warnings[0]
    assert machine.resolve("(environment)").access_key == "AKIANOBODY"


def test_keys_of_the_environment_are_a_credential_source(machine: Machine) -> None:
    machine.patch.setenv("AWS_ACCESS_KEY_ID", "AKIASANDBOXALICE0001")
    machine.patch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox/alice+secret/key0000000000000001")
    assert identify(machine.resolve("ci-environment")).arn.startswith(
        "arn:aws:sts::222222222222:assumed-role/Developer/"
    )


def test_no_profile_means_what_botocore_makes_of_the_environment(machine: Machine) -> None:
    machine.patch.setenv("AWS_PROFILE", "production")
    session = machine.resolve("", codes=(CODE,))
    assert ":assumed-role/OnCall/" in identify(session).arn
    assert machine.person.asked[0].role == ON_CALL
    machine.patch.setenv("AWS_ACCESS_KEY_ID", "AKIASANDBOXALICE0001")
    machine.patch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox/alice+secret/key0000000000000001")
    session = machine.resolve("")
    assert identify(session).arn.endswith(":user/alice")
    assert "wins over AWS_PROFILE" in session.warnings[0]


def test_a_role_on_top_has_its_own_session(machine: Machine) -> None:
    session = machine.resolve("staging", READER)
    assert ":assumed-role/DatabaseReader/rolebrowser-" in identify(session).arn
    assert session.role == READER
    assert session.refreshable
    assert machine.resolve("staging", READER).access_key == session.access_key
    assert state(machine, "staging", READER) is State.VALID
    with pytest.raises(AssumeRoleDenied):
        machine.resolve("tool", READER)


def test_a_role_on_top_asks_for_the_profiles_device_when_it_is_denied(machine: Machine) -> None:
    machine.add(
        f"[profile with-device]\nmfa_serial = {ALICE_MFA}\n"
        "aws_access_key_id = AKIASANDBOXALICE0001\n"
        "aws_secret_access_key = sandbox/alice+secret/key0000000000000001\n"
    )
    session = machine.resolve("with-device", ON_CALL, codes=("000000", CODE))
    assert ":assumed-role/OnCall/" in identify(session).arn
    assert [request.role for request in machine.person.asked] == [ON_CALL, ON_CALL]


def test_a_chained_role_is_cut_to_an_hour_and_says_so(machine: Machine) -> None:
    session = machine.resolve("staging", READER, duration=7200)
    assert "one hour" in session.warnings[0]
    assert timedelta(minutes=59) < left(session) <= timedelta(hours=1)


def test_a_longer_duration_is_had_where_the_role_allows_it(machine: Machine) -> None:
    session = machine.resolve("engineer", DEVELOPER, duration=7200)
    assert left(session) > timedelta(minutes=119)


def test_more_than_the_role_allows_is_refused_with_what_to_change(machine: Machine) -> None:
    machine.add(
        f"[profile long]\nrole_arn = {DEVELOPER}\nsource_profile = engineer\n"
        "duration_seconds = 43200"
    )
    with pytest.raises(AssumeRoleDenied, match="duration_seconds") as caught:
        machine.resolve("long")
    assert "MaxSessionDuration" in caught.value.why


def test_renewing_gives_another_session_and_the_cli_gets_it_too(machine: Machine) -> None:
    first = machine.resolve("staging")
    second = credentials.renew(
        first, profiles=machine.profiles, aws_dir=machine.aws_dir, prompts=NobodyToAsk()
    )
    assert second.access_key != first.access_key
    assert machine.resolve("staging").access_key == second.access_key


def test_a_renewal_that_fails_leaves_the_session_there_was(machine: Machine) -> None:
    first = machine.resolve("production", codes=(CODE,))
    with pytest.raises(MfaRequired):
        machine.resolve("production", codes=("000000",) * 3, fresh=True)
    assert machine.resolve("production").access_key == first.access_key


def test_an_ended_session_below_is_replaced_without_a_word(
    machine: Machine, sandbox: SandboxProcess
) -> None:
    machine.resolve("staging")
    assert sandbox.control("expire", role=DEVELOPER) >= 1
    assert ":assumed-role/DatabaseReader/" in identify(machine.resolve("staging-reader")).arn


def test_an_ended_session_is_told_and_renewed(machine: Machine, sandbox: SandboxProcess) -> None:
    session = machine.resolve("staging")
    sandbox.control("expire", role=DEVELOPER)
    with pytest.raises(SessionExpired) as caught:
        identify(session)
    assert credentials.over(caught.value)
    assert identify(machine.resolve("staging", fresh=True)).account == "222222222222"


def test_a_session_near_its_end_is_used_rather_than_ask_for_a_code(machine: Machine) -> None:
    machine.resolve("production", codes=(CODE,))
    cache = FileCache(cli_cache(machine.aws_dir))
    (name,) = cache
    body = cache[name]
    # Twelve minutes: botocore would renew, and so ask.
    soon = datetime.now(UTC) + timedelta(minutes=12)
    body["Credentials"]["Expiration"] = soon.strftime("%Y-%m-%dT%H:%M:%SUTC")
    cache.path(name).write_text(json.dumps(body))
    session = machine.resolve("production")
    assert left(session) < timedelta(minutes=13)
    assert identify(session).account == "333333333333"


def test_forgetting_removes_the_session_and_says_whether_there_was_one(machine: Machine) -> None:
    machine.resolve("staging", READER)
    profiles = machine.profiles
    staging = profiles.named("staging")

    def forget(role: str) -> bool:
        return credentials.forget(staging, role, profiles=profiles, aws_dir=machine.aws_dir)

    assert [forget(READER), forget(READER), forget(""), forget("")] == [True, False, True, False]
    assert machine.cached().roles == {}


def test_forgetting_all_removes_ours_and_leaves_strangers_files(machine: Machine) -> None:
    machine.resolve("staging", READER)
    machine.resolve("vendor")
    stranger = cli_cache(machine.aws_dir) / "something-else.json"
    stranger.write_text("{}")
    count = credentials.forget_all(profiles=machine.profiles, aws_dir=machine.aws_dir)
    assert count == 3
    assert list(cli_cache(machine.aws_dir).iterdir()) == [stranger]


def test_sso_credentials_of_the_cli_are_used_from_its_cache(machine: Machine) -> None:
    staging = machine.resolve("staging")
    profiles = machine.profiles
    corp = profiles.named("corp-dev")
    assert staging.token is not None
    # As botocore's SSOCredentialFetcher writes them.
    FileCache(cli_cache(machine.aws_dir))[session_key(corp, profiles.sso(corp))] = {
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": staging.access_key,
            "SecretAccessKey": staging.secret_key.reveal(),
            "SessionToken": staging.token.reveal(),
            "Expiration": (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "AccountId": "222222222222",
        },
    }
    session = machine.resolve("corp-dev")
    assert (session.access_key, session.method) == (staging.access_key, "sso")


def test_a_portal_token_that_is_over_needs_a_login(machine: Machine) -> None:
    profiles = machine.profiles
    name = portal_key(profiles.sso(profiles.named("corp-dev")))
    FileCache(sso_cache(machine.aws_dir))[name] = {
        "startUrl": "https://corp.awsapps.example/start",
        "region": "eu-west-1",
        "accessToken": "x",
        "expiresAt": "2020-01-01T00:00:00Z",
    }
    assert state(machine, "corp-dev") is State.NEEDS_LOGIN
    with pytest.raises(LoginRequired, match="aws sso login --sso-session corp"):
        machine.resolve("corp-dev")


def test_an_unwritable_cache_costs_a_warning_not_the_session(machine: Machine) -> None:
    (machine.home / ".aws").write_text("in the way")
    session = machine.resolve("staging")
    assert identify(session).account == "222222222222"
    assert "not kept" in session.warnings[0]


def test_a_torn_cache_file_is_replaced(machine: Machine) -> None:
    machine.resolve("staging")
    (path,) = cli_cache(machine.aws_dir).iterdir()
    path.write_text(path.read_text()[:40])
    session = machine.resolve("staging")
    assert json.loads(path.read_text())["Credentials"]["AccessKeyId"] == session.access_key


def test_the_region_is_the_asked_one_then_the_environments_then_the_profiles(
    machine: Machine,
) -> None:
    assert machine.resolve("staging", region="us-east-1").region == "us-east-1"
    machine.patch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert machine.resolve("staging").region == "eu-north-1"
    machine.patch.delenv("AWS_DEFAULT_REGION")
    machine.patch.setenv("AWS_REGION", "eu-central-1")
    assert machine.resolve("staging").region == "eu-west-1"
    machine.add(f"[profile nowhere]\nrole_arn = {DEVELOPER}\nsource_profile = engineer\n")
    assert machine.resolve("nowhere").region == "eu-central-1"


def test_a_client_without_a_region_says_where_to_set_one(machine: Machine) -> None:
    machine.patch.delenv("AWS_DEFAULT_REGION")
    machine.add("[profile nowhere]\naws_access_key_id = x\naws_secret_access_key = y\n")
    with pytest.raises(AwsError, match="--region"):
        credentials.session_client(machine.resolve("nowhere"), "rds")


def test_a_profiles_own_endpoint_is_honoured(machine: Machine) -> None:
    url = os.environ["AWS_ENDPOINT_URL"]
    machine.patch.delenv("AWS_ENDPOINT_URL")
    machine.add(
        f"[profile elsewhere]\nrole_arn = {DEVELOPER}\nsource_profile = engineer\n"
        f"region = eu-west-1\nservices = sandbox\n[services sandbox]\nsts =\n"
        f"  endpoint_url = {url}\n"
    )
    session = machine.resolve("elsewhere")
    assert credentials.session_client(session, "sts").meta.endpoint_url == url
    assert identify(session).account == "222222222222"


def test_another_account_than_the_profile_says_is_a_sentence(machine: Machine) -> None:
    machine.add("[profile named]\naws_account_id = 999999999999\ncredential_process = x\n")
    profile = machine.profiles.named("named")
    found = Identity("111111111111", "arn:aws:iam::111111111111:user/alice")
    assert "999999999999" in surprises.wrong_account(profile, found)
    staging = machine.profiles.named("staging")
    assert surprises.wrong_account(staging, Identity("222222222222", "x")) == ""


def test_throttling_is_survived_or_said(machine: Machine, sandbox: SandboxProcess) -> None:
    sandbox.control("throttle", requests=1)
    assert identify(machine.resolve("staging")).account == "222222222222"
    sandbox.control("throttle", requests=100)
    with pytest.raises((AwsError, TimedOut)) as caught:
        machine.resolve("vendor")
    assert caught.value.fix


@pytest.fixture
def black_hole() -> Iterator[str]:
    """An endpoint that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_an_aws_that_does_not_answer_is_given_up_after_the_limit(
    machine: Machine, black_hole: str
) -> None:
    machine.patch.setenv("AWS_ENDPOINT_URL", black_hole)
    with pytest.raises(TimedOut, match=r"longer than 0\.5 seconds"):
        machine.resolve("staging", seconds=0.5)


def test_stop_is_noticed_while_aws_does_not_answer(machine: Machine, black_hole: str) -> None:
    machine.patch.setenv("AWS_ENDPOINT_URL", black_hole)
    cancel = Cancel()
    threading.Timer(0.3, cancel.cancel).start()
    with pytest.raises(Cancelled):
        machine.resolve("staging", cancel=cancel, seconds=60)


def test_an_endpoint_nobody_listens_on_is_said(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    machine.patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    with pytest.raises(AwsError, match="AWS_ENDPOINT_URL"):
        machine.resolve("staging")


def test_a_web_identity_token_that_is_not_there_is_said(machine: Machine) -> None:
    machine.add(
        "[profile no-token]\nrole_arn = arn:aws:iam::222222222222:role/GithubDeploy\n"
        "web_identity_token_file = /no/such/token\n"
    )
    with pytest.raises(CredentialsError, match="needs the file /no/such/token") as caught:
        machine.resolve("no-token")
    assert caught.value.why == "No such file or directory"
    assert "the profile no-token" in caught.value.fix
    machine.add(
        "[profile over-no-token]\nsource_profile = no-token\n"
        "role_arn = arn:aws:iam::222222222222:role/Reader\n"
    )
    with pytest.raises(CredentialsError, match="needs the file /no/such/token") as caught:
        machine.resolve("over-no-token")
    assert "the profile no-token, which the profile over-no-token takes" in caught.value.fix


@pytest.mark.parametrize("role", ["Admin", "arn:aws:iam::12:role/Admin", f"{READER} ", "arn:aws"])
def test_a_role_that_is_no_arn_is_told_before_anybody_is_asked(machine: Machine, role: str) -> None:
    machine.patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(ProfileError, match="is no role's ARN") as caught:
        machine.resolve("staging", role)
    assert "rolebrowser roles" in caught.value.fix


def test_a_web_identity_token_aws_does_not_believe_is_said(machine: Machine) -> None:
    token = machine.home / "token"
    token.write_text("somebody-else|x")
    machine.add(
        "[profile bad-token]\nrole_arn = arn:aws:iam::222222222222:role/GithubDeploy\n"
        f"web_identity_token_file = {token}\n"
    )
    with pytest.raises(CredentialsError, match="web identity token"):
        machine.resolve("bad-token")


def test_a_config_file_aws_tools_refuse_is_told_with_its_line(machine: Machine) -> None:
    machine.add("[profile staging]\nregion = x")
    with pytest.raises(ProfileError, match=r"config:\d+: AWS tools refuse this file"):
        machine.resolve("staging")


@pytest.mark.parametrize(
    ("profile", "role", "asked", "lives"),
    [
        ("staging", "", 7200, 7200),
        ("staging", "", 1800, 1800),
        ("staging", "", 900, 900),
        ("engineer", DEVELOPER, 7200, 7200),
        ("staging-reader", "", 7200, 3600),
        ("staging", READER, 7200, 3600),
    ],
)
def test_the_length_asked_for_is_had_as_far_as_aws_allows(
    machine: Machine, profile: str, role: str, asked: int, lives: int
) -> None:
    machine.resolve(profile, role)
    session = machine.resolve(profile, role, duration=asked)
    assert abs(left(session).total_seconds() - lives) < 60
    assert ("cut to 1h" in "".join(session.warnings)) == (lives < asked)
    for again in (machine.resolve(profile, role, duration=asked), machine.resolve(profile, role)):
        assert again.access_key == session.access_key


def test_a_session_of_a_chosen_length_is_the_stock_clis_too(machine: Machine) -> None:
    long = machine.resolve("production", duration=7200, codes=(CODE,))
    assert state(machine, "production") is State.VALID
    shown = machine.aws("configure", "export-credentials", "--profile", "production")
    who = machine.aws("sts", "get-caller-identity", "--profile", "production")
    assert "assumed-role/OnCall/" in who.stdout, shown.stderr + who.stderr
    shorter = machine.resolve("production", duration=1800, codes=(CODE,))
    assert left(shorter) < timedelta(minutes=31) < left(long)


def test_more_than_the_roles_own_maximum_is_refused_with_advice(machine: Machine) -> None:
    for role in ("", DEVELOPER):
        profile = "engineer" if role else "staging"
        with pytest.raises(AssumeRoleDenied, match="MaxSessionDuration") as caught:
            machine.resolve(profile, role, duration=8 * 3600)
        assert caught.value.fix.startswith("Ask for less than 8h")
        assert "duration_seconds" not in caught.value.fix


def test_a_length_where_none_can_be_chosen_is_said_and_left_aside(machine: Machine) -> None:
    session = machine.resolve("engineer", duration=3600)
    assert session.expires_at is None
    assert "left aside" in session.warnings[0]
