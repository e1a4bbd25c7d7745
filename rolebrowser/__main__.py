"""`python -m rolebrowser` and the `rolebrowser` command."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the terminal UI, or a command, and exit with its code."""
    # Loading modules makes many objects and no garbage; looking for it is a tenth of a start. What
    # runs on after its start turns it on again: a command once it is loaded, the UI once it idles.
    gc.set_threshold(500_000, 20, 20)
    gc.disable()

    completing = "_ROLEBROWSER_COMPLETE" in os.environ  # click's word to a shell
    if len(sys.argv) == 1 and not completing:
        from rolebrowser.cli.ending import ending
        from rolebrowser.cli.ui import browse

        sys.exit(ending(browse))

    from rolebrowser.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
