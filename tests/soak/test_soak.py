"""What a long day leaves behind in the process: no thread, no descriptor, no child, no memory."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import glob
import os
import re
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
STEPS = max(6, ROUNDS * 32 // 1000)
"""Of a quarter of an hour each, as long as a token lives: 32 are eight hours."""
QUARTER, HOUR = 900, 3600
LEEWAY = 3_000_000
"""Bytes that may still be taken after the warm-up, however many rounds."""
UI_LEEWAY = 6_000_000 + 200_000 * STEPS
"""The same for the UI, whose editor holds every statement so far. A screen that was left behind
would take 2 MB each time, and 9 MB with its grants."""
STILL = 1_000_000
"""The warm-up is over when two steps in a row took no more than this, caches being full."""
TIMES = 3
"""At most, that the steps are gone through while memory grows."""
FAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
"""Debian's libfaketime: moves the UI's clock, as the sandbox moves its own."""

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
        children: list[str] = []
        for task in tasks:
            with contextlib.suppress(FileNotFoundError):  # a thread that ended meanwhile
                children += (task / "children").read_text().split()
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
    """Nothing is held that wasn't before; what is just ending gets its time.

    So does memory: the UI takes it back when nobody has pressed a key for a while.
    """
    ends = time.monotonic() + 180
    while True:
        now = Held.of(pid)
        more = [
            name
            for name in ("threads", "descriptors", "children")
            if getattr(now, name) > getattr(before, name)
        ]
        more += ["memory"] * (now.memory - before.memory >= leeway)
        if not more:
            break
        assert time.monotonic() < ends, f"more {more}: {before} → {now}"
        time.sleep(0.1)


@needs_proc
def test_connecting_querying_and_leaving_leaves_nothing(sandbox_env: SandboxProcess) -> None:
    targets = [POSTGRES] + [MARIADB] * ("SANDBOX_MYSQL_DSN" in sandbox_env.exports)
    settings = config.load()

    def once() -> None:
        for target in targets:
            opened = open_target(target, config=settings)
            try:
                outcome = opened.audited.run("SELECT 6*7 AS answer").result(120)
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


class Clocks:
    """The sandbox's and the UI's, moved together; without libfaketime only sessions end."""

    def __init__(self, sandbox: SandboxProcess, directory: Path) -> None:
        self._sandbox = sandbox
        self._file = directory / "faketime"
        self._library = next(iter(glob.glob(FAKETIME)), "")
        self._ahead = 0
        self._file.write_text("+0")

    @property
    def move(self) -> bool:
        """Whether the UI sees that time goes by."""
        return bool(self._library)

    @property
    def environ(self) -> dict[str, str]:
        """For the UI. What measures how long something takes stays true."""
        return (
            {
                "LD_PRELOAD": self._library,
                "FAKETIME_TIMESTAMP_FILE": str(self._file),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
            if self._library
            else {}
        )

    def advance(self, seconds: int) -> None:
        """Later, by so many seconds."""
        before, self._ahead = self._ahead, self._ahead + seconds
        if self._library:
            self._sandbox.control("clock", seconds=seconds)
            self._file.write_text(f"+{self._ahead}")
        elif before // HOUR != self._ahead // HOUR:
            self._sandbox.control("expire")

    def restore(self) -> None:
        """The sandbox is others' too."""
        if self._library:
            self._sandbox.control("clock", seconds=-self._ahead)


def wait_fresh(terminal: Terminal) -> None:
    """Wait for a token that lives as long as one can: 15 minutes, or until its session ends."""
    ends = time.monotonic() + 240
    while time.monotonic() < ends:
        terminal.read(0.1)
        clocks = re.search(r" aws (\S+) token (\S+)", terminal.text)
        if clocks and (clocks[2].startswith("14m") or clocks[1] == clocks[2]):
            return
    pytest.fail(f"no fresh token on:\n{terminal.text}")


@needs_proc
def test_a_long_day_at_the_ui_leaves_nothing(sandbox_env: SandboxProcess, tmp_path: Path) -> None:
    clocks = Clocks(sandbox_env, tmp_path)
    environ = dict(os.environ) | {"TERM": "xterm-256color", "TMPDIR": str(tmp_path)}
    terminal = Terminal([PROGRAM], environ | clocks.environ, 120, 40)

    def step(number: int) -> None:
        terminal.press("2")
        terminal.wait_for("Role name", "role_table_grants")
        terminal.press(f"; SELECT {number} + 70000 AS step", "f5")  # the text before is back
        terminal.wait_for(f"{number + 70000} ", "SELECT 1  ·  1 row")
        clocks.advance(QUARTER)
        if clocks.move:
            terminal.wait_gone("token 14m")
        terminal.press("f3")
        wait_fresh(terminal)
        terminal.press("f7")
        terminal.wait_for("List of role grants")
        terminal.press("f7")
        terminal.wait_for("roles ×")
        terminal.press("f1")
        terminal.wait_for("─ Keys ─")
        terminal.press("esc")
        terminal.wait_gone("─ Keys ─")
        terminal.press("f10")
        terminal.wait_for("BOOKMARKS")
        terminal.raw.clear()

    try:
        terminal.wait_for("BOOKMARKS")
        warm, still = 0, 0
        before = Held.of(terminal.pid)
        while still < 2:
            assert warm < 20, "each step takes more"
            step(warm)
            warm += 1
            last, before = before, Held.of(terminal.pid)
            still = still + 1 if before.memory - last.memory < STILL else 0
        before.say(f"after {warm} steps")
        done = warm
        # A cache may fill after the warm-up, once; what leaks does it each time.
        for _ in range(TIMES):
            before = Held.of(terminal.pid)
            for number in range(done, done + STEPS):
                step(number)
                if number % max(1, STEPS // 20) == 0:
                    Held.of(terminal.pid).say(f"after {number + 1} steps")
            done += STEPS
            if Held.of(terminal.pid).memory - before.memory < UI_LEEWAY:
                break
        assert_no_growth(before, terminal.pid, UI_LEEWAY)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    finally:
        terminal.close()
        clocks.restore()
