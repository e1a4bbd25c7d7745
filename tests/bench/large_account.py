"""`python tests/bench/large_account.py`: 5,000 roles and 2,000 databases in a terminal.

One account of the sandbox's AWS holds them: more than 6 MB of GetAccountAuthorizationDetails, page
by page. How long from a key to the first byte written after it: while
AWS is asked and the answer is read and weighed, then among the rows, on `w`, and among databases.
"""

from __future__ import annotations

import json
import os
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import rights_speed  # type: ignore[import-not-found]
from grants_speed import row  # type: ignore[import-not-found]
from grants_tab import answer, settle  # type: ignore[import-not-found]
from watched import BIN, Watched  # type: ignore[import-not-found]

from rolebrowser.sandbox import moto_world
from rolebrowser.sandbox.server import Sandbox
from rolebrowser.sandbox.world import HOME_REGION, IDENTITY, STAGING

ROLES, DATABASES = 5_000, 2_000
AIM = 0.05
UP, DOWN, PAGE_DOWN, HOME, END = b"\x1b[A", b"\x1b[B", b"\x1b[6~", b"\x1b[H", b"\x1b[F"
TAB, BACK_TAB = b"\t", b"\x1b[Z"
KEYS = {
    "down, 60 times": [DOWN] * 60,
    "page down, 40 times": [PAGE_DOWN] * 40,
    "last row, first row, 10 times": [END, HOME] * 10,
    "a filter of five letters": [b"/", *(bytes([each]) for each in b"-0042")],
}
_PAUSE = 0.05
"""Seconds between keys while something is loading."""


def populate() -> None:
    """Roles and databases beyond those of the sandbox's world, put where moto keeps them."""
    own = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [f"service{n}:Action{a}" for a in range(4)],
                "Resource": f"arn:aws:service{n}:*:{STAGING}:thing/*",
            }
            for n in range(1)
        ],
    }
    principals: tuple[dict[str, Any], ...] = (
        {"Service": "lambda.amazonaws.com"},
        {"AWS": f"arn:aws:iam::{IDENTITY}:root"},
        {"AWS": f"arn:aws:iam::{STAGING}:root"},
        {"AWS": f"arn:aws:iam::{STAGING}:role/Developer"},
    )
    iam = moto_world.iam(STAGING)
    for number in range(ROLES):
        trust = rights_speed.document(
            {
                "Effect": "Allow",
                "Principal": principals[number % 4],
                "Action": "sts:AssumeRole",
                **({"Condition": {"StringEquals": {"sts:ExternalId": "a"}}} if number % 3 else {}),
            }
        )
        made = iam.create_role(f"app-{number:05d}", json.dumps(trust), "/", None, "", [], "3600")
        made.put_policy("own", json.dumps(own))
    from moto.rds.models import rds_backends

    os.environ["MOTO_RDS_SNAPSHOT_LIMIT"] = str(2 * DATABASES)
    rds = rds_backends[STAGING][HOME_REGION]
    for number in range(DATABASES):
        rds.create_db_instance(
            {
                "db_instance_identifier": f"db-{number:04d}",
                "db_instance_class": "db.r6g.large",
                "allocated_storage": 20,
                "master_username": "dbadmin",
                "master_user_password": "never-used-here",
                "engine": "postgres",
                "engine_version": "16.3",
                "port": 5432,
            }
        )


def main() -> None:
    """Build the account, open the browser on it, press keys."""
    sandbox = Sandbox()
    try:
        sandbox.start()
        populate()
        environ = {**os.environ, **sandbox.exports, "TERM": "xterm-256color"}
        environ["HOME"] = tempfile.mkdtemp(prefix="rolebrowser-bench-")
        print(f"{'ms':<66} {'ours':>9} {'aim':>8}")
        watched = open_at(environ)
        try:
            of_roles(watched)
            of_databases(watched)
        finally:
            watched.end()
        watched = open_at(environ)
        try:
            of_kept_roles(watched)
        finally:
            watched.end()
    finally:
        sandbox.stop()


def open_at(environ: dict[str, str]) -> Watched:
    """The browser with the cursor on the account's profile."""
    watched = Watched([str(BIN / "rolebrowser")], environ)
    watched.until(b"PROFILES")
    settle(watched)
    go_to_profile(watched)
    return watched


def go_to_profile(watched: Watched) -> None:
    """The cursor on the account's profile, by the filter."""
    for key in (b"/", *(bytes([each]) for each in b"staging ")):
        answer(watched, key)
    watched.press(b"\x1b")
    settle(watched, 0.5)


def of_roles(watched: Watched) -> None:
    """Roles that AWS is asked for: meanwhile, among them, and why."""
    while_loading(watched, b"a", b"roles:", "roles: asked, read and weighed")
    settle(watched)
    go_to_profile(watched)
    among(watched, "roles")
    why(watched)


def of_kept_roles(watched: Watched) -> None:
    """Roles kept on disk: shown at once, and asked for when somebody wants to know why."""
    watched.press(b"a")
    row("kept roles on screen", watched.until(b"app-0"))
    settle(watched, 0.5)
    for _ in range(3):
        answer(watched, DOWN)
    while_loading(watched, b"w", b"Why:", "w on a kept role: asked, read and weighed")


def of_databases(watched: Watched) -> None:
    """The databases of the account."""
    watched.press(b"\x1b")
    settle(watched, 0.5)
    go_to_profile(watched)
    while_loading(watched, b"\r", b"db-0000", "databases: asked and read", TAB, BACK_TAB)
    settle(watched)
    among(watched, "databases")


def while_loading(
    watched: Watched, key: bytes, done: bytes, title: str, there: bytes = DOWN, back: bytes = UP
) -> None:
    """Keys, there and back, while something that takes long is under way."""
    started = time.perf_counter()
    taken = [first_byte(watched, key)]
    seen = b""
    step = 0
    while done not in seen:
        seen = seen[-200:] + take_in(watched, _PAUSE)
        if done in seen:
            break
        taken.append(first_byte(watched, (there, back)[step % 2]))
        seen += watched.seen
        step += 1
    if step % 2:
        first_byte(watched, back)
        if time.perf_counter() - started > 120:
            raise TimeoutError(title)
    row(title, time.perf_counter() - started)
    row(f"  {len(taken)} keys meanwhile: median", statistics.median(taken))
    row(f"  {len(taken)} keys meanwhile: longest", max(taken), AIM)


def first_byte(watched: Watched, key: bytes) -> float:
    """Seconds to the first byte after a key."""
    watched.press(key)
    if not select.select([watched.fd], [], [], 5)[0]:
        raise TimeoutError(f"no answer to {key!r}")
    taken = time.perf_counter() - watched.started
    watched.seen = os.read(watched.fd, 65536)
    return taken


def take_in(watched: Watched, seconds: float) -> bytes:
    """What is written in a while."""
    watched.seen = b""
    watched.drain(seconds)
    return watched.seen


def among(watched: Watched, what: str) -> None:
    """Keys among the rows."""
    for title, keys in KEYS.items():
        taken = [answer(watched, key) for key in keys]
        row(f"{what}: {title}: median", statistics.median(taken))
        row(f"{what}: {title}: longest", max(taken), AIM)
    watched.press(b"\x1b")
    settle(watched, 0.5)


def why(watched: Watched) -> None:
    """The gates of the role under the cursor: the whole dialog."""
    taken: list[float] = []
    for _ in range(7):
        watched.press(b"w")
        taken.append(watched.until(b"Why:"))
        settle(watched)
        watched.press(b"\x1b")
        settle(watched, 0.3)
    row("w on a role, the whole dialog: median", statistics.median(taken), AIM)
    row("w on a role, the whole dialog: the first time", taken[0])


if __name__ == "__main__":
    sys.exit(main())
