"""Kinds of profiles that hang on the machine or on another program, end to end in the sandbox."""

from __future__ import annotations

import functools
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import botocore.compat
import pytest

from rolebrowser.errors import AwsError, CredentialsError, LoginRequired, ProfileError
from rolebrowser.identity.cache_names import login_name
from rolebrowser.identity.caches import login_cache
from rolebrowser.identity.credentials import identify, session_client
from rolebrowser.identity.model import Kind, State
from rolebrowser.identity.sessions import lifetime
from rolebrowser.sandbox.metadata import CONTAINER, CONTAINER_TOKEN
from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Machine

READER = "arn:aws:iam::222222222222:role/team/DatabaseReader"
LOGIN = "arn:aws:iam::111111111111:user/alice"
EC = getattr(botocore.compat, "EC", None)
FUTURE = timedelta(minutes=12)
needs_no_crt = pytest.mark.skipif(EC is not None, reason="botocore refreshes logins itself here")


def on_an_instance(machine: Machine) -> None:
    machine.patch.delenv("AWS_EC2_METADATA_DISABLED")
    machine.patch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", os.environ["AWS_ENDPOINT_URL"])


def in_a_container(machine: Machine, token: str = CONTAINER_TOKEN) -> None:
    url = os.environ["AWS_ENDPOINT_URL"] + CONTAINER
    machine.patch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
    machine.patch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)


@pytest.mark.parametrize("where", [on_an_instance, in_a_container])
def test_a_profile_without_credentials_falls_through_to_the_machine_and_says_so(
    where: object, machine: Machine
) -> None:
    assert callable(where)
    where(machine)
    session = machine.resolve("no-credentials")
    assert ":assumed-role/WebServer/i-" in identify(session).arn
    assert session.refreshable
    (warning,) = session.warnings
    assert "no-credentials has no credentials of its own: these are this" in warning
    assert machine.profiles.named("no-credentials").kind is Kind.NONE


@pytest.mark.parametrize(
    ("source", "where"),
    [("Ec2InstanceMetadata", on_an_instance), ("EcsContainer", in_a_container)],
)
def test_the_machine_is_a_credential_source(source: str, where: object, machine: Machine) -> None:
    assert callable(where)
    machine.add(f"[profile from-machine]\nrole_arn = {READER}\ncredential_source = {source}\n")
    with pytest.raises(ProfileError, match="credential_source is"):
        machine.resolve("from-machine")
    where(machine)
    session = machine.resolve("from-machine")
    assert ":assumed-role/DatabaseReader/" in identify(session).arn
    assert session.warnings == ()
    told = machine.aws("sts", "get-caller-identity", "--profile", "from-machine")
    assert json.loads(told.stdout)["Arn"] == identify(session).arn


def test_a_container_that_refuses_is_a_sentence(machine: Machine) -> None:
    in_a_container(machine, "wrong")
    with pytest.raises(CredentialsError, match="This container's credentials") as caught:
        machine.resolve("no-credentials")
    assert "401" in caught.value.why
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" in caught.value.fix
    assert "AWS_CONTAINER_AUTHORIZATION_TOKEN" in caught.value.fix


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server where a container's credentials should be."""
    pages = tmp_path_factory.mktemp("pages")
    part = {"AccessKeyId": "ASIA", "SecretAccessKey": "HUSHHUSH", "Token": "HUSHHUSH"}
    (pages / "part").write_text(json.dumps({"AccessKeyId": "ASIA"}))
    (pages / "when").write_text(json.dumps({**part, "Expiration": "soon"}))
    (pages / "page").write_text("<html>log in</html>")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(pages))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("{server}/part", "lacks SecretAccessKey"),
        ("{server}/when", "soon"),
        ("{server}/page", "Unable to parse JSON"),
        ("{server}/gone", "404"),
        ("http://example.com/x", "Unsupported host 'example.com'"),
        ("nonsense", "Unsupported host"),
    ],
)
def test_a_container_that_answers_nonsense_is_a_sentence(
    address: str, why: str, machine: Machine, other_server: str
) -> None:
    in_a_container(machine)
    url = address.format(server=other_server)
    machine.patch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
    with pytest.raises(CredentialsError, match="This container's credentials") as caught:
        machine.resolve("no-credentials")
    assert why in caught.value.why
    assert "HUSH" not in str(caught.value)
    assert "<" not in str(caught.value)


def test_a_containers_token_is_read_from_its_file(machine: Machine) -> None:
    in_a_container(machine)
    machine.patch.delenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    file = machine.home / "container-token"
    machine.patch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(file))
    with pytest.raises(CredentialsError, match="This container's credentials") as caught:
        machine.resolve("no-credentials")
    assert caught.value.why == f"{file}: No such file or directory"
    file.write_text(CONTAINER_TOKEN)
    assert machine.resolve("no-credentials").method == "container-role"


@pytest.mark.parametrize("where", [on_an_instance, in_a_container])
def test_a_role_on_top_of_the_machines_credentials_lasts_an_hour_at_most(
    where: object, machine: Machine
) -> None:
    assert callable(where)
    where(machine)
    session = machine.resolve("no-credentials", READER, duration=7200)
    assert "cut to 1h" in "".join(session.warnings)
    assert session.expires_at is not None
    assert session.expires_at - datetime.now(UTC) <= timedelta(hours=1)


def test_a_web_identity_token_that_is_refused_says_what_to_do(machine: Machine) -> None:
    bad = machine.home / "token"
    bad.write_text("token.example.com|stolen")
    role = "arn:aws:iam::222222222222:role/GithubDeploy"
    machine.add(f"[profile bad]\nrole_arn = {role}\nweb_identity_token_file = {bad}\n")
    with pytest.raises(CredentialsError, match="Get a new web identity token"):
        machine.resolve("bad")
    machine.add(f"[profile none]\nrole_arn = {role}\nweb_identity_token_file = {bad}-none\n")
    with pytest.raises(CredentialsError, match="No such file"):
        machine.resolve("none")


def log_in_as_the_cli_does(machine: Machine, ends: datetime, **changes: object) -> None:
    """What `aws login` leaves in its cache."""
    keys = session_client(machine.resolve("engineer"), "sts").get_session_token()["Credentials"]
    body = {
        "accessToken": {
            "accessKeyId": keys["AccessKeyId"],
            "secretAccessKey": keys["SecretAccessKey"],
            "sessionToken": keys["SessionToken"],
            "accountId": "111111111111",
            "expiresAt": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "refreshToken": "r",
        "dpopKey": "k",
        "clientId": "arn:aws:signin:::devtools/same-device",
        **changes,
    }
    directory = login_cache(machine.aws_dir, os.environ)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{login_name(LOGIN)}.json").write_text(json.dumps(body))


@pytest.fixture
def console(machine: Machine) -> Machine:
    developer = "arn:aws:iam::222222222222:role/Developer"
    machine.add(
        f"[profile console]\nlogin_session = {LOGIN}\nregion = eu-west-1\n"
        f"[profile on-console]\nrole_arn = {developer}\nsource_profile = console\n"
    )
    return machine


def state(machine: Machine, name: str) -> State:
    profiles = machine.profiles
    now = datetime.now(UTC)
    return lifetime(profiles.named(name), profiles, machine.cached(), now, {}).state


@needs_no_crt
def test_the_keys_of_aws_login_are_used_while_they_live(console: Machine) -> None:
    assert state(console, "console") is State.NEEDS_LOGIN
    log_in_as_the_cli_does(console, datetime.now(UTC) + FUTURE)
    assert state(console, "console") is State.VALID
    session = console.resolve("console")
    assert identify(session).arn == LOGIN
    assert session.expires_at is not None
    assert session.expires_at - datetime.now(UTC) <= FUTURE
    assert session.method == "login"
    assert not session.refreshable
    assert ":assumed-role/Developer/" in identify(console.resolve("on-console")).arn


@needs_no_crt
def test_keys_of_aws_login_that_are_over_say_what_refreshes_them(console: Machine) -> None:
    log_in_as_the_cli_does(console, datetime.now(UTC) - timedelta(seconds=1))
    assert state(console, "console") is State.NEEDS_LOGIN
    with pytest.raises(LoginRequired, match="its keys are over") as caught:
        console.resolve("console")
    assert "pip install 'botocore[crt]'" in caught.value.why
    assert caught.value.fix == "Log in: aws login --profile console"


def test_without_an_aws_login_the_fix_is_to_log_in(console: Machine) -> None:
    for name in ("console", "on-console"):
        with pytest.raises((LoginRequired, CredentialsError)) as caught:
            console.resolve(name)
        if EC is None:
            assert "aws login --profile" in caught.value.fix


@needs_no_crt
@pytest.mark.parametrize("body", ["", "[]", '{"accessToken": 1}', '{"accessToken": {}}'])
def test_a_login_cache_that_makes_no_sense_counts_as_none(body: str, console: Machine) -> None:
    log_in_as_the_cli_does(console, datetime.now(UTC) + FUTURE)
    (file,) = login_cache(console.aws_dir, os.environ).iterdir()
    file.write_text(body)
    assert state(console, "console") is State.NEEDS_LOGIN
    with pytest.raises(LoginRequired, match="aws login --profile console"):
        console.resolve("console")


def test_throttling_that_passes_is_not_seen_and_one_that_stays_is_said(
    machine: Machine, sandbox: SandboxProcess
) -> None:
    sandbox.control("throttle", requests=2)
    assert identify(machine.resolve("staging")).account == "222222222222"
    sandbox.control("throttle", requests=50)
    with pytest.raises(AwsError, match="too often"):
        machine.resolve("vendor")
