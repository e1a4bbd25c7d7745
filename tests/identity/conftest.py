"""A person's machine, pointed at the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rolebrowser import config
from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled
from rolebrowser.identity import caches, credentials, profile_files
from rolebrowser.identity.cache_names import Snapshot
from rolebrowser.identity.model import Session
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.prompts import LoginRequest, MfaRequest
from rolebrowser.sandbox.process import SandboxProcess


@dataclass
class Person:
    """Answers questions for codes, one after the other, and remembers them.

    Attributes:
        at_browser: what the person does with a login; None = there is no browser.
        shown: logins shown; `taken` counts those taken away again.
        told: how they went meanwhile.
    """

    codes: list[str] = field(default_factory=list)
    asked: list[MfaRequest] = field(default_factory=list)
    at_browser: Callable[[LoginRequest], object] | None = None
    shown: list[LoginRequest] = field(default_factory=list)
    taken: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def can_log_in(self) -> bool:
        return self.at_browser is not None

    def show_login(self, request: LoginRequest) -> Person:
        self.shown.append(request)
        assert self.at_browser is not None
        self.at_browser(request)
        return self

    def say(self, text: str) -> None:
        self.told.append(text)

    def close(self) -> None:
        self.taken += 1

    def process_says(self, profile: str, text: str) -> None:
        self.told.append(f"{profile}: {text}")

    def mfa_code(self, request: MfaRequest) -> str:
        self.asked.append(request)
        if not self.codes:
            raise Cancelled
        return self.codes.pop(0)


@dataclass
class Machine:
    """A home directory with the sandbox's AWS files, and whoever sits there."""

    home: Path
    patch: pytest.MonkeyPatch
    person: Person = field(default_factory=Person)

    @property
    def aws_dir(self) -> Path:
        return self.home / ".aws"

    @property
    def profiles(self) -> Profiles:
        return profile_files.load()

    def add(self, section: str) -> None:
        """Append to a config file of this machine's own."""
        own = self.home / "config"
        current = Path(os.environ["AWS_CONFIG_FILE"]).read_text(encoding="utf-8")
        own.write_text(f"{current}\n{section}\n", encoding="utf-8")
        self.patch.setenv("AWS_CONFIG_FILE", str(own))

    def resolve(
        self,
        profile: str,
        role: str = "",
        *,
        codes: tuple[str, ...] = (),
        cancel: Cancel | None = None,
        seconds: float = 15.0,
        fresh: bool = False,
        duration: int = 0,
        region: str = "",
        at_browser: Callable[[LoginRequest], object] | None = None,
    ) -> Session:
        self.person = Person(list(codes), at_browser=at_browser)
        return credentials.resolve(
            profile,
            role,
            profiles=self.profiles,
            aws_dir=self.aws_dir,
            prompts=self.person,
            cancel=cancel,
            seconds=seconds,
            fresh=fresh,
            duration=duration,
            region=region,
        )

    def cached(self) -> Snapshot:
        return caches.read(self.aws_dir, os.environ, store=config.load().session_store)

    def aws(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The stock AWS CLI, with nobody at its standard input."""
        return subprocess.run(
            [str(Path(sys.executable).with_name("aws")), *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            timeout=60,
        )


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without any AWS settings."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Machine(tmp_path, monkeypatch)


@pytest.fixture
def machine(bare: Machine, sandbox: SandboxProcess) -> Iterator[Machine]:
    """A machine in the sandbox's world."""
    for name, value in sandbox.exports.items():
        bare.patch.setenv(name, value)
    yield bare
    sandbox.control("latency", seconds=0)
    sandbox.control("throttle", requests=0)
