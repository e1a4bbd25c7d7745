"""`python -m rolebrowser` and the `rolebrowser` command."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # Loading modules makes many objects and no garbage; looking for it is a tenth of a command.
    gc.set_threshold(100_000, 20, 20)

    from rolebrowser.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
