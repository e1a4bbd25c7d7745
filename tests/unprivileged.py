"""The program as somebody whom file modes hold back, though the tests may run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

_MODES = "-dac_override,-dac_read_search,-fowner"
"""The capabilities by which root passes over modes (capabilities(7))."""


def command(*arguments: str) -> list[str]:
    """The argv of `rolebrowser ARGUMENTS`; skips the test where root can't be held back."""
    plain = [sys.executable, "-m", "rolebrowser", *arguments]
    if os.geteuid() != 0:
        return plain
    if shutil.which("setpriv") is None:
        pytest.skip("root without setpriv (util-linux): no mode holds it back")
    return ["setpriv", f"--bounding-set={_MODES}", "--inh-caps=-all", *plain]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with nobody at a terminal."""
    return subprocess.run(
        command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
