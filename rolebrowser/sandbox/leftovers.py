"""What stock clients and ours keep in ~/.aws of a sandbox's sessions: of no use once it is gone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

CACHES = ("cli/cache", "sso/cache")


def sweep(aws_dir: Path, is_ours: Callable[[dict[str, Any]], bool]) -> None:
    """Remove the cache entries that `is_ours` knows; whatever can't be read or removed stays."""
    for place in CACHES:
        for entry in (aws_dir / place).glob("*.json"):
            with contextlib.suppress(OSError, ValueError):
                body = json.loads(entry.read_bytes())
                if isinstance(body, dict) and is_ours(body):
                    entry.unlink()
