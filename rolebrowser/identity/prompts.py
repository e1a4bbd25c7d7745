"""What getting a session may have to ask a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rolebrowser.errors import MfaRequired


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


class Prompts(Protocol):
    """Asks a person; called from the thread that does the work, may block.

    Raises `Cancelled` when the person won't answer, `MfaRequired` when there is nobody to ask.
    """

    def mfa_code(self, request: MfaRequest) -> str:
        """A six-digit code."""
        ...


class NobodyToAsk:
    """Prompts for where no person is: every question is an error that says what was needed."""

    def mfa_code(self, request: MfaRequest) -> str:
        """Raises MfaRequired."""
        raise MfaRequired(
            f"The role {request.role or request.profile} needs an MFA code.",
            why=f"Device: {request.serial}",
            fix="Run it from a terminal, or start the session first: rolebrowser, profile, R.",
        )
