"""Prints the doctor's confusion matrix: what was wrong, and what the doctor said.

python tests/doctor/matrix.py
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rolebrowser.sandbox.process import SandboxProcess

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.doctor.scenarios import REFUSED, SCENARIOS, examined
from tests.doctor.scenarios import named as named_of


def main() -> int:
    """0 when every cause was named."""
    sandbox = SandboxProcess()
    try:
        home = tempfile.mkdtemp(prefix="rolebrowser-matrix-")
        os.environ.update(sandbox.wait_ready(), HOME=home)
        named: Counter[tuple[str, str]] = Counter()
        for scenario in SCENARIOS:
            found = examined(scenario, sandbox, Path(home)).likely
            said = found.cause.value if found is not None and found.cause else "nothing"
            named[scenario.cause.value, said] += 1
            mark = "✓" if said == scenario.cause.value else "✗"
            print(f"{mark} {scenario.id:<32} {said}", flush=True)
        for refused in REFUSED:
            said = "named" if refused.names in named_of(refused) else "nothing"
            named["named", said] += 1
            mark = "✓" if said == "named" else "✗"
            print(f"{mark} {refused.id:<32} {said}: {refused.names}", flush=True)
    finally:
        sandbox.stop()
    right = sum(count for (made, said), count in named.items() if made == said)
    print(f"\n{right} of {named.total()} named rightly")
    for (made, said), count in sorted(named.items()):
        if made != said:
            print(f"  {made} taken for {said}: {count}")
    return 0 if right == named.total() else 1


if __name__ == "__main__":
    sys.exit(main())
