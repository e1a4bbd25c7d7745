"""Sessions in the operating system's keyring, where config.toml says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

keyring = pytest.importorskip("keyring", reason="pip install 'rolebrowser[keyring]'")

from keyring.backend import KeyringBackend  # noqa: E402
from keyring.backends.fail import Keyring as NoKeyring  # noqa: E402
from keyring.errors import PasswordDeleteError  # noqa: E402

from rolebrowser import config  # noqa: E402
from rolebrowser.errors import ConfigError, CredentialsError  # noqa: E402
from rolebrowser.identity import caches, credentials, sso  # noqa: E402
from rolebrowser.identity.model import State  # noqa: E402
from rolebrowser.identity.sessions import lifetime  # noqa: E402
from rolebrowser.identity.vault import ELSEWHERE, public  # noqa: E402
from rolebrowser.sandbox.process import SandboxProcess  # noqa: E402

from .conftest import Machine  # noqa: E402


class Drawer(KeyringBackend):
    """A keyring in memory, which counts how often it is opened."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.opened = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.opened += 1
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def drawer(machine: Machine) -> Iterator[Drawer]:
    """The machine's keyring, and a config.toml that wants it."""
    own = machine.home / "config.toml"
    own.write_text('session_store = "keyring"\n', encoding="utf-8")
    machine.patch.setenv("ROLEBROWSER_CONFIG", str(own))
    before = keyring.get_keyring()
    found = Drawer()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def state(machine: Machine, name: str) -> State:
    profiles = machine.profiles
    now = datetime.now(UTC)
    return lifetime(profiles.named(name), profiles, machine.cached(), now, {}).state


def files(machine: Machine) -> list[Path]:
    return [path for path in machine.aws_dir.rglob("*") if path.is_file()]


def test_a_session_is_kept_in_the_keyring_and_no_secret_in_a_file(
    machine: Machine, drawer: Drawer
) -> None:
    session = machine.resolve("staging-reader")
    # The step between is kept as well.
    assert len(drawer.entries) == 2
    assert not list(caches.cli_cache(machine.aws_dir).glob("*"))
    assert session.token is not None
    written = "".join(path.read_text() for path in files(machine))
    for secret in (session.access_key, session.secret_key.reveal(), session.token.reveal()):
        assert secret not in written
    assert machine.resolve("staging-reader").access_key == session.access_key


def test_listing_shows_the_clock_and_does_not_open_the_keyring(
    machine: Machine, drawer: Drawer
) -> None:
    machine.resolve("staging")
    opened = drawer.opened
    assert state(machine, "staging") is State.VALID
    assert state(machine, "vendor") is State.NOT_STARTED
    assert drawer.opened == opened


def test_an_sso_login_is_kept_there_too_and_all_is_forgotten(
    machine: Machine, drawer: Drawer, sandbox: SandboxProcess
) -> None:
    sandbox.control("sso", answer="approve", interval=0)
    try:
        machine.resolve("corp-dev", at_browser=lambda request: None)
    finally:
        sandbox.control("sso", answer="", interval=1, end_sessions=True)
    assert not list(caches.sso_cache(machine.aws_dir).glob("*"))
    assert state(machine, "corp-dev") is State.VALID
    profiles = machine.profiles
    assert credentials.forget_all(profiles=profiles, aws_dir=machine.aws_dir) == 1
    assert sso.forget_all(profiles=profiles, aws_dir=machine.aws_dir) == 1
    assert not drawer.entries
    assert not files(machine)


def test_what_the_cli_keeps_in_its_files_is_used_as_ever(machine: Machine, drawer: Drawer) -> None:
    done = machine.aws("sts", "get-caller-identity", "--profile", "staging")
    assert done.returncode == 0, done.stderr
    assert state(machine, "staging") is State.VALID
    machine.resolve("staging")
    assert not drawer.entries


def test_a_keyring_that_does_not_answer_costs_a_sentence_not_the_session(
    machine: Machine, drawer: Drawer
) -> None:
    keyring.set_keyring(NoKeyring())
    session = machine.resolve("staging")
    (said,) = session.warnings
    assert said.startswith("The session is not kept: ")
    assert "the keyring says: No recommended backend was available." in said


class Refusing(Drawer):
    """A keyring that gives nothing back to the void, as a locked one."""

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError("the keyring is locked")


def test_what_the_keyring_does_not_let_go_is_not_called_forgotten(
    machine: Machine, drawer: Drawer
) -> None:
    machine.resolve("staging")
    locked = Refusing()
    locked.entries = drawer.entries
    keyring.set_keyring(locked)
    where = {"profiles": machine.profiles, "aws_dir": machine.aws_dir}
    with pytest.raises(CredentialsError, match="can't be removed") as caught:
        credentials.forget_all(**where)
    assert "the keyring is locked" in caught.value.why
    # Another try finds it still.
    keyring.set_keyring(drawer)
    assert credentials.forget_all(**where) == 1
    assert not drawer.entries


def test_what_was_taken_out_of_the_keyring_by_hand_is_forgotten(
    machine: Machine, drawer: Drawer
) -> None:
    machine.resolve("staging")
    drawer.entries.clear()
    assert credentials.forget_all(profiles=machine.profiles, aws_dir=machine.aws_dir) == 1
    assert state(machine, "staging") is State.NOT_STARTED


def test_a_package_that_is_missing_is_named(machine: Machine, drawer: Drawer) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    machine.patch.setattr("rolebrowser.identity.vault.import_module", missing)
    with pytest.raises(ConfigError, match="not installed") as caught:
        machine.resolve("staging")
    assert "rolebrowser[keyring]" in caught.value.fix


def test_the_setting_takes_two_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"session_store.*files, keyring"):
        config.parse('session_store = "vault"\n', tmp_path / "config.toml")


def test_nothing_but_ends_is_left_for_the_file_beside() -> None:
    body = {
        "Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2030-01-01"},
        "AssumedRoleUser": {"Arn": "arn"},
        "DurationSeconds": 900,
    }
    text = json.dumps(public(body))
    assert json.loads(text)["Credentials"] == {
        "AccessKeyId": ELSEWHERE,
        "SecretAccessKey": ELSEWHERE,
        "Expiration": "2030-01-01",
    }
    assert "arn" not in text
