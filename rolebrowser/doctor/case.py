"""Case: what is known so far of the target that is examined."""

from __future__ import annotations

from dataclasses import dataclass, field

from rolebrowser.cancel import Cancel
from rolebrowser.check import Status
from rolebrowser.config import Config
from rolebrowser.database.model import Database, Endpoint
from rolebrowser.database.route import Way
from rolebrowser.database.truststore import Trust
from rolebrowser.database.tunnel import Tunnel
from rolebrowser.doctor.finding import CheckName, Finding
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity.model import Identity, Session
from rolebrowser.identity.prompts import Prompts
from rolebrowser.identity.trust import Caller
from rolebrowser.opened import Opened
from rolebrowser.target import Target

TOLERATED = 300.0
"""Seconds a clock may be off: AWS takes signatures up to 5 minutes old or early (IAM User Guide,
"Signature Version 4", request expiration)."""


@dataclass
class Case:
    """Filled by the checks as they go; None = not known, or not to be had.

    Attributes:
        via: a bookmark by which the database may be asked from inside when the target's own login
            fails; empty = any of config.toml that leads to the same database.
        off: seconds by which this machine's clock is ahead of AWS's.
        clock_error: AWS refused a request for its time.
        remembered: since when the database is known so, where AWS can't be asked now: "as AWS
            said 3 hours ago".
        caller: the session's rights, as far as they may be read.
        hidden: sentences about those that may not.
        reached: the numeric address that answered.
        port: the port there.
        tunnel: the one that leads there, open.
        opened: the target's own connection.
        inside: somebody else's, by which the database can be asked.
    """

    target: Target
    config: Config
    prompts: Prompts
    cancel: Cancel
    via: str = ""
    findings: dict[CheckName, Finding] = field(default_factory=dict)
    session: Session | None = None
    identity: Identity | None = None
    off: float | None = None
    clock_error: RolebrowserError | None = None
    database: Database | None = None
    endpoint: Endpoint | None = None
    remembered: str = ""
    caller: Caller | None = None
    hidden: list[str] = field(default_factory=list)
    way: Way | None = None
    reached: str = ""
    port: int = 0
    tunnel: Tunnel | None = None
    trust: Trust | None = None
    opened: Opened | None = None
    inside: Opened | None = None

    @property
    def clock_is_off(self) -> bool:
        """Whether AWS takes nothing that this machine signs, for its time."""
        return self.clock_error is not None or abs(self.off or 0.0) > TOLERATED

    def hang_up(self) -> None:
        """End the tunnel: whoever logs in opens one of their own."""
        if self.tunnel is not None:
            self.tunnel.close()
            self.tunnel = None

    def close(self) -> None:
        """Close what was opened."""
        self.hang_up()
        for each in (self.opened, self.inside):
            if each is not None:
                each.connection.close()

    def bad(self, *checks: CheckName) -> bool:
        """Whether any of these checks failed."""
        found = (self.findings.get(check) for check in checks)
        return any(each is not None and each.status is Status.FAIL for each in found)

    def good(self, *checks: CheckName) -> bool:
        """Whether all of these checks passed."""
        found = (self.findings.get(check) for check in checks)
        return all(each is not None and each.status is Status.PASS for each in found)
