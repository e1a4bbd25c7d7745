"""`python tests/bench/profiles_speed.py`: profiles and sessions, whole processes side by side.

The AWS CLI on PyPI is version 1: it has neither `configure list-profiles` nor
`configure export-credentials`. So the list is measured against botocore's `full_config` printed by
a bare script (which is what v2's command does) and against v1's `aws configure list` of one
profile; a cached session against the bare script that does what v2's `export-credentials` does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from idle import home_with  # type: ignore[import-not-found]
from side_by_side import compare, timed  # type: ignore[import-not-found]
from watched import BIN  # type: ignore[import-not-found]

FULL_CONFIG = """
import botocore.session
print("\\n".join(botocore.session.Session().full_config["profiles"]))
"""
EXPORT = """
import os, sys
import botocore.session
from botocore.utils import JSONFileCache
session = botocore.session.Session(profile=sys.argv[1])
resolver = session.get_component("credential_provider")
cache = JSONFileCache(os.path.expanduser("~/.aws/cli/cache"))
resolver.get_provider("assume-role").cache = cache
found = session.get_credentials().get_frozen_credentials()
print("export AWS_ACCESS_KEY_ID=" + found.access_key)
"""


def main() -> None:
    """All measurements."""
    print(f"{'median ms':<46} {'ours':>8} {'theirs':>8} {'ratio':>7} {'aim':>6}")
    ours = str(BIN / "rolebrowser")
    for count in (5000, 10_000):
        home = home_with(count)
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        listed = [ours, "profiles", "--json"]
        bare = [sys.executable, "-c", FULL_CONFIG]
        cli = [str(BIN / "aws"), "configure", "list", "--profile", "base"]
        compare(
            f"list {count} profiles / botocore full_config",
            lambda listed=listed, environ=environ: timed(listed, environ),
            lambda bare=bare, environ=environ: timed(bare, environ),
            1.0,
        )
        compare(
            f"list {count} profiles / aws configure list (one)",
            lambda listed=listed, environ=environ: timed(listed, environ),
            lambda cli=cli, environ=environ: timed(cli, environ),
            1.0,
        )
        # The cached session with an hour left: botocore passes over what ends within 15 minutes.
        name = "payments-production-00044"
        handed = [ours, "env", "-p", name]
        export = [sys.executable, "-c", EXPORT, name]
        compare(
            f"env, cached, of {count} / botocore with its cache",
            lambda handed=handed, environ=environ: timed(handed, environ),
            lambda export=export, environ=environ: timed(export, environ),
            1.0,
        )


if __name__ == "__main__":
    main()
