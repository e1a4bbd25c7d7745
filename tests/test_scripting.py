"""The README's example of the core in a script runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rolebrowser.sandbox.process import SandboxProcess

README = Path(__file__).parents[1] / "README.md"


def test_the_example_of_the_readme_runs_as_it_stands(
    sandbox_env: SandboxProcess, clean_env: Path
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "✓ login" in lines
    assert lines[-1] == "app_oncall 42"
    assert "app_oncall" in (clean_env / ".local/state/rolebrowser/audit.jsonl").read_text()
