"""ProgressDialog: long work on rows: how far it is, how fast, and a way to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, ProgressBar

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.withdrawn import Withdrawable
from rolebrowser.tui.literal import literal

Report = Callable[[int, int], None]
"""Takes rows and bytes done so far; from any thread."""


def progress_text(rows: int, size: int, seconds: float) -> str:
    """How far it is: "1,234,000 rows · 56.7 MB · 210,000 rows/s". Pure.

    Args:
        size: in bytes; 0 when there is nothing to say of it.
        seconds: since the start.
    """
    parts = [f"{rows:,} rows"]
    if size:
        parts.append(size_text(size))
    if seconds > 0.5:
        parts.append(f"{rows / seconds:,.0f} rows/s")
    return " · ".join(parts)


def size_text(size: int) -> str:
    """Bytes as people read them, in powers of ten. Pure."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"


class ProgressDialog(Withdrawable[RolebrowserError | None]):
    """Does a job in a thread; gives None when it is done, else the error: Cancelled when stopped.

    Args:
        title: what is done; may be foreign text.
        job: gets a `Report` and a `Cancel`.
        total: rows there are, where that is known.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop", "Stop")]
    DEFAULT_CSS = """
    ProgressDialog ProgressBar { width: 1fr; }
    ProgressDialog Bar { width: 1fr; }
    """

    def __init__(
        self, title: str, job: Callable[[Report, Cancel], object], *, total: int | None = None
    ) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._job = job
        self._bar = ProgressBar(total=total, show_eta=False, show_percentage=total is not None)
        self._label = Label("Starting …")
        self._done = self._written = 0
        self._since = time.monotonic()

    @property
    def under_way(self) -> tuple[str, str]:
        """What leaving now would end, and how."""
        return self._title, "It will be stopped, and a file that was begun is dropped."

    def compose(self) -> ComposeResult:
        """A bar, numbers, keys."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            yield self._bar
            yield self._label
            yield Label("Esc stops it", classes="dialog-keys")

    def on_mount(self) -> None:
        """Begin."""
        self._since = time.monotonic()
        self.set_interval(0.1, self._tick)
        self._do()

    def _report(self, rows: int, size: int) -> None:
        self._done, self._written = rows, size

    def _tick(self) -> None:
        seconds = time.monotonic() - self._since
        self._label.update(progress_text(self._done, self._written, seconds))
        self._bar.update(progress=self._done)

    @work(exclusive=True, group="job", exit_on_error=False, description="progress")
    async def _do(self) -> None:
        try:
            await in_thread(lambda cancel: self._job(self._report, cancel), name="progress")
        except RolebrowserError as error:
            self.withdraw(error)
        else:
            self.withdraw(None)

    def action_stop(self) -> None:
        """Stop it; the thread ends by itself at its next page."""
        self.workers.cancel_group(self, "job")
        self.dismiss(Cancelled())
