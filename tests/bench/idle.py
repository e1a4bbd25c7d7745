"""`python tests/bench/idle.py [profiles]`: what the browser costs while nobody touches it.

Prints the processor time of the whole program over 30 seconds, from /proc/PID/stat, with clocks
ticking on every row in view, and how long a keystroke in the filter takes to reach the screen.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from watched import BIN, Watched  # type: ignore[import-not-found]

SECONDS = 30
TYPED = "payprod 042"


def home_with(count: int) -> Path:
    """A home directory with many role profiles, each with a session that has minutes left."""
    home = Path(tempfile.mkdtemp(prefix="rolebrowser-bench-"))
    cache = home / ".aws" / "cli" / "cache"
    cache.mkdir(parents=True)
    teams, stages = ("payments", "orders", "billing", "search"), ("dev", "staging", "production")
    sections = ["[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n"]
    now = datetime.now(UTC)
    for number in range(count - 1):
        name = f"{teams[number % 4]}-{stages[number % 3]}-{number:05d}"
        role = f"arn:aws:iam::{number:012d}:role/OnCall"
        sections.append(f"[profile {name}]\nrole_arn = {role}\nsource_profile = base\n")
        if number < 500:
            key = hashlib.sha1(json.dumps({"RoleArn": role}).encode()).hexdigest()
            ends = now + timedelta(minutes=5 + number % 60)
            keys = {"AccessKeyId": "A", "SecretAccessKey": "x", "SessionToken": "x"}
            body = {"Credentials": {**keys, "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SUTC}"}}
            (cache / f"{key}.json").write_text(json.dumps(body))
    (home / ".aws" / "config").write_text("".join(sections))
    return home


def ticks(pid: int) -> float:
    """Processor seconds of a process so far, its finished children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    home = home_with(count)
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color"}
    if os.environ.get("PYTHONPATH"):
        environ["PYTHONPATH"] = os.environ["PYTHONPATH"]
    watched = Watched([str(BIN / "rolebrowser")], environ)
    try:
        watched.until(b"payments-dev-00000")
        watched.drain(5)
        before = ticks(watched.pid)
        started = time.perf_counter()
        watched.drain(SECONDS)
        share = (ticks(watched.pid) - before) / (time.perf_counter() - started)
        print(f"{count} profiles idle: {share:.2%} of one core")
        watched.press(b"/")
        watched.drain(1)
        for place, key in enumerate(TYPED):
            before = ticks(watched.pid)
            watched.press(key.encode())
            watched.drain(0.4)
            print(f"  {TYPED[: place + 1]!r:15} {(ticks(watched.pid) - before) * 1000:4.0f} ms cpu")
    finally:
        watched.end()


if __name__ == "__main__":
    main()
