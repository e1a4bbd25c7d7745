"""Load what the first connection needs while nobody waits: modules only.

Nothing is resolved, asked or sent: that is for after a person's choice.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

# In the order in which a connection meets them; then what a list of roles needs.
_NEEDED = (
    "rolebrowser.tui.screens.connection",
    "rolebrowser.identity.credentials",
    "botocore.session",
    "boto3",
    "rolebrowser.database.rds",
    "rolebrowser.database.token",
    "rolebrowser.database.truststore",
    "rolebrowser.database.route",
    "psycopg",
    "rolebrowser.connection.postgres",
    "rolebrowser.identity.discovery",
    "rolebrowser.tui.dialogs.why",
)


def load(done: Callable[[], object]) -> None:
    """Import the modules in a daemon thread; a module that isn't there is found missing later.

    Args:
        done: called from that thread when they are there.
    """
    threading.Thread(target=_load, args=(done,), name="modules", daemon=True).start()


def _load(done: Callable[[], object]) -> None:
    with suppress(ImportError):
        for name in _NEEDED:
            import_module(name)
    if not gc.isenabled():
        # Off since the program started. What is loaded stays for good: no need to look at it again.
        gc.freeze()
        # The youngest 20,000 took 34 to 54 ms where the matrix is big: few hold up no key.
        # The oldest are for when nobody presses a key (departed.py).
        gc.set_threshold(5_000, 5, 1_000)
        gc.enable()
    done()
