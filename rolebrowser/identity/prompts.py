"""What getting a session may have to ask a person.

Two things: a code (answered with a string), and a login that happens in a browser (shown, and
taken away when it is over); and what a credential_process says, which may be waiting for one. All
are called from the thread that does the work, never from the event loop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from rolebrowser.errors import LoginRequired, MfaRequired
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class MfaRequest:
    """A question for a code.

    Attributes:
        serial: the device's ARN.
        role: ARN of the role the code is for.
        refused: why the code before was turned down; empty the first time.
    """

    serial: str
    role: str
    profile: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """An SSO login that waits for a person in a browser. The texts come from AWS: clean them.

    Attributes:
        code: what the page must show ("ABCD-EFGH"); the person compares the two.
        url: where the code can be typed in, on any machine.
        complete_url: the same with the code in it: to open, and to copy.
        expires_at: until when it can be approved; aware UTC.
        session: the sso-session's name, or the start URL of a legacy profile.
        profile: one that waits for it; others may too.
    """

    code: str
    url: str
    complete_url: str
    expires_at: datetime
    session: str
    profile: str


class LoginShown(Protocol):
    """A login that a person sees."""

    def say(self, text: str) -> None:
        """How it goes meanwhile, a sentence; replaces the one before."""
        ...

    def close(self) -> None:
        """Take it away; called once, however the login ended."""
        ...


class Prompts(Protocol):
    """Asks a person; called from the thread that does the work, may block.

    Raises `Cancelled` when the person won't answer, `MfaRequired` when there is nobody to ask.
    """

    @property
    def can_log_in(self) -> bool:
        """Whether `show_login` would reach somebody; without, no login is started at all."""
        ...

    def mfa_code(self, request: MfaRequest) -> str:
        """A six-digit code."""
        ...

    def show_login(self, request: LoginRequest) -> LoginShown:
        """Show the code and the address, and return at once; the login is polled for meanwhile.

        Giving up goes through the job's `Cancel`.
        """
        ...

    def process_says(self, profile: str, text: str) -> None:
        """What the credential_process of a profile has said since, and it still runs."""
        ...


class NobodyToAsk:
    """Prompts for where no person is: every question is an error that says what was needed."""

    can_log_in: bool = False

    def mfa_code(self, request: MfaRequest) -> str:
        """Raises MfaRequired."""
        raise MfaRequired(
            f"The role {request.role or request.profile} needs an MFA code.",
            why=f"Device: {request.serial}",
            fix="Run it from a terminal, or start the session first: rolebrowser, profile, R.",
        )

    def show_login(self, request: LoginRequest) -> LoginShown:
        """Raises LoginRequired."""
        raise LoginRequired(
            f"The SSO login {request.session} needs somebody to approve it.",
            fix=f"Open {request.complete_url}",
        )

    def process_says(self, profile: str, text: str) -> None:
        """Nobody hears it; what it says last comes with its failure."""
