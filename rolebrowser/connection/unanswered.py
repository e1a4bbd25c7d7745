"""A login that nobody answered in time: packets that are dropped, or a server that hangs."""

from __future__ import annotations

from rolebrowser.connection.protocol import Address
from rolebrowser.errors import TimedOut


def unanswered(address: Address, why: str = "", *, silent: bool = False) -> TimedOut:
    """The login took too long.

    Args:
        silent: somebody took the connection and said nothing. On the way to RDS that is so in any
            case: its door has been knocked at before.
    """
    if silent or not address.plain:
        return TimedOut(
            f"{address.where} let TCP in, and did not go on in time.",
            why=why,
            fix="The server, or what stands before it, hangs: look at its state and load.",
        )
    return TimedOut(
        f"{address.where} did not answer in time.",
        why=why,
        fix="A security group, a private subnet or a missing VPN drops the packets silently.",
    )
