"""`python tests/bench [NAME ...]`: every measurement, or those named, one after the other.

Each is a program of its own in this directory and says what it measures, against what, and the aim.
Nothing else should be running; where something is, put `chrt -r 10` before it and look at ratios.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ALL = (
    "main_job",
    "profiles_speed",
    "filter_speed",
    "idle",
    "rights_speed",
    "large_account",
    "results_speed",
    "peers_speed",
    "mysql_speed",
    "typing_latency",
    "grants_speed",
    "grants_tab",
)


def main() -> int:
    """Run them; 1 when one has failed."""
    names = [Path(name).stem for name in sys.argv[1:]] or list(ALL)
    if unknown := [name for name in names if name not in ALL]:
        print(f"There is no measurement {', '.join(unknown)}: {', '.join(ALL)}", file=sys.stderr)
        return 2
    failed = []
    for name in names:
        started = time.monotonic()
        print(f"── {name} {'─' * (90 - len(name))}", flush=True)
        if subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode:
            failed.append(name)
        print(f"({time.monotonic() - started:.0f} s)\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
