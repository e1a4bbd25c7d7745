"""credential_process with an end: a time limit, no terminal, and words for what goes wrong.

botocore runs the command and waits for as long as it likes (`ProcessProvider`); it takes whatever
behaves like `subprocess.Popen`, and that is what this is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

from rolebrowser.cancel import Cancel, Limit
from rolebrowser.errors import CredentialsError, TimedOut
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import redact

WITHIN = "ROLEBROWSER_WITHIN"
"""Names the profiles whose credential_process is running, one a line: so that one of them that
comes round to itself is told from one that waits."""

_MUST_HAVE = ("Version", "AccessKeyId", "SecretAccessKey")
_QUOTED = 2000
"""Characters of stderr worth showing: its end, where the reason is."""

_BRIEF = 2.0
"""Seconds a command may take, and say what it likes, before a person is told what it says."""
_RARELY = 8
"""Times that, at most, between two words of one that goes on talking: each is a toast."""


@dataclass(frozen=True, slots=True)
class Runs:
    """How a command is run.

    Attributes:
        seconds: after which it is killed with all its children.
        step: the limit of what it is run for, which stands still meanwhile.
        tell: given the profile and what it has said on stderr since, while it still runs: it may
            be waiting for a person.
    """

    cancel: Cancel
    seconds: float
    step: Limit
    tell: Callable[[str, str], None]


class LimitedProcess:
    """One run of a profile's credential_process.

    It gets no stdin and no terminal: a question it asks there would be drawn over the screen, and
    its answer typed blindly.

    Raises:
        CredentialsError: the command can't be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        profile: str,
        runs: Runs,
        stdout: int,
        stderr: int,
    ) -> None:
        self._profile = profile
        self._runs = runs
        self.returncode: int | None = None
        try:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                env={**os.environ, WITHIN: _within(profile)},
            )
        except (OSError, ValueError, IndexError) as error:
            reason = getattr(error, "strerror", None) or error
            program = f" ({command[0]})" if command else ""
            raise CredentialsError(
                f"The credential_process of {profile} can't be started{program}.",
                why=str(reason),
                fix="Check the command in the profile; it is run without a shell.",
            ) from None

    def communicate(self) -> tuple[bytes, bytes]:
        """Output and error output of the finished command; output is what AWS tools take.

        botocore would name the profile that was asked for, not the one whose command it is.

        Raises:
            TimedOut, Cancelled, CredentialsError (it failed, or printed something else).
        """
        forget = self._runs.cancel.on_cancel(self._kill)
        try:
            with self._runs.step.paused():
                output, errors = self._wait()
        finally:
            forget()
            self._end()
        self._runs.cancel.check()
        self.returncode = self._process.returncode
        if self.returncode != 0:
            raise CredentialsError(
                f"The credential_process of {self._profile} failed.",
                why=_readable(errors) or f"exit code {self.returncode}",
                fix="Run it by hand; the command is in that profile's section of the AWS config.",
            )
        self._check(output)
        return output, b""

    def _wait(self) -> tuple[bytes, bytes]:
        """Its output and error output. Raises TimedOut."""
        seconds = self._runs.seconds
        ends, told, pause = time.monotonic() + seconds, 0, _BRIEF
        while (left := ends - time.monotonic()) > 0:
            try:
                return self._process.communicate(timeout=min(left, pause))
            except subprocess.TimeoutExpired as late:
                said: bytes = late.stderr or b""
                if len(said) > told:
                    self._runs.tell(self._profile, _readable(said[told:]))
                    told, pause = len(said), min(2 * pause, _RARELY * _BRIEF)
        self._kill()
        _, errors = self._process.communicate()
        raise TimedOut(
            f"The credential_process of {self._profile} was stopped after {seconds:g} seconds.",
            why=_readable(errors),
            fix="Run it by hand to see what it waits for: it gets no terminal here. config.toml "
            "can give it longer: timeouts.credential_process, timeouts.aws where nobody is asked.",
        )

    def _end(self) -> None:
        """Have it over, however the waiting ended: whoever was told of it may have raised."""
        self._kill()
        with self._process:
            pass

    def _check(self, output: bytes) -> None:
        try:
            found = json.loads(output)
        except ValueError:
            found = None
        wrong = "no JSON object"
        if isinstance(found, dict):
            missing = [key for key in _MUST_HAVE if key not in found]
            wrong = f"no {missing[0]}" if missing else ""
            if found.get("Version", 1) != 1:
                wrong = "a Version other than 1"
        if wrong:
            raise CredentialsError(
                f"The credential_process of {self._profile} printed {wrong}.",
                fix="It must print Version, AccessKeyId and SecretAccessKey, and nothing else.",
            )

    def _kill(self) -> None:
        # The group's id is the leader's; once it was waited for, the number may be somebody else's.
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()


def limited(profile: str, runs: Runs) -> Callable[..., Any]:
    """A stand-in for `subprocess.Popen` for one profile's command."""

    def start(command: Sequence[str], **pipes: Any) -> LimitedProcess:
        return LimitedProcess(command, profile=profile, runs=runs, **pipes)

    return start


def _within(profile: str) -> str:
    return "\n".join(filter(None, (os.environ.get(WITHIN), profile)))


def _readable(errors: bytes) -> str:
    return redact(errors.decode("utf-8", "replace").strip()[-_QUOTED:])
