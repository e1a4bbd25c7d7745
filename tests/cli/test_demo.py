"""`rolebrowser demo --serve`: the sandbox for scripts."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rolebrowser = Callable[..., Any]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_prints_exports_then_ready_and_leaves_nothing_behind(
    number: signal.Signals,
    clean_env: Path,
    program: Rolebrowser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = [sys.executable, "-m", "rolebrowser", "demo", "--serve"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as serving:
        assert serving.stdout is not None
        exports: dict[str, str] = {}
        for line in serving.stdout:
            if line == "READY\n":
                break
            assert line.startswith("export ")
            (assignment,) = shlex.split(line.removeprefix("export "))
            name, _, value = assignment.partition("=")
            exports[name] = value
        for name, value in exports.items():
            monkeypatch.setenv(name, value)
        done = program("sql", "1", "--csv", "-c", "SELECT current_user")
        caches = clean_env / ".aws" / "cli" / "cache"
        assert list(caches.iterdir())
        stranger = caches / "stranger.json"
        stranger.write_text('{"Credentials": {"AccessKeyId": "ASIAELSEWHERE"}}')
        directory = exports["SANDBOX_DIRECTORY"]
        assert Path(directory).is_dir()
        serving.send_signal(number)
        assert serving.wait(60) == 0
        assert serving.stderr is not None
        assert serving.stderr.read() == ""
    assert (done.code, done.out) == (0, "current_user\napp_oncall\n")
    assert not Path(directory).exists()
    # Sessions of a sandbox that is gone are nobody's; others stay.
    assert list(caches.iterdir()) == [stranger]
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    socket_directory = exports["SANDBOX_PG_DSN"].partition("@")[2].partition(":")[0]
    assert os.path.basename(socket_directory.replace("%2F", "/")) not in left
