"""README's examples that need no database, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from rolebrowser.sandbox.process import SandboxProcess

README = Path(__file__).parents[2] / "README.md"


def example() -> str:
    """The indented block behind "Without AWS"."""
    text = README.read_text(encoding="utf-8").partition("\nWithout AWS, from documents")[2]
    block = re.search(r"\n\n((?:    .*\n)+)", text)
    assert block is not None
    return textwrap.dedent(block[1])


def test_the_offline_examples_run_as_written(sandbox_env: SandboxProcess, tmp_path: Path) -> None:
    script = example()
    assert script.count("rolebrowser ") == 4
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "dump.json").stat().st_size > 1000
    table, rest = done.stdout.split("[\n", 1)
    assert "role/team/Contractor" in table
    decoder = json.JSONDecoder()
    who, end = decoder.raw_decode("[" + rest)
    assert {row["verdict"] for row in who} == {"allow"}
    answer = json.loads(("[" + rest)[end:])
    assert (answer["verdict"], answer["explicit"]) == ("allow", False)
