"""What the line on top says of an open connection. Pure."""

from __future__ import annotations

from rolebrowser.connection.protocol import Transaction
from rolebrowser.identity.model import Session
from rolebrowser.opened import Opened
from rolebrowser.tui.rows.context import Context

_IN_TRANSACTION = (Transaction.OPEN, Transaction.FAILED)


def context(
    opened: Opened,
    session: Session | None,
    *,
    guarded: bool,
    running: float,
    by_hand: bool,
    lifeline: str,
) -> Context:
    """Where one is and as whom, in which mode, and what is under way.

    Args:
        session: the one the next login would use; None outside AWS.
        running: seconds the statement has run; 0 = none does.
        by_hand: transactions are committed by hand.
        lifeline: what is being done about a lost connection; empty = nothing.
    """
    token = opened.current_token()
    return Context(
        crumbs=_crumbs(opened, session),
        database=_database(opened),
        guarded=guarded,
        mode="READ-ONLY" if opened.connection.read_only else "READ-WRITE",
        session_ends=session.expires_at if session else None,
        token_ends=token.expires_at if token else None,
        notes=_notes(opened, running, lifeline),
        calm=_calm(opened, running, by_hand),
        route=opened.route,
    )


def _crumbs(opened: Opened, session: Session | None) -> tuple[str, ...]:
    role = ""
    if session is not None:
        role = session.role.rsplit("/", 1)[-1] if session.role else session.profile
    crumbs = (role, _database(opened), opened.connection.info.user)
    return tuple(crumb for crumb in crumbs if crumb)


def _database(opened: Opened) -> str:
    return opened.database.id if opened.database else opened.connection.info.host


def _notes(opened: Opened, running: float, lifeline: str) -> tuple[str, ...]:
    connection = opened.connection
    state = connection.transaction
    notes: list[str] = []
    if running:
        notes.append(f"{'waiting' if connection.waiting else 'running'} {running:.0f}s")
    if state in _IN_TRANSACTION:
        notes.append(state.value)
    elif connection.inside:
        notes.append(Transaction.OPEN.value)
    if lifeline:
        notes.append(lifeline)
    elif not connection.alive:
        notes.append("not connected")
    if connection.info.in_recovery:
        notes.append("reader")
    return tuple(notes)


def _calm(opened: Opened, running: float, by_hand: bool) -> tuple[str, ...]:
    state = opened.connection.transaction
    calm = ["commit by hand"] if by_hand else []
    if state is Transaction.IDLE and not running:
        calm.append(state.value)
    return tuple(calm)
