"""Leaving when the terminal reads nothing: who is woken. More: `tests/terminal/test_endings.py`."""

from __future__ import annotations

import signal
import sys
import threading

import pytest
from textual.drivers._writer_thread import WriterThread

from rolebrowser.tui import leaving


def test_who_draws_is_woken_and_no_thread_that_may_end_meanwhile(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(signal, "pthread_kill", lambda thread, number: woken.append(thread))
    over = threading.Event()
    job = threading.Thread(target=over.wait)
    writer = WriterThread(sys.stdout)
    job.start()
    writer.start()
    insisting = threading.Thread(target=leaving._wake)
    insisting.start()
    insisting.join()
    over.set()
    writer.stop()
    job.join()
    assert len(woken) == 2
    assert set(woken) == {threading.main_thread().ident, writer.ident}
