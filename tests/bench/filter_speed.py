"""`python tests/bench/filter_speed.py [profiles]`: from a key in the filter to its frame on screen.

In the whole app, in a pty. The first frame after a key holds the letter (130 bytes), the next one
those rows of the list that have changed. Aim: 33 ms, two frames. The first letter right after the
start is listed by itself: what is looked through may still be worked out in the background.
"""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from idle import TYPED, home_with  # type: ignore[import-not-found]
from watched import BIN, Watched  # type: ignore[import-not-found]

ROUNDS = 7
FRAMES = 0.033
LIST = 1000
"""Bytes that only a frame with rows has. Where no row changes the key's last frame counts."""
TEXTS = (TYPED, "sr 7", "a1b")
"""What is in many names; what is in all rows, its letters far apart."""


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    environ = {"PATH": os.environ["PATH"], "HOME": str(home_with(count)), "TERM": "xterm-256color"}
    if os.environ.get("PYTHONPATH"):
        environ["PYTHONPATH"] = os.environ["PYTHONPATH"]
    watched = Watched([str(BIN / "rolebrowser")], environ)
    try:
        watched.until(b"payments-dev-00000")
        watched.press(b"/")
        watched.drain(0.2)
        watched.press(TYPED[0].encode())
        print(f"{count} profiles, first letter at once: {watched.written(LIST) * 1000:.0f} ms")
        watched.drain(2)
        taken: dict[str, list[float]] = {}
        for text in TEXTS * ROUNDS:
            watched.press(b"\x1b")
            watched.drain(1)
            watched.press(b"/")
            watched.drain(0.5)
            for place, key in enumerate(text):
                watched.press(key.encode())
                taken.setdefault(text[: place + 1], []).append(watched.written(LIST))
                watched.drain(0.1)
    finally:
        watched.end()
    medians = {typed: statistics.median(each) for typed, each in taken.items()}
    for typed, median in medians.items():
        print(f"  {typed!r:15} {median * 1000:5.1f} ms (worst {max(taken[typed]) * 1000:.0f})")
    slowest = max(medians.values())
    print(f"slowest median {slowest * 1000:.0f} ms, aim {FRAMES * 1000:.0f}")


if __name__ == "__main__":
    main()
