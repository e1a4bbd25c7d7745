"""Guardrails: the service control policies of the sandbox's organization, by account.

None at first. What AWS attaches by itself (FullAWSAccess) hangs beside each, as it does there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolebrowser.identity.policy import Level
from rolebrowser.identity.policy_document import Policy, parse
from rolebrowser.sandbox.documents import allow, policy

_FULL = parse("FullAWSAccess", policy(allow("*")))


class Guardrails:
    """What hangs at each account."""

    def __init__(self) -> None:
        self._attached: dict[str, Policy] = {}

    def attach(self, account: str, document: Mapping[str, Any] | None) -> None:
        """Hang a policy at an account, in place of the one before; None takes it away."""
        self._attached.pop(account, None)
        if document:
            self._attached[account] = parse("Guardrail", document)

    def levels(self, account: str) -> tuple[Level, ...]:
        """The policies that limit an account's principals; empty where there are none."""
        held = self._attached.get(account)
        return (Level(account, (_FULL, held)),) if held else ()
