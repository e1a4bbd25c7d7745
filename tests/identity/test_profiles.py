"""Profiles against botocore: what we say of a profile is what botocore would do with it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import create_credential_resolver
from botocore.exceptions import ConfigParseError, MissingDependencyException
from botocore.session import Session as BotocoreSession
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from rolebrowser.errors import UnknownName
from rolebrowser.identity.cache_names import role_arguments, web_identity_arguments
from rolebrowser.identity.model import Kind, Profile
from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE, Profiles, parse

ROLE = "arn:aws:iam::123456789012:role/Admin"
PROCESS = shlex.join(
    ["/bin/echo", json.dumps({"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"})]
)
METHODS = {
    "assume-role": {Kind.ROLE},
    "assume-role-with-web-identity": {Kind.WEB_IDENTITY},
    "sso": {Kind.SSO},
    "shared-credentials-file": {Kind.STATIC, Kind.SESSION_KEYS},
    "config-file": {Kind.STATIC, Kind.SESSION_KEYS},
    "custom-process": {Kind.PROCESS},
    "login": {Kind.LOGIN},
    "container-role": {Kind.NONE},
    "iam-role": {Kind.NONE},
    "env": {Kind.ENVIRONMENT},
    "": {Kind.NONE},
}


TOKEN = "container-token"


class Machine(BaseHTTPRequestHandler):
    """A container's endpoint and an instance's metadata (version 2), with keys for whoever asks."""

    def do_PUT(self) -> None:
        self._answer("metadata-token")

    def do_GET(self) -> None:
        keys = {"AccessKeyId": "ASIAMACHINE", "SecretAccessKey": "s", "Token": "t"}
        body = json.dumps({"Code": "Success", **keys, "Expiration": "2100-01-01T00:00:00Z"})
        container = self.path == "/container" and self.headers["Authorization"] == TOKEN
        instance = self.headers["x-aws-ec2-metadata-token"] == "metadata-token"
        if instance and self.path.endswith("/security-credentials/"):
            self._answer("WebServer")
        else:
            self._answer(body if container or instance else "", 200)

    def _answer(self, body: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on stderr."""


@pytest.fixture(scope="module", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No AWS settings of the machine's, a home of our own; metadata is off, as on a laptop."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("AWS_CONFIG_FILE", str(home / "config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("BOTO_CONFIG", str(home / "no-boto"))
        yield home


@pytest.fixture(scope="module")
def machine() -> Iterator[str]:
    """The address of a machine that has credentials."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Machine) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@dataclass(frozen=True)
class Answer:
    """What botocore says of a profile.

    Attributes:
        source: a source_profile or credential_source, an sso-session or start URL, a token's file,
            or the provider that a profile which gives nothing ended at.
        below: how the credentials were come by with which the role is assumed.
        asks: what STS or the SSO portal would be asked for.
    """

    method: str = ""
    error: str = ""
    chain: tuple[str, ...] = ()
    region: str | None = None
    token: bool = False
    source: str = ""
    below: str = ""
    asks: Mapping[str, object] = field(default_factory=dict)


def ask_botocore(name: str | None) -> Answer:
    """Args: name: None = no profile is named, and the environment's keys count."""
    session = BotocoreSession(profile=name)
    region = session.get_scoped_config().get("region")
    resolver = create_credential_resolver(session)
    provider: Any = resolver.get_provider("assume-role")
    sources, below = _watched(provider)
    try:
        found = resolver.load_credentials()
    except MissingDependencyException:
        # `aws login` needs awscrt to go on; that it was chosen is all we ask.
        top = sources[0] if sources else session.get_scoped_config()["login_session"]
        return Answer("login", chain=_chain(provider), region=region, source=top)
    except Exception as error:
        return Answer(error=f"{type(error).__name__}: {error}", region=region)
    if found is None:
        return Answer(chain=_chain(provider), region=region)
    # A role's credentials are fetched when asked for: that would be a call to STS.
    keys = found.method in ("shared-credentials-file", "config-file", "env")
    source, asks = _fetched(found)
    return Answer(
        found.method,
        "",
        _chain(provider),
        region,
        keys and bool(found.token),
        sources[0] if sources else source,
        # Those of the role on top are found last.
        below[-1] if below else "",
        asks,
    )


def _watched(provider: Any) -> tuple[list[str], list[str]]:
    """What each role of a chain names as its source, and how that came by credentials; both are
    filled in while botocore looks."""
    sources: list[str] = []
    methods: list[str] = []
    resolve = provider._resolve_source_credentials

    def watched(role: dict[str, str], name: str) -> Any:
        sources.append(role["source_profile"] or role["credential_source"])
        found = resolve(role, name)
        methods.append(found.method)
        return found

    provider._resolve_source_credentials = watched
    return sources, methods


def _fetched(found: Any) -> tuple[str, Mapping[str, object]]:
    """The source and the request that deferred credentials would be fetched with."""
    refresh: Any = getattr(found, "_refresh_using", None)
    if found.method == "sso":
        fetcher = refresh.__self__
        asks = {
            "sso_account_id": fetcher._account_id,
            "sso_role_name": fetcher._role_name,
            "sso_region": fetcher._sso_region,
            "sso_start_url": fetcher._start_url,
        }
        return fetcher._sso_session_name or fetcher._start_url, asks
    if found.method in ("assume-role", "assume-role-with-web-identity"):
        # With an MFA device the fetcher stands behind a refresher that works once.
        fetcher = getattr(refresh, "_refresh", refresh).__self__
        loader = getattr(fetcher, "_web_identity_token_loader", None)
        file = loader._web_identity_token_path if loader is not None else ""
        return file, dict(fetcher._assume_kwargs)
    return {"container-role": "EcsContainer", "iam-role": "Ec2InstanceMetadata"}.get(
        found.method, ""
    ), {}


def _chain(provider: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(provider._visited_profiles))


ROLES = {"assume-role", "assume-role-with-web-identity", "sso", "login", "iam-role"}
ROLES |= {"container-role"}
"""Methods that give a role's session: a role assumed with one is capped at an hour."""


def agree(profile: Profile, answer: Answer, profiles: Profiles) -> None:
    """Assert that we and botocore say the same."""
    assert (profile.problem is not None) == bool(answer.error), (profile, answer)
    assert profile.region == (answer.region or "")
    if answer.error:
        return
    kinds = METHODS[answer.method]
    top_is_login = answer.method == "login" and profile.kind is Kind.ROLE
    assert profile.kind in kinds or top_is_login, (profile, answer)
    assert profile.chain == answer.chain
    assert profile.source == answer.source, (profile, answer)
    if profile.kind in (Kind.STATIC, Kind.SESSION_KEYS):
        assert (profile.kind is Kind.SESSION_KEYS) == answer.token
    if profile.kind is Kind.SSO:
        asked = profiles.sso(profile)
        assert {key: asked[key] for key in answer.asks} == answer.asks
    if answer.method in ("assume-role", "assume-role-with-web-identity"):
        assert profile.chained == (answer.below in ROLES), (profile, answer)
        arguments = dict(answer.asks)
        name = arguments.pop("RoleSessionName", "")
        if profile.setting("role_session_name"):
            arguments["RoleSessionName"] = name
        ours = role_arguments if profile.kind is Kind.ROLE else web_identity_arguments
        assert ours(profile) == arguments
        assert profile.mfa_serial == arguments.get("SerialNumber", "")


def write(home: Path, config: str, credentials: str = "") -> Profiles:
    (home / "config").write_text(config, encoding="utf-8", newline="")
    (home / "credentials").write_text(credentials, encoding="utf-8", newline="")
    return parse(
        config,
        credentials,
        config_file=str(home / "config"),
        credentials_file=str(home / "credentials"),
        environ=os.environ,
    )


NAMES = ["default", "a", "b", "c", "d"]
KEYS: dict[str, list[str]] = {
    "role_arn": [ROLE],
    "source_profile": [*NAMES, "nowhere"],
    "credential_source": ["Environment", "environment", "EcsContainer", "Ec2InstanceMetadata"],
    "aws_access_key_id": ["AKIAEXAMPLE"],
    "aws_secret_access_key": ["secret"],
    "aws_session_token": ["token", ""],
    "aws_security_token": ["token"],
    "mfa_serial": ["arn:aws:iam::123456789012:mfa/alice"],
    "duration_seconds": ["3600", "one hour"],
    "web_identity_token_file": ["/tmp/token", ""],
    "sso_session": ["corp", "other", "missing"],
    "sso_account_id": ["123456789012"],
    "sso_role_name": ["Admin"],
    "sso_start_url": ["https://corp.awsapps.com/start", "https://elsewhere/start"],
    "sso_region": ["eu-west-1", "us-east-1"],
    "login_session": ["arn:aws:iam::123456789012:user/alice"],
    "credential_process": [PROCESS],
    "region": ["eu-west-1", "us-east-1 # home"],
    "services": ["local", "missing"],
    "endpoint_url": ["http://127.0.0.1:1"],
    "external_id": ["an id"],
    "role_session_name": ["me"],
}
SSO_KEYS = ["sso_start_url", "sso_region"]
SOUND: list[dict[str, str]] = [
    {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"},
    *({"role_arn": ROLE, "source_profile": name} for name in NAMES),
    *({"role_arn": ROLE, "source_profile": name} for name in NAMES),
    {"sso_account_id": "123456789012", "sso_role_name": "Admin", "sso_session": "corp"},
    {
        "sso_account_id": "123456789012",
        "sso_role_name": "Admin",
        "sso_start_url": "https://corp.awsapps.com/start",
        "sso_region": "eu-west-1",
    },
    {"role_arn": ROLE, "web_identity_token_file": "/tmp/token"},
    *(
        {"role_arn": ROLE, "credential_source": place}
        for place in ("Ec2InstanceMetadata", "EcsContainer", "Environment")
    ),
    {"region": "eu-west-1"},
    {"login_session": "arn:aws:iam::123456789012:user/alice"},
    {"credential_process": PROCESS},
]
# A profile that works, and then perhaps a key or two that change it or break it.
bodies = st.builds(
    lambda sound, extra: {**sound, **extra},
    st.sampled_from(SOUND),
    st.one_of(
        st.just({}),
        st.sampled_from([(key, value) for key, values in KEYS.items() for value in values]).map(
            lambda item: dict([item])
        ),
        st.lists(st.sampled_from(sorted(KEYS)), max_size=4, unique=True).flatmap(
            lambda keys: st.fixed_dictionaries({key: st.sampled_from(KEYS[key]) for key in keys})
        ),
    ),
)
sso_bodies = st.one_of(
    st.just({"sso_start_url": KEYS["sso_start_url"][0], "sso_region": "eu-west-1"}),
    st.dictionaries(st.sampled_from(SSO_KEYS), st.just("eu-west-1")),
)


def ini(sections: Mapping[str, Mapping[str, str]]) -> str:
    return "\n".join(
        f"[{header}]\n" + "".join(f"{key} = {value}\n" for key, value in body.items())
        for header, body in sections.items()
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, str]:
    config: dict[str, Mapping[str, str]] = {}
    for name in draw(st.permutations(NAMES))[: draw(st.integers(2, 5))]:
        plain = f"profile {name}"
        headers = ["default", plain] if name == "default" else [plain, f"profile '{name}'"]
        config[draw(st.sampled_from(headers))] = draw(bodies)
    for session in draw(st.sampled_from([["corp"], ["corp", "other"], []])):
        config[f"sso-session {session}"] = draw(sso_bodies)
    if draw(st.booleans()):
        config["services local"] = {"sts": "\n  endpoint_url = http://127.0.0.1:2"}
    credentials = draw(st.dictionaries(st.sampled_from(NAMES), bodies, max_size=1))
    return ini(config), ini(credentials)


KEYS_IN = {"AWS_ACCESS_KEY_ID": "AKIAENVIRON", "AWS_SECRET_ACCESS_KEY": "s"}
LAPTOP: dict[str, str] = {"AWS_EC2_METADATA_DISABLED": "true"}
CONTAINER = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{machine}/container",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN,
}
INSTANCE = {
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{machine}",
    "AWS_EC2_METADATA_DISABLED": "false",
}
environments = st.builds(
    lambda machine, keys: {**machine, **keys},
    st.sampled_from([LAPTOP, LAPTOP, CONTAINER | LAPTOP, INSTANCE, INSTANCE | CONTAINER]),
    st.sampled_from(
        [
            {},
            KEYS_IN,
            KEYS_IN | {"AWS_SESSION_TOKEN": "t"},
            KEYS_IN | {"AWS_SECURITY_TOKEN": "t"},
            {"AWS_ACCESS_KEY_ID": "AKIAENVIRON"},
            {"AWS_SECRET_ACCESS_KEY": "s"},
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(world=worlds(), environ=environments)
@example(
    environ=LAPTOP,
    world=(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = a\n"
        "[profile a]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n",
        "[a]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = default\n",
    ),
)
def test_every_profile_is_what_botocore_makes_of_it(
    clean_environment: Path, machine: str, world: tuple[str, str], environ: dict[str, str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value.format(machine=machine))
        profiles = write(clean_environment, *world)
        assert not profiles.problems
        expected = BotocoreSession().full_config["profiles"]
        ours = [each for each in profiles if each.kind is not Kind.ENVIRONMENT]
        assert sorted(profile.name for profile in ours) == sorted(expected)
        for profile in ours:
            answer = ask_botocore(profile.name)
            event(answer.error.partition(":")[0] or f"{answer.method} {len(answer.chain)}")
            event(f"{answer.method} from {answer.below}" if answer.below else "from nobody")
            agree(profile, answer, profiles)
        the_environment_agrees(profiles, environ)
        parents_agree(profiles)


def the_environment_agrees(profiles: Profiles, environ: Mapping[str, str]) -> None:
    """Its keys are a profile of their own when they are what botocore takes, or fails on."""
    profile = profiles.get(ENVIRONMENT_PROFILE)
    assert (profile is not None) == ("AWS_ACCESS_KEY_ID" in environ)
    if profile is None:
        return
    answer = ask_botocore(None)
    assert (profile.problem is not None) == bool(answer.error)
    if not answer.error:
        assert profile.kind in METHODS[answer.method]
        assert (profile.setting("keys") == "session") == answer.token


def parents_agree(profiles: Profiles) -> None:
    """What a profile hangs on, found in no time, is what comes of working the profile out."""
    for profile in profiles:
        source, expected = profile.setting("source_profile"), None
        if profile.problem is None and profile.kind is Kind.ROLE and source != profile.name:
            expected = source or None
        elif profile.problem is None and profile.kind is Kind.SSO:
            expected = profiles.sso_sessions.get(profile.setting("sso_session"))
        assert profiles.parent(profile.name) == expected


HEADERS = st.text(alphabet="prof ile'\"\\sodefault[]\t\xa0x", max_size=14).map("[{}]\n".format)
lines = st.one_of(
    HEADERS,
    st.sampled_from(["[default]\n", "[profile a]\n", "[profile 'a b']\n", "[profiles x]\n"]),
    st.sampled_from(["x = 1\n", " y = 2\n", "region =\n", "# c\n", "\n", "[DEFAULT]\n", "oops\n"]),
)


@settings(max_examples=300, deadline=None)
@given(config=st.lists(lines, max_size=8).map("".join), credentials=st.lists(lines, max_size=5))
def test_the_names_are_botocores_and_a_file_it_refuses_breaks_every_profile(
    clean_environment: Path, config: str, credentials: list[str]
) -> None:
    profiles = write(clean_environment, config, "".join(credentials))
    try:
        expected = BotocoreSession().full_config["profiles"]
    except ConfigParseError:
        assert profiles.problems
        assert all(profile.problem is not None for profile in profiles)
    else:
        assert not profiles.problems
        assert sorted(profile.name for profile in profiles) == sorted(expected)


def only(config: str, name: str, credentials: str = "", **environ: str) -> Profile:
    return parse(config, credentials, environ=environ).named(name)


def test_both_defaults_leave_the_later_one_and_say_so(clean_environment: Path) -> None:
    text = "[default]\nregion = a\n[profile default]\nregion = b\n"
    profile = write(clean_environment, text).named("default")
    assert profile.region == "b" == ask_botocore("default").region
    assert "line 1" in profile.warnings[0].text


def test_the_credentials_file_wins_key_by_key(clean_environment: Path) -> None:
    profiles = write(
        clean_environment, "[profile a]\nregion = a\noutput = json\n", "[a]\nregion = b\n"
    )
    profile = profiles.named("a")
    assert (profile.region, profile.setting("output")) == ("b", "json")


def test_a_loop_is_told_with_its_round_and_the_line_to_change() -> None:
    config = (
        f"[profile a]\nrole_arn={ROLE}\nsource_profile=b\n"
        f"[profile b]\nrole_arn={ROLE}\nsource_profile=a\n"
        f"[profile c]\nrole_arn={ROLE}\nsource_profile=a\n"
    )
    profiles = parse(config, config_file="/c")
    assert profiles.named("a").kind is Kind.BROKEN
    assert str(profiles.named("a").problem) == (
        "/c:3: Its source_profile goes in a circle: a → b → a."
    )
    assert profiles.named("c").kind is Kind.ROLE
    assert str(profiles.named("c").problem) == (
        "/c:6: It needs the profile 'b', which is broken: "
        "Its source_profile goes in a circle: a → b → a."
    )


def test_a_broken_source_breaks_what_hangs_on_it_but_keeps_its_kind() -> None:
    config = (
        f"[profile top]\nrole_arn={ROLE}\nsource_profile=middle\n"
        f"[profile middle]\nrole_arn={ROLE}\nsource_profile=orphn\n[profile orphan]\n"
    )
    profiles = parse(config, config_file="/c")
    assert profiles.named("middle").kind is Kind.BROKEN
    assert "'orphn' doesn't exist" in str(profiles.named("middle").problem)
    assert profiles.named("top").kind is Kind.ROLE
    assert str(profiles.named("top").problem).startswith("/c:6: It needs the profile 'middle'")


def test_a_chain_as_long_as_nobody_follows_is_a_problem() -> None:
    hops = [f"[profile p{n}]\nrole_arn={ROLE}\nsource_profile=p{n + 1}\n" for n in range(300)]
    profiles = parse("".join(hops) + "[profile p300]\naws_access_key_id=x\n")
    assert "More than 100" in str(profiles.named("p0").problem)
    parents_agree(profiles)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"role_arn={ROLE}\nsource_profile=k\nduration_seconds=1h", "drop it silently"),
        (f"role_arn={ROLE}\nsource_profile=r\nduration_seconds=7200", "3600 seconds at most"),
        (f"role_arn={ROLE}\nsource_profile=k\nduration_seconds=60", "outside AWS's 900"),
        ("duration_seconds=60\ncredential_process=x", "counts only for a role"),
        ("mfa_serial=x\ncredential_process=x", "counts only beside a role_arn"),
        ("sso_session=corp", "sso_session alone"),
        ("region=eu-west-1 # home", "part of the value of region"),
        ("region=eu-west-1", "instance's metadata is asked"),
    ],
)
def test_what_surprises_is_said_with_its_line(body: str, words: str) -> None:
    config = (
        "[profile k]\naws_access_key_id=x\naws_secret_access_key=y\n"
        f"[profile r]\nrole_arn={ROLE}\nsource_profile=k\n[profile odd]\n{body}\n"
    )
    warnings = only(config, "odd").warnings
    (warning,) = [each for each in warnings if words in each.text]
    assert warning.line >= 7


def test_no_secret_leaves_the_parser() -> None:
    text = "[a]\naws_access_key_id=AKIA\naws_secret_access_key=HUSH\naws_session_token=HUSH\n"
    profiles = parse("", text)
    assert "HUSH" not in repr(profiles)
    assert profiles._reading is not None
    assert "HUSH" not in repr(profiles._reading._sections)
    assert profiles.named("a").kind is Kind.SESSION_KEYS


def test_keys_of_the_environment_come_first_as_a_profile_of_their_own() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "HUSH", "AWS_PROFILE": "a"}
    profiles = parse("[profile a]\n", environ=environ)
    first = profiles.profiles[0]
    assert (first.name, first.kind, first.problem) == (ENVIRONMENT_PROFILE, Kind.ENVIRONMENT, None)
    assert "wins over AWS_PROFILE=a" in profiles.warnings[0].text
    assert "HUSH" not in repr(profiles)


def test_half_a_key_pair_in_the_environment_is_a_problem() -> None:
    profiles = parse("", environ={"AWS_ACCESS_KEY_ID": "AKIA"})
    assert "AWS_SECRET_ACCESS_KEY is not" in str(profiles.profiles[0].problem)


def test_a_section_without_the_word_profile_is_said_to_be_ignored() -> None:
    profiles = parse("[staging]\nregion=x\n[plugins]\nx=y\n", config_file="/c")
    assert len(profiles) == 0
    (warning,) = profiles.warnings
    assert str(warning) == (
        "/c:1: The section [staging] is not a profile and is ignored; write [profile staging]."
    )


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("prodution", ("production", "orders-production")),
        ("CORP-DVE", ("corp-dev",)),
        ("prod", ("production", "orders-production")),
        ("nope", ()),
        ("", ()),
    ],
)
def test_an_unknown_name_is_answered_with_those_near_it(typed: str, near: tuple[str, ...]) -> None:
    names = ("corp-dev", "orders-production", "production", "staging")
    with pytest.raises(UnknownName) as caught:
        parse("".join(f"[profile {name}]\n" for name in names)).named(typed)
    assert caught.value.nearest == near
    assert "rolebrowser profiles" in caught.value.fix or all(n in caught.value.fix for n in near)


def test_the_account_comes_from_whatever_tells_it() -> None:
    assert only(f"[profile a]\nrole_arn={ROLE}\n", "a").account == "123456789012"
    sso = "[profile a]\nsso_account_id=222222222222\nsso_role_name=x\n"
    assert only(sso, "a").account == "222222222222"
    keys = "[profile a]\naws_access_key_id=x\naws_secret_access_key=y\naws_account_id=333333333333"
    assert only(keys, "a").account == "333333333333"


def test_parsing_imports_nothing_heavy() -> None:
    script = (
        "import sys; from rolebrowser.identity.profile_files import load; load({});"
        "print([m for m in ('botocore', 'boto3', 'configparser', 'textual', 'dateutil')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
