"""Check: one step of the way to a database, as far as it got. Pure."""

from __future__ import annotations

from enum import StrEnum

from rolebrowser.frozen import dataclass


class Step(StrEnum):
    """The steps, in order."""

    CREDENTIALS = "credentials"
    DATABASE = "database"
    TOKEN = "token"
    TRUST = "trust"
    ROUTE = "route"
    LOGIN = "login"


class Status(StrEnum):
    """How a step stands."""

    STARTED = "started"
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the pipeline as far as it got.

    Attributes:
        evidence: what was seen ("arn:… expires in 52m", "TLSv1.3, CA …"); foreign text in it
            has not been cleaned.
        fix: what to do; set when failed.
        seconds: how long the step took; 0 while it runs.
    """

    step: Step
    status: Status
    evidence: str = ""
    fix: str = ""
    seconds: float = 0.0
