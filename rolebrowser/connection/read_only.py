"""Read-only mode for PostgreSQL: what travels around a statement, and what isn't sent. Pure."""

from __future__ import annotations

from dataclasses import replace

from rolebrowser.connection.effects import Effect, Effects
from rolebrowser.connection.postgres_results import Flight
from rolebrowser.connection.protocol import Transaction
from rolebrowser.errors import ReadOnlyRefused

ASSERT = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
LIFT = "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"
_SAVEPOINT = "rolebrowser_reading"
_RELEASE = f"RELEASE SAVEPOINT {_SAVEPOINT}"
_BACK = (f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", _RELEASE)
_HERE = "SET TRANSACTION READ ONLY"


def advice(ours: bool, reader: bool) -> str:
    """What to do when the server refuses to write.

    Args:
        ours: the connection is in read-only mode.
        reader: the server says of itself that it only reads.
    """
    if reader:
        return 'This is a reader: connect to the writer endpoint (endpoint = "writer").'
    if ours:
        return "Read-only mode: switch to read-write first (F4; --read-write on the command line)."
    return (
        "The server itself only reads here: a reader endpoint, or default_transaction_read_only. "
        "Connect to the writer endpoint."
    )


def refuse(effects: Effects) -> None:
    """Raise ReadOnlyRefused for a statement that a read-only transaction would not hold."""
    if effects.evades:
        raise ReadOnlyRefused(
            "The statement was not sent: the connection is read-only.",
            why=f"{effects.evades[0].upper()}{effects.evades[1:]}.",
            fix="If you mean it, switch to read-write (F4; --read-write on the command line).",
        )


def wrapped(
    flight: Flight, effects: Effects, transaction: Transaction, *, asserted: bool
) -> Flight:
    """A statement with everything that keeps it read-only, in one flight.

    Args:
        transaction: the state before it.
        asserted: the connection's default is known to be read-only.
    """
    if effects.effect is Effect.TRANSACTION:
        prelude = () if asserted or transaction is not Transaction.IDLE else (ASSERT,)
        return replace(flight, prelude=prelude, after=(_HERE,) if effects.begins else ())
    if transaction is Transaction.IDLE:
        return in_own_transaction(flight, asserted=asserted)
    return replace(flight, before=(_HERE,))


def in_own_transaction(flight: Flight, *, asserted: bool) -> Flight:
    """Inside a read-only transaction of its own."""
    return replace(
        flight,
        prelude=() if asserted else (ASSERT,),
        before=("BEGIN READ ONLY",),
        after=("COMMIT",),
        undo=("ROLLBACK",),
    )


def beginning(transaction: Transaction, *, asserted: bool) -> Flight:
    """What makes the transaction read-only ahead of a statement that can't travel with it."""
    if transaction is not Transaction.IDLE:
        return Flight(_HERE)
    return Flight("BEGIN READ ONLY", prelude=() if asserted else (ASSERT,))


def in_savepoint(flight: Flight) -> Flight:
    """A query of ours inside the person's transaction, which it must leave as it was."""
    return replace(behind_savepoint(flight), undo=_BACK)


def behind_savepoint(flight: Flight) -> Flight:
    """A statement inside the person's transaction that may be given up midway without spoiling it.

    When it fails by itself the transaction fails, as it does anywhere.
    """
    return replace(
        flight,
        before=(*flight.before, f"SAVEPOINT {_SAVEPOINT}"),
        after=(_RELEASE, *flight.after),
        unwind=_BACK,
    )
