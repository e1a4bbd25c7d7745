"""Waiting for a connection that logs in within its own thread, and leaving it when told to stop."""

from __future__ import annotations

import threading

from rolebrowser.cancel import Cancel
from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import Cancelled


def opened_in_time(connection: Connection, cancel: Cancel) -> Connection:
    """Log a new connection in; blocks until it is ready. It is closed again if that fails.

    Raises:
        Cancelled: `cancel` was set; the attempt ends in the background.
        Whatever the login raises.
    """
    ready = connection.reconnect()
    settled = threading.Event()
    ready.add_done_callback(lambda _: settled.set())
    forget = cancel.on_cancel(settled.set)
    settled.wait()
    forget()
    if not ready.done():
        connection.close()
        raise Cancelled
    try:
        ready.result()
    except BaseException:
        connection.close()
        raise
    return connection
