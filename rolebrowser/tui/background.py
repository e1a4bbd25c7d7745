"""Blocking core code, awaited from the event loop without holding up the program's end.

Textual's thread workers use asyncio's default pool, and quitting waits for the pool. A daemon
thread per job doesn't (measured in shared/design.md: 8.0 s against 0.3 s behind an 8 s call).
Run it from an async `@work(exclusive=True, group=…)` method: a worker that was cancelled never
comes back with a stale result, so results need no attempt numbers.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.dom import DOMNode

from rolebrowser.cancel import Cancel
from rolebrowser.errors import RolebrowserError
from rolebrowser.safetext import redact

_log = logging.getLogger(__name__)
T = TypeVar("T")


async def in_thread(
    job: Callable[[Cancel], T],
    *,
    name: str,
    discard: Callable[[T], None] | None = None,
) -> T:
    """Run `job` in a daemon thread of its own and wait for what it gives or raises.

    Args:
        job: gets a `Cancel` that is set when the waiting coroutine is cancelled.
        name: the thread's name; no secrets.
        discard: what to do with a result that comes after the cancellation, e.g. close it.
    """
    loop = asyncio.get_running_loop()
    cancel = Cancel()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            if error is None and discard is not None:
                threading.Thread(target=discard, args=(result,), daemon=True).start()
        elif error is not None:
            future.set_exception(_told(error))
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = job(cancel)
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:  # the loop is closed: the program has ended meanwhile
            if error is None and discard is not None:
                discard(result)  # type: ignore[arg-type]

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        return await future
    except asyncio.CancelledError:
        cancel.cancel()
        raise


def _told(error: BaseException) -> BaseException:
    """Our errors as they are; anything else as a sentence, for a bug must not look like a hang."""
    if isinstance(error, RolebrowserError):
        return error
    _log.error("unexpected", exc_info=error)
    return RolebrowserError(
        f"Something unexpected happened: {type(error).__name__}: {redact(str(error))}",
        fix="This is a fault of rolebrowser; please report it with what you did.",
    )


def under_way(node: DOMNode, group: str) -> bool:
    """Whether a worker of a widget's, of that group, has not come to its end."""
    return any(
        each.node is node and each.group == group and not each.is_finished for each in node.workers
    )
