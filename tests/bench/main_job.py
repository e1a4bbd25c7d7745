"""`python tests/bench/main_job.py`: what a person waits for, beside the obvious alternative.

Each pair is measured alternately in one run; medians and ratios count, the machine is noisy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rolebrowser.sandbox.process import SandboxProcess

sys.path.insert(0, str(Path(__file__).parent))
from side_by_side import compare, timed  # type: ignore[import-not-found]
from watched import BIN, Watched  # type: ignore[import-not-found]

EMPTY_APP = (
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Empty(App):\n    def compose(self):\n        yield Static('PROFILES')\nEmpty().run()\n"
)
BARE = """
import sys, time, os
import boto3, psycopg
from rolebrowser.identity import credentials, profile_files, prompts
from rolebrowser.database import rds, token
from rolebrowser.config import load
from datetime import datetime, UTC
config = load()
def go():
    s = credentials.resolve("production-readonly", "", profiles=profile_files.load(os.environ),
                            aws_dir=config.aws_dir, prompts=prompts.NobodyToAsk())
    d = rds.find(s, s.region, "orders-production")
    e = d.endpoint()
    t = token.presign(s, e.host, e.port, "app_oncall", d.region, datetime.now(UTC))
    with psycopg.connect(host=e.host, hostaddr="127.0.0.1", port=e.port, user="app_oncall",
                         dbname="orders", password=t.value.reveal(), sslmode="verify-full",
                         sslrootcert=config.ca_bundle) as c:
        c.execute("SELECT rolname, rolvaliduntil::text FROM pg_roles").fetchall()
        c.execute("SELECT * FROM information_schema.role_table_grants").fetchall()
go()
started = time.perf_counter()
go()
print(time.perf_counter() - started)
"""


def paint(command: list[str], environ: dict[str, str], text: bytes) -> float:
    """Seconds from starting a program to `text` on the screen."""
    watched = Watched(command, environ)
    try:
        return watched.until(text)
    finally:
        watched.end()


def config_with(directory: Path, count: int) -> str:
    """An AWS config of many role profiles."""
    path = directory / f"config-{count}"
    path.write_text(
        "[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n"
        + "".join(
            f"[profile p{n}]\nrole_arn = arn:aws:iam::{n:012d}:role/R\nsource_profile = base\n"
            for n in range(count - 1)
        )
    )
    return str(path)


def main() -> None:
    """All measurements."""
    home = Path(tempfile.mkdtemp(prefix="rolebrowser-bench-"))
    plain = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color"}
    if os.environ.get("PYTHONPATH"):
        plain["PYTHONPATH"] = os.environ["PYTHONPATH"]
    print(f"{'median ms':<46} {'ours':>8} {'theirs':>8} {'ratio':>7} {'aim':>6}")
    empty = [sys.executable, "-c", EMPTY_APP]
    for count in (50, 5000):
        environ = {**plain, "AWS_CONFIG_FILE": config_with(home, count)}
        compare(
            f"profiles on screen ({count}) / empty Textual app",
            lambda environ=environ: paint([str(BIN / "rolebrowser")], environ, b"PROFILES"),
            lambda: paint(empty, plain, b"PROFILES"),
            1.5,
        )
    sandbox = SandboxProcess()
    try:
        with_sandbox = {**plain, **sandbox.wait_ready()}
        against_the_cli(with_sandbox)
        warm_key(with_sandbox)
    finally:
        sandbox.stop()


def against_the_cli(environ: dict[str, str]) -> None:
    r"""`rolebrowser sql T -c '\du'` cold, against aws + aws + psql."""
    shown = subprocess.run(
        [str(BIN / "rolebrowser"), "shell", "1", "--print"],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    libpq = dict(line.removeprefix("export ").split("=", 1) for line in shown.splitlines())
    libpq = {name: value.strip("'") for name, value in libpq.items()}

    def stock() -> float:
        role = "arn:aws:iam::333333333333:role/OnCallReadOnly"
        aws = str(BIN / "aws")
        return (
            timed([aws, "sts", "assume-role", "--role-arn", role, "--role-session-name", "bench",
                   "--profile", "engineer"], environ)
            + timed([aws, "rds", "generate-db-auth-token", "--hostname", libpq["PGHOST"], "--port",
                     libpq["PGPORT"], "--username", "app_oncall", "--profile",
                     "production-readonly"], environ)
            + timed(["psql", "-X", "-c", r"\du"], {**environ, **libpq})
        )  # fmt: skip

    def cold() -> float:
        cache = Path(environ["HOME"]) / ".aws" / "cli" / "cache"
        for file in cache.glob("*.json"):
            file.unlink()
        return timed([str(BIN / "rolebrowser"), "sql", "1", "-c", r"\du"], environ)

    compare(r"sql T -c '\du' cold / aws + aws + psql", cold, stock, 0.5, rounds=5)


def warm_key(environ: dict[str, str]) -> None:
    r"""A digit to `\du` on screen, against a bare script with the same calls, both warm."""
    watched = Watched([str(BIN / "rolebrowser")], environ)

    def ours() -> float:
        time.sleep(1)  # nobody presses it in the very moment in which the browser appears
        watched.press(b"1")
        taken = watched.until(b"Role name")
        watched.press(b"\x1b[21~")
        watched.until(b"BOOKMARKS")
        return taken

    def bare() -> float:
        done = subprocess.run(
            [sys.executable, "-c", BARE], env=environ, check=True, capture_output=True, text=True
        )
        return float(done.stdout)

    try:
        watched.until(b"BOOKMARKS")
        ours()
        compare(r"digit to \du on screen, warm / bare script", ours, bare, 1.5)
    finally:
        watched.end()


if __name__ == "__main__":
    main()
