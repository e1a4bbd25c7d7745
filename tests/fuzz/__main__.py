"""`python tests/fuzz [EXAMPLES] [pytest's arguments]`: every property of the suite, tried longer.

EXAMPLES for each property, 20,000 unless said; the suite itself takes hypothesis's 100. What it
finds becomes an `@example` of its test, so that it stays found. `wire.py` beside this file lets
atheris loose on the byte parsers, guided by what they reach.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Run pytest with so many examples; its exit code."""
    examples = arguments.pop(0) if arguments and arguments[0].isdigit() else "20000"
    paths = arguments or [str(HERE)]
    environ = os.environ | {"ROLEBROWSER_FUZZ": examples}
    command = [sys.executable, "-m", "pytest", "-q", *paths]
    return subprocess.run(command, cwd=HERE.parent.parent, env=environ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
