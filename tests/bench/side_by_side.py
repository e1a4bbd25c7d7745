"""Two ways to the same thing, measured in turn: medians and ratios count."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable


def timed(command: list[str], environ: dict[str, str]) -> float:
    """Seconds a command takes; it must succeed."""
    started = time.perf_counter()
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return time.perf_counter() - started


def compare(
    name: str, ours: Callable[[], float], theirs: Callable[[], float], aim: float, rounds: int = 7
) -> None:
    """Print a row: medians in ms, the ratio, the aim."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    mine = statistics.median(each[0] for each in pairs)
    other = statistics.median(each[1] for each in pairs)
    row = f"{name:<46} {mine * 1000:8.0f} {other * 1000:8.0f} {mine / other:7.2f} {aim:6.1f}"
    print(row, flush=True)
