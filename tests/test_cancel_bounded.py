"""cancel.py: calls that can't be interrupted, bounded in time."""

from __future__ import annotations

import threading
import time

import pytest

from rolebrowser.cancel import Cancel, Limit, bounded
from rolebrowser.errors import Cancelled, TimedOut


def test_what_the_call_gives_is_given() -> None:
    assert bounded(lambda: 42, cancel=None, limit=5, what="Asking") == 42


def test_what_the_call_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0, cancel=None, limit=5, what="Asking")


def test_a_call_that_takes_too_long_is_given_up_with_a_sentence() -> None:
    stuck = threading.Event()
    with pytest.raises(TimedOut, match=r"Asking took longer than 0\.05 seconds") as caught:
        bounded(lambda: stuck.wait(60), cancel=None, limit=0.05, what="Asking", fix="Don't.")
    stuck.set()
    assert caught.value.fix == "Don't."


def test_a_call_can_be_cancelled_while_it_runs() -> None:
    stuck, cancel = threading.Event(), Cancel()
    timer = threading.Timer(0.05, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        bounded(lambda: stuck.wait(60), cancel=cancel, limit=60, what="Asking")
    stuck.set()
    timer.join()


def test_a_cancelled_call_is_never_started() -> None:
    cancel, started = Cancel(), threading.Event()
    cancel.cancel()
    with pytest.raises(Cancelled):
        bounded(started.set, cancel=cancel, limit=5, what="Asking")
    assert not started.is_set()


def test_a_pause_that_ends_while_the_time_left_is_asked_for_is_no_work() -> None:
    """Between two looks at one clock: the end of before the pause, and the time after it."""
    done = threading.Event()

    class Raced(Limit):
        @property
        def _ends(self) -> float:
            found = self._found
            if done.is_set():
                done.clear()
                over.set()
                pausing.join(0.5)
            return found

        @_ends.setter
        def _ends(self, value: float) -> None:
            self._found = value

    limit, over, paused = Raced(1), threading.Event(), threading.Event()

    def pause() -> None:
        with limit.paused():
            paused.set()
            over.wait(60)

    pausing = threading.Thread(target=pause)
    pausing.start()
    paused.wait(60)
    time.sleep(1.5)
    done.set()
    assert limit.left() > 0
    over.set()
    pausing.join()


def test_a_pause_within_a_pause_counts_once() -> None:
    limit = Limit(60)
    with limit.paused():
        with limit.paused():
            time.sleep(0.2)
        before = limit.left()
        time.sleep(0.2)
        assert limit.left() == before
    assert limit.left() > 59.9


def test_time_in_which_a_person_is_asked_does_not_count() -> None:
    limit, pause = Limit(1), threading.Event()

    def ask() -> str:
        with limit.paused():
            pause.wait(1.5)
        return "123456"

    assert bounded(ask, cancel=None, limit=limit, what="Asking") == "123456"
