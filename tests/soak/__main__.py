"""`python tests/soak [ROUNDS]`: many connections, and a long day at the UI, watched for what grows.

1,000 rounds and eight hours at the UI unless said; the suite takes 20 and six steps. Prints a
line of numbers every twentieth of the way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Run the soak; pytest's exit code."""
    environ = os.environ | {"ROLEBROWSER_SOAK": arguments[0] if arguments else "1000"}
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", str(HERE)]
    return subprocess.run(command, cwd=HERE.parent.parent, env=environ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
