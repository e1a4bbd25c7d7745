"""Who holds which keys: every access key the sandbox ever issued, and who it speaks for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """One access key.

    Attributes:
        principal: ARN as GetCallerIdentity says it: an IAM user's, or
            `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
        role: ARN of the role behind an assumed-role session (path included); else empty.
        token: the session token; empty for long-term keys.
        expires_at: aware UTC; None for long-term keys.
        mfa: None = long-term keys (the context key is absent), else whether MFA was given.
        issued_at: aware UTC; None for long-term keys.
        chained: assumed from another role's session: the 1 h cap applies.
        session_policies: policy documents passed at AssumeRole.
    """

    access_key: str
    secret_key: str = field(repr=False)
    account: str
    principal: str
    role: str = ""
    token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    issued_at: datetime | None = None
    mfa: bool | None = None
    chained: bool = False
    session_policies: tuple[Mapping[str, object], ...] = ()


class Ledger:
    """All credentials by access key. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: dict[str, Credential] = {}

    def add(self, credential: Credential) -> None:
        """Remember a credential."""
        with self._lock:
            self._by_key[credential.access_key] = credential

    def find(self, access_key: str) -> Credential | None:
        """The credential of an access key, expired or not."""
        with self._lock:
            return self._by_key.get(access_key)

    def expire(self, now: datetime, *, role: str = "") -> int:
        """End sessions as of `now`: all that live, or those of one role's ARN. Returns how many."""
        with self._lock:
            ended = [
                held
                for held in self._by_key.values()
                if held.expires_at is not None
                and held.expires_at > now  # what is over stays so when the clock goes back
                and (not role or held.role == role)
            ]
            for held in ended:
                self._by_key[held.access_key] = replace(held, expires_at=now)
            return len(ended)
