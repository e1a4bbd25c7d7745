"""What a long day leaves behind in the process: no thread, no descriptor, no child, no memory."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from rolebrowser import config
from rolebrowser.connect import open_target
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target
from tests.terminal.conftest import PROGRAM, Terminal

ROUNDS = int(os.environ.get("ROLEBROWSER_SOAK", "20"))
STEPS = max(6, ROUNDS * 96 // 1000)
"""Of five minutes each: 96 are eight hours."""
LEEWAY = 8_000_000
"""Bytes that may still be taken after the warm-up, however many rounds."""
UI_LEEWAY = 40_000_000
"""The same for the UI, whose caches of drawn lines fill in its first dozen steps."""

needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="/proc is Linux's")

POSTGRES = Target(
    profile="staging", database="orders-staging", user="app_oncall", dbname="orders_staging"
)
MARIADB = Target(profile="staging", database="inventory", user="app_oncall", dbname="inventory")


@dataclass(frozen=True)
class Held:
    """What a process holds."""

    memory: int
    threads: int
    descriptors: int
    children: int

    @classmethod
    def of(cls, pid: int) -> Held:
        """What a process holds; of this one, after the garbage has gone."""
        if pid == os.getpid():
            gc.collect()
            ctypes.CDLL(None).malloc_trim(0)
        process = Path(f"/proc/{pid}")
        pages = int(process.joinpath("statm").read_text().split()[1])
        tasks = list(process.joinpath("task").iterdir())
        children = [each for task in tasks for each in (task / "children").read_text().split()]
        return cls(
            pages * os.sysconf("SC_PAGESIZE"),
            len(tasks),
            len(os.listdir(process / "fd")),
            len(children),
        )

    def say(self, what: str) -> None:
        print(
            f"{what}: {self.memory / 1e6:.1f} MB, {self.threads} threads, "
            f"{self.descriptors} descriptors, {self.children} children",
            flush=True,
        )


def assert_no_growth(before: Held, pid: int, leeway: int) -> None:
    """Nothing is held that wasn't before; what is just ending gets its time."""
    ends = time.monotonic() + 10
    while True:
        now = Held.of(pid)
        more = [
            name
            for name in ("threads", "descriptors", "children")
            if getattr(now, name) > getattr(before, name)
        ]
        if not more:
            break
        assert time.monotonic() < ends, f"more {more}: {before} → {now}"
        time.sleep(0.1)
    assert now.memory - before.memory < leeway, f"{before} → {now}"


@needs_proc
def test_connecting_querying_and_leaving_leaves_nothing(sandbox_env: SandboxProcess) -> None:
    targets = [POSTGRES] + [MARIADB] * ("SANDBOX_MYSQL_DSN" in sandbox_env.exports)
    settings = config.load()

    def once() -> None:
        for target in targets:
            opened = open_target(target, config=settings)
            try:
                outcome = opened.audited.run("SELECT 6*7 AS answer").result(30)
                assert outcome.page.rows[0][0] == "42", outcome
            finally:
                opened.audited.close()

    warm = max(10, ROUNDS // 10)
    for _ in range(warm):
        once()
    before = Held.of(os.getpid())
    before.say(f"after {warm} rounds")
    for number in range(1, ROUNDS + 1):
        once()
        if number % max(1, ROUNDS // 20) == 0:
            Held.of(os.getpid()).say(f"after {warm + number} rounds")
    assert_no_growth(before, os.getpid(), LEEWAY)


@needs_proc
def test_a_long_day_at_the_ui_leaves_nothing(sandbox_env: SandboxProcess, tmp_path: Path) -> None:
    environ = dict(os.environ) | {"TERM": "xterm-256color", "TMPDIR": str(tmp_path)}
    terminal = Terminal([PROGRAM], environ, 120, 40)

    def step(number: int) -> None:
        if number % 12 == 0:  # an hour is over, and so is every session
            sandbox_env.control("expire")
        terminal.press("2")
        terminal.wait_for("Role name", "role_table_grants")
        terminal.press(f"; SELECT {number} + 70000 AS step", "f5")  # the text before is back
        terminal.wait_for(f"{number + 70000} ", "1 row")
        terminal.press("f3")
        terminal.wait_for("fresh token")
        terminal.press("f10")
        terminal.wait_for("BOOKMARKS")
        terminal.raw.clear()

    try:
        terminal.wait_for("BOOKMARKS")
        warm = max(3, STEPS // 4)
        for number in range(warm):
            step(number)
        before = Held.of(terminal.pid)
        before.say(f"after {warm} steps")
        for number in range(warm, warm + STEPS):
            step(number)
            if number % max(1, STEPS // 20) == 0:
                Held.of(terminal.pid).say(f"after {number + 1} steps")
        assert_no_growth(before, terminal.pid, UI_LEEWAY)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    finally:
        terminal.close()
