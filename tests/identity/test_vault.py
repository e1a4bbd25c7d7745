"""Sessions in the operating system's keyring, where config.toml says so."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

keyring = pytest.importorskip("keyring", reason="pip install 'rolebrowser[keyring]'")

from keyring.backend import KeyringBackend  # noqa: E402
from keyring.backends.fail import Keyring as NoKeyring  # noqa: E402
from keyring.backends.null import Keyring as Disabled  # noqa: E402
from keyring.errors import KeyringLocked, PasswordDeleteError  # noqa: E402

from rolebrowser import config  # noqa: E402
from rolebrowser.errors import ConfigError, CredentialsError, LoginRequired  # noqa: E402
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
    assert said.startswith("No keyring runs here: sessions are neither kept nor found again. ")
    assert "session_store" in said


class Refusing(Drawer):
    """A keyring that gives nothing back to the void, as a locked one."""

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError("the keyring is locked")


class Failing(Drawer):
    """A keyring that answers everything with an error, and counts."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        self.opened += 1
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


def test_a_locked_keyring_asks_for_its_password_once_and_is_said_to_be_locked(
    machine: Machine, drawer: Drawer
) -> None:
    machine.resolve("staging-reader")
    # The Secret Service's words when its question is dismissed.
    locked = Failing(KeyringLocked("Failed to unlock the collection!"))
    keyring.set_keyring(locked)
    session = machine.resolve("staging-reader")
    (said,) = session.warnings
    assert said.startswith("The keyring is locked: ")
    assert "Unlock it and try again" in said
    assert locked.opened == 1


def test_whatever_a_keyring_raises_is_its_own_word(machine: Machine, drawer: Drawer) -> None:
    # PYTHON_KEYRING_BACKEND naming what isn't installed, say: none of keyring's own errors.
    keyring.set_keyring(Failing(ModuleNotFoundError("No module named 'keyrings'")))
    (said,) = machine.resolve("staging").warnings
    assert said.startswith("The keyring says: No module named 'keyrings': ")


def test_a_disabled_keyring_keeps_nothing_and_says_so(machine: Machine, drawer: Drawer) -> None:
    keyring.set_keyring(Disabled())
    (said,) = machine.resolve("staging").warnings
    assert said.startswith("The keyring is disabled: ")
    assert state(machine, "staging") is State.NOT_STARTED


class Slow(Drawer):
    """A keyring that waits for its password in a window of its own."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(self.seconds)
        super().set_password(service, username, password)


def test_a_keyring_waits_for_its_password_longer_than_aws_may_take(
    machine: Machine, drawer: Drawer
) -> None:
    slow = Slow(4)
    keyring.set_keyring(slow)
    session = machine.resolve("staging", seconds=3)
    assert not session.warnings
    assert slow.entries


def test_a_keyring_that_never_answers_is_waited_for_so_long_and_no_longer(
    machine: Machine, drawer: Drawer
) -> None:
    machine.patch.setattr("rolebrowser.identity.vault.PATIENCE", 0.5)
    keyring.set_keyring(Slow(30))
    (said,) = machine.resolve("staging").warnings
    assert said.startswith("The keyring gave no answer in 0.5 seconds: ")


def test_nobody_goes_to_the_browser_for_an_sso_login_that_could_not_be_kept(
    machine: Machine, drawer: Drawer
) -> None:
    keyring.set_keyring(Failing(KeyringLocked()))
    with pytest.raises(CredentialsError, match="SSO login corp can neither") as caught:
        machine.resolve("corp-dev", at_browser=lambda request: None)
    assert caught.value.why == "The keyring is locked."
    assert not machine.person.shown
    assert not isinstance(caught.value, LoginRequired)


def test_what_lies_in_the_keyring_counts_for_nothing_once_files_are_wanted(
    machine: Machine, drawer: Drawer
) -> None:
    machine.resolve("staging")
    own = machine.home / "config.toml"
    own.write_text("", encoding="utf-8")
    assert state(machine, "staging") is State.NOT_STARTED
    # No more than a look at it: it is dropped all the same.
    assert credentials.forget_all(profiles=machine.profiles, aws_dir=machine.aws_dir) == 1
    assert not drawer.entries
    assert not files(machine)


def test_the_clis_newer_session_shows_through_an_old_one_in_the_keyring(
    machine: Machine, drawer: Drawer
) -> None:
    machine.resolve("staging")
    (beside,) = files(machine)
    body = json.loads(beside.read_text())
    body["Credentials"]["Expiration"] = "2020-01-01T00:00:00UTC"
    beside.write_text(json.dumps(body))
    drawer.entries.clear()
    done = machine.aws("sts", "get-caller-identity", "--profile", "staging")
    assert done.returncode == 0, done.stderr
    assert state(machine, "staging") is State.VALID


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
    assert "session_store" in caught.value.fix
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
