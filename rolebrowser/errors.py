"""The one tree of errors a person may see.

Each error is a sentence about what happened (`what`), the reason as far as it is known (`why`),
and the next thing to do (`fix`). The command line prints the three lines; the terminal UI shows
them as a panel. None of them ever carries a secret, and none of their texts is safe to draw
before `safetext.clean`: `why` often quotes a server.

    RolebrowserError
    ├── ConfigError             config.toml or a bookmark is wrong
    ├── UnknownName             no such profile, database, bookmark, role …; nearest ones offered
    ├── ProfileError            a section of the AWS config can't work
    ├── CredentialsError        no usable AWS credentials
    │   ├── SessionExpired      they were good, and are over
    │   ├── LoginRequired       a person must log in first (SSO, aws login)
    │   ├── MfaRequired         a code is needed and nobody was there to ask
    │   └── AssumeRoleDenied    STS said no
    ├── AwsError                any other refusal by an AWS API
    ├── DatabaseUnavailable     found, but it can't take connections (stopped, no endpoint …)
    ├── RouteError              DNS or TCP: the endpoint can't be reached
    ├── TlsError                the certificate or the handshake was not acceptable
    ├── LoginRefused            the database turned the user or the token away
    ├── ConnectionLost          an open connection ended by itself
    ├── StatementError          the server refused a statement
    │   └── NothingFound        a list of psql's is empty
    ├── ReadOnlyRefused         we refused a statement: the connection is read-only
    ├── SandboxError            the demo's servers could not start
    ├── TimedOut                a step took longer than its limit
    └── Cancelled               the person said stop
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RolebrowserError(Exception):
    """Base of the tree.

    Args:
        what: one sentence: what happened.
        why: the reason, often the other side's own words; empty when unknown.
        fix: what to do next; empty when there is nothing to be done.
        code: the machine's name of the failure where there is one: an AWS error code
            (`ExpiredToken`), an SQLSTATE (`28000`) or a MySQL error number (`1045`).
    """

    def __init__(self, what: str, *, why: str = "", fix: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.code = code

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.why, self.fix) if part)

    @property
    def in_a_line(self) -> str:
        """The three as sentences on one line."""
        return sentences(self.what, self.why, self.fix)


class ConfigError(RolebrowserError):
    """rolebrowser's own configuration can't be read; the text names file and line."""


class UnknownName(RolebrowserError):
    """A name that isn't there.

    Args:
        kind: the word for what was looked for: "profile", "database", "bookmark" …
        name: what was asked.
        candidates: the names that do exist; the nearest are offered.
    """

    def __init__(
        self, kind: str, name: str, candidates: Iterable[str], *, why: str = "", fix: str = ""
    ) -> None:
        self.kind = kind
        self.name = name
        self.nearest = nearest(name, candidates)
        if self.nearest:
            fix = "Did you mean " + " or ".join(f"{near!r}" for near in self.nearest) + "?"
        super().__init__(f"There is no {kind} named {name!r}.", why=why, fix=fix)


class ProfileError(RolebrowserError):
    """A profile that can't give credentials whatever AWS says; the text names file and line."""


class CredentialsError(RolebrowserError):
    """No usable AWS credentials."""


class SessionExpired(CredentialsError):
    """The session was good once and is over."""


class LoginRequired(CredentialsError):
    """A person has to log in (SSO or `aws login`) before this profile works."""


class MfaRequired(CredentialsError):
    """An MFA code is needed and there was nobody to ask, or the code was refused."""


class AssumeRoleDenied(CredentialsError):
    """STS refused AssumeRole."""


class AwsError(RolebrowserError):
    """An AWS API refused or failed; `code` is AWS's own."""


class DatabaseUnavailable(RolebrowserError):
    """The database exists but can't be connected to as it is."""


class RouteError(RolebrowserError):
    """The endpoint can't be reached over DNS or TCP."""


class TlsError(RolebrowserError):
    """TLS could not be verified; nothing secret was sent."""


class LoginRefused(RolebrowserError):
    """The database refused the login; `code` is its SQLSTATE or error number."""


class ConnectionLost(RolebrowserError):
    """An open connection ended by itself; a statement that was running may or may not have run."""


class StatementError(RolebrowserError):
    """The server refused a statement.

    Args:
        position: 1-based character offset into the statement, where the server told one.
        detail, hint: the server's own further lines.
    """

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        fix: str = "",
        code: str = "",
        position: int | None = None,
        severity: str = "ERROR",
    ) -> None:
        super().__init__(what, why=why, fix=fix, code=code)
        self.position = position
        self.severity = severity


class FailedBefore(StatementError):
    """A statement wasn't sent: one before it had failed among rows nobody had asked for yet.

    Args:
        why: what the server said of that one.
    """

    def __init__(self, why: str) -> None:
        super().__init__(
            "The statement before it failed while its rows were read; this one was not sent.",
            why=why,
            fix="What that one changed was not kept. Run this one again if it still makes sense.",
        )


class NothingFound(StatementError):
    """A list has no entries: psql complains of that, and doesn't take it for a failure."""


class ReadOnlyRefused(RolebrowserError):
    """A statement was not sent because the connection is in read-only mode."""


class SandboxError(RolebrowserError):
    """The sandbox's servers could not be started or went away."""


class TimedOut(RolebrowserError):
    """A step took longer than its limit (seconds, in the text)."""


class Cancelled(RolebrowserError):
    """The person cancelled; not a failure."""

    def __init__(self, what: str = "Cancelled.") -> None:
        super().__init__(what)


def nearest(name: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The candidates near to `name`, at most `limit`, maybe none: first what a slip of the keys
    makes of it or of its last part (`schema.table`, `role/NAME`), then what it is a part of."""
    asked = name.casefold()
    known: dict[str, str] = {}
    for candidate in candidates:
        whole = candidate.casefold()
        known.setdefault(whole, candidate)
        known.setdefault(whole.replace("/", ".").rpartition(".")[2], candidate)
    # difflib's own cutoff: at 0.5 "nope" was near to "corp-dev".
    near = difflib.get_close_matches(asked, known, n=2 * limit, cutoff=0.6)
    if len(asked) > 2:
        near += sorted((each for each in known if asked in each), key=len)
    return tuple(dict.fromkeys(known[each] for each in near))[:limit]


def sentences(*parts: str) -> str:
    """Texts as sentences on one line; a server's own words get the full stop they lack."""
    lines = (" ".join(part.split("\n")).strip() for part in parts)
    return " ".join(part if part[-1] in ".!?:…" else f"{part}." for part in lines if part)
