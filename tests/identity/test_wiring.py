"""What we put into botocore changes nothing of what botocore decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.credentials import create_credential_resolver
from botocore.session import Session as BotocoreSession

from rolebrowser.cancel import Cancel, Limit
from rolebrowser.identity import wiring
from rolebrowser.identity.caches import FileCache, cli_cache
from rolebrowser.identity.credential_process import Runs

from .conftest import Machine

CONFIG = """\
[default]
region = eu-west-1
[profile a]
region = us-east-1
s3 =
  addressing_style = path
[sso-session corp]
sso_region = eu-west-1
[services s]
sts =
  endpoint_url = http://127.0.0.1:1
[preview]
x = y
"""
CREDENTIALS = "[a]\nregion = eu-north-1\n[b]\naws_access_key_id = x\naws_secret_access_key = y\n"


def write(machine: Machine, config: str = CONFIG) -> None:
    for name, text in (("config", config), ("credentials", CREDENTIALS)):
        (machine.home / name).write_text(text)
    machine.patch.setenv("AWS_CONFIG_FILE", str(machine.home / "config"))
    machine.patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(machine.home / "credentials"))


def never(prompt: str) -> str:
    raise AssertionError(prompt)


def ways(aws_dir: Path) -> wiring.Ways:
    runs = Runs(Cancel(), 5, Limit(5), lambda profile, text: None)
    return wiring.Ways(FileCache(cli_cache(aws_dir)), aws_dir, never, runs)


def test_the_config_is_what_botocore_reads(bare: Machine) -> None:
    write(bare)
    assert wiring.open_session().full_config == BotocoreSession().full_config


def test_a_missing_config_is_what_botocore_makes_of_it(bare: Machine) -> None:
    assert wiring.open_session().full_config == BotocoreSession().full_config


def test_a_file_that_changed_is_read_again(bare: Machine) -> None:
    write(bare)
    before = wiring.open_session().full_config
    write(bare, CONFIG + "[profile later]\nregion = x\n")
    assert "later" in wiring.open_session().full_config["profiles"]
    assert "later" not in before["profiles"]


def test_the_two_files_stay_as_read_when_they_are_merged(bare: Machine) -> None:
    write(bare)
    assert wiring.open_session().full_config["profiles"]["a"]["region"] == "eu-north-1"
    (bare.home / "credentials").write_text("")
    assert wiring.open_session().full_config["profiles"]["a"]["region"] == "us-east-1"


def test_the_providers_and_their_order_are_botocores(bare: Machine) -> None:
    write(bare)
    for profile in ("", "a"):
        session = wiring.open_session(profile)
        ours = wiring.resolver(session, ways(bare.aws_dir))
        theirs = create_credential_resolver(BotocoreSession(profile=profile or None))
        assert [each.METHOD for each in ours.providers] == [
            each.METHOD for each in theirs.providers
        ]
        different = [
            one.METHOD
            for one, other in zip(ours.providers, theirs.providers, strict=True)
            if type(one) is not type(other)
        ]
        # aws_login.py stands in where botocore lacks the library for it; container.py has words.
        assert set(different) <= {"login", "container-role"}


def test_every_call_has_a_time_limit(bare: Machine) -> None:
    write(bare)
    client: Any = wiring.open_session("b", "eu-west-1").create_client("sts")
    assert client.meta.config.connect_timeout == wiring.CONNECT_TIMEOUT
    assert client.meta.config.read_timeout == wiring.READ_TIMEOUT
