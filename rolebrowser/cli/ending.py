"""How a run of the program ends: an exit code, and a sentence on stderr. Without click: the
terminal UI starts without it."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable

from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.safetext import clean, redact

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def ending(call: Callable[[], object]) -> int:
    """Call, and turn what comes of it into an exit code.

    Returns:
        What `call` returned if that is a number, else 0; 1 failed (a sentence on stderr, never a
        traceback unless ROLEBROWSER_DEBUG is set), 130 interrupted.
    """
    _never_stumble_over_a_character()
    try:
        code = call()
        sys.stdout.flush()
    except (KeyboardInterrupt, Cancelled):
        return 130
    except RolebrowserError as error:
        _say(error)
        return 1
    except BrokenPipeError:
        _drop_output()  # whoever read it has gone
        return 1
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
            _drop_output()
            what = "The output could not be written."
            _say(
                RolebrowserError(
                    what, why=f"{error.strerror}.", fix="What was written is not whole."
                )
            )
            return 1
        if os.environ.get("ROLEBROWSER_DEBUG"):
            raise
        what = f"Something unexpected happened: {type(error).__name__}: {redact(str(error))}"
        _say(RolebrowserError(what, fix="Please report it; ROLEBROWSER_DEBUG=1 shows where."))
        return 1
    return code if isinstance(code, int) else 0


def _drop_output() -> None:
    """Leave what wasn't written: Python would try, and complain, once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _never_stumble_over_a_character() -> None:
    """A locale without some character, or a name that isn't text, must not end in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(error: RolebrowserError) -> None:
    sys.stderr.write(clean(redact(str(error)), keep="\n") + "\n")
