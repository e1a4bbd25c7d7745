"""An onlooker: what a program's children are started with, as its user sees it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """One process at one look."""

    pid: int
    argv: bytes
    environ: bytes

    @property
    def names(self) -> set[str]:
        """Of the program, and of the script it interprets: Debian's psql is one of perl's."""
        return {Path(os.fsdecode(word)).name for word in self.argv.split(b"\0")[:2]}

    def without(self, *variables: str) -> bytes:
        """The environment without some variables: those that hold a secret by design."""
        kept = [
            each
            for each in self.environ.split(b"\0")
            if each.partition(b"=")[0].decode(errors="replace") not in variables
        ]
        return b"\0".join(kept)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(each) for each in (task / "children").read_text().split()]
    return found


def _below(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _below(child)


class Onlooker:
    """Looks at the processes below this one fifty times a second, until the block ends.

    Args:
        but: processes that are no part of what is looked at, with all below them.
    """

    def __init__(self, *but: int) -> None:
        self._but = set(but)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen: set[Seen] = set()

    def __enter__(self) -> Onlooker:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        self._thread.join()

    def names(self) -> set[str]:
        """The programs that were seen."""
        return {name for each in self.seen for name in each.names}

    def _look(self) -> None:
        while not self._ended.is_set():
            not_ours = {below for pid in self._but for below in _below(pid)} | self._but
            for pid in set(_below(os.getpid())) - not_ours:
                # One that ends while it is looked at is no miss: its argv was there before.
                with contextlib.suppress(OSError):
                    process = Path(f"/proc/{pid}")
                    argv, environ = ((process / n).read_bytes() for n in ("cmdline", "environ"))
                    if argv:  # else it is being started just now: the next look sees it
                        self.seen.add(Seen(pid, argv, environ))
            time.sleep(0.02)
