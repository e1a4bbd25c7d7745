"""Held: a transaction of ours around a person's statements, until they say commit or roll back."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field

from rolebrowser.connection.protocol import Connection, Outcome, Transaction


@dataclass
class Held:
    """Begun by us; ended by `commit`, `roll_back` or `leave`.

    Attributes:
        process: the server process it was begun in.
        statuses: what the server said of each statement in it: "UPDATE 3".
        open: between `begin` and the end.
    """

    connection: Connection
    process: int = 0
    statuses: list[str] = field(default_factory=list)
    open: bool = False

    def begin(self) -> Future[Outcome]:
        """Begin it."""
        self.statuses.clear()
        self.open = True
        self.process = self.connection.info.backend_pid
        return self.connection.run("BEGIN")

    def took(self, outcome: Outcome) -> None:
        """Note what a statement in it did."""
        self.statuses.append(outcome.status or "done")

    def commit(self) -> Future[Outcome]:
        """Keep the changes."""
        self.open = False
        return self.connection.run("COMMIT")

    def roll_back(self) -> Future[Outcome]:
        """Undo them."""
        self.open = False
        return self.connection.run("ROLLBACK")

    def leave(self) -> None:
        """The transaction is the person's from now on."""
        self.open = False

    @property
    def ended(self) -> bool:
        """A statement in it ended it: MySQL's implicit commits, a COMMIT inside a procedure."""
        return not self.lost and self.connection.transaction is Transaction.IDLE

    @property
    def lost(self) -> bool:
        """The connection was lost, and the transaction with it: nothing of it was kept."""
        return (
            self.connection.transaction is Transaction.UNKNOWN
            or self.connection.info.backend_pid != self.process
        )
