"""Two sandboxes, one after the other, in the same home directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rolebrowser.sandbox.process import SandboxProcess

AWS = str(Path(sys.executable).with_name("aws"))
WHO = [AWS, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]


def who(sandbox: SandboxProcess, profile: str) -> str:
    done = subprocess.run(
        [*WHO, "--profile", profile],
        env={**os.environ, **sandbox.exports},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_stock_cli_takes_no_session_of_a_sandbox_that_is_gone(
    sandbox_env: SandboxProcess, clean_env: Path
) -> None:
    first = who(sandbox_env, "staging")
    other = SandboxProcess()
    try:
        other.wait_ready()
        second = who(other, "staging")
        caches = clean_env / ".aws" / "cli" / "cache"
        assert len(list(caches.iterdir())) == 2
    finally:
        other.stop()
    assert first != second
    assert {each.rpartition("/")[0] for each in (first, second)} == {
        "arn:aws:sts::222222222222:assumed-role/Developer"
    }
    # What the one that is gone has issued is of no use to anybody; the other's stays.
    assert len(list(caches.iterdir())) == 1
    assert who(sandbox_env, "staging") == first
