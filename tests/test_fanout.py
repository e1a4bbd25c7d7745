"""fanout.py: many calls, few threads."""

from __future__ import annotations

import threading

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled
from rolebrowser.fanout import fan_out


def test_every_jobs_outcome_is_given_once() -> None:
    jobs = {number: (lambda number=number: number * number) for number in range(50)}
    assert dict(fan_out(jobs, workers=4)) == {number: number * number for number in range(50)}


def test_what_a_job_raises_is_its_outcome() -> None:
    jobs = {"good": lambda: 1.0, "bad": lambda: 1 / 0}
    outcomes = dict(fan_out(jobs, workers=2))
    assert outcomes["good"] == 1.0
    assert isinstance(outcomes["bad"], ZeroDivisionError)


def test_no_more_than_the_workers_run_at_once() -> None:
    lock, running, most = threading.Lock(), [0], [0]
    meeting = threading.Barrier(3)

    def job() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        meeting.wait(10)
        with lock:
            running[0] -= 1

    list(fan_out(dict.fromkeys(range(9), job), workers=3))
    assert most == [3]


def test_cancelling_leaves_what_runs_and_never_starts_what_waits() -> None:
    cancel, stuck, started = Cancel(), threading.Event(), []

    def job() -> None:
        started.append(1)
        stuck.wait(30)

    timer = threading.Timer(0.1, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        list(fan_out(dict.fromkeys(range(10), job), workers=2, cancel=cancel))
    stuck.set()
    timer.join()
    assert len(started) == 2


def test_no_jobs_are_no_outcomes() -> None:
    assert list(fan_out({}, workers=3)) == []
