"""`rolebrowser console`: a link that signs in, at the sandbox's federation endpoint."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rolebrowser.errors import ProfileError
from rolebrowser.identity import console
from rolebrowser.identity.browser import open_privately
from rolebrowser.safetext import Secret
from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
READER = "arn:aws:iam::222222222222:role/team/DatabaseReader"


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    ("options", "who"),
    [
        (("-p", "staging"), "assumed-role/Developer/"),
        (("-p", "staging", "--role", READER), "assumed-role/DatabaseReader/"),
    ],
)
def test_the_link_signs_in_as_the_profile_or_role(
    options: tuple[str, ...], who: str, in_sandbox: Rolebrowser
) -> None:
    done = in_sandbox("console", *options, "--service", "rds", "--region", "us-east-1")
    assert (done.code, done.err) == (0, "")
    where = parse_qs(urlsplit(done.out.strip()).query)["Destination"]
    assert where == ["https://console.aws.amazon.com/rds/home?region=us-east-1"]
    assert who in page(done.out.strip())


def test_a_session_that_is_over_gets_no_link(
    in_sandbox: Rolebrowser, sandbox: SandboxProcess
) -> None:
    assert in_sandbox("console", "-p", "staging").code == 0
    sandbox.control("expire", role="arn:aws:iam::222222222222:role/Developer")
    done = in_sandbox("console", "-p", "staging")
    assert (done.code, done.out) == (1, "")
    assert "The console doesn't take this session" in done.err


def test_a_link_dies_after_fifteen_minutes(
    in_sandbox: Rolebrowser, sandbox: SandboxProcess
) -> None:
    link = in_sandbox("console", "-p", "staging").out.strip()
    sandbox.control("clock", seconds=901)
    try:
        with pytest.raises(urllib.error.HTTPError, match="400"):
            page(link)
    finally:
        sandbox.control("clock", seconds=-901)


def test_long_term_keys_are_told_to_take_a_role(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("console", "-p", "engineer")
    assert (done.code, done.out) == (1, "")
    assert "--role ARN" in done.err


def test_an_endpoint_that_cant_be_reached_shows_no_keys(
    in_sandbox: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:9")
    done = in_sandbox("console", "-p", "staging")
    assert (done.code, done.out) == (1, "")
    assert "http://127.0.0.1:9/federation" in done.err
    assert "sessionKey" not in done.err
    assert "ASIA" not in done.err


def test_a_browser_is_started_without_the_link_in_its_argv(
    program: Rolebrowser,
    sandbox_env: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!{sys.executable}\nimport sys, urllib.request\n"
        "body = urllib.request.urlopen(sys.argv[1]).read().decode()\n"
        f"open({str(seen)!r}, 'w').write(sys.argv[1] + ' ' + body)\n"
    )
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    done = program("console", "-p", "staging", "--open")
    assert (done.code, done.out, done.err) == (0, "", "")
    address, _, body = seen.read_text().partition(" ")
    assert address.startswith("http://127.0.0.1:")
    assert "SigninToken" not in address
    assert "assumed-role/Developer" in body


def test_the_address_a_browser_is_given_works_once_and_no_other_does() -> None:
    fetched: list[int] = []

    def visit(address: str) -> bool:
        base = address.rsplit("/", 1)[0]
        opener = urllib.request.build_opener(Stay)
        for url in (f"{base}/else", address, address):
            try:
                opener.open(url, timeout=60)
            except urllib.error.HTTPError as error:
                fetched.append(error.code)
        return True

    assert open_privately(Secret("https://console.example/secret"), start=visit)
    assert fetched == [404, 302, 404]


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def test_no_browser_is_said() -> None:
    assert not open_privately(Secret("x"), start=lambda address: False)
    assert not open_privately(Secret("x"), start=lambda address: True, seconds=0.1)


@pytest.mark.parametrize(
    ("region", "endpoint", "home"),
    [
        ("eu-west-1", "https://signin.aws.amazon.com/", "https://console.aws.amazon.com/"),
        (
            "us-gov-west-1",
            "https://signin.amazonaws-us-gov.com/",
            "https://console.amazonaws-us-gov.com/",
        ),
        ("cn-north-1", "https://signin.amazonaws.cn/", "https://console.amazonaws.cn/"),
    ],
)
def test_each_partition_has_its_own_console(region: str, endpoint: str, home: str) -> None:
    assert console.federation_url(region, {}) == f"{endpoint}federation"
    assert console.destination("", region) == f"{home}console/home?region={region}"


def test_the_endpoint_can_be_overridden_as_any_services() -> None:
    settings = {"endpoint_url": "http://c"}
    environ = {"AWS_ENDPOINT_URL": "http://b/"}
    assert console.federation_url("x", {}, settings) == "http://c/federation"
    assert console.federation_url("x", environ, settings) == "http://b/federation"
    environ["AWS_ENDPOINT_URL_SIGNIN"] = "http://a"
    assert console.federation_url("x", environ, settings) == "http://a/federation"
    assert "AWS_ENDPOINT_URL_SIGNIN" not in os.environ


def test_a_services_section_of_the_config_says_where_to_sign_in(
    in_sandbox: Rolebrowser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    config = Path(os.environ["AWS_CONFIG_FILE"]).read_text(encoding="utf-8")
    own = config.replace("[profile staging]", "[profile staging]\nservices = here", 1)
    elsewhere = tmp_path / "config"
    section = f"\n[services here]\nsignin =\n  endpoint_url = {endpoint}\n"
    others = "".join(f"{each} =\n  endpoint_url = {endpoint}\n" for each in ("sts", "iam"))
    elsewhere.write_text(own + section + others, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(elsewhere))
    settings = {"services": "here", "endpoint_url": "http://127.0.0.1:9"}
    services = console.services_of("staging")
    assert console.federation_url("x", {}, settings, services) == f"{endpoint}/federation"
    ignored = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert "amazon" in console.federation_url("eu-west-1", ignored, settings, services)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    done = in_sandbox("console", "-p", "staging")
    assert "assumed-role/Developer/" in page(done.out.strip())
    monkeypatch.setenv("AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:9")
    assert in_sandbox("console", "-p", "staging").code == 1


def test_a_services_section_that_is_not_there_is_told() -> None:
    with pytest.raises(ProfileError, match=r"\[services gone\]"):
        console.federation_url("x", {}, {"services": "gone"}, {})
