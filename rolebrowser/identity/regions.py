"""Regions: what botocore knows of them, and what may be one that is newer than botocore."""

from __future__ import annotations

import re
from functools import lru_cache

from rolebrowser.errors import UnknownName, nearest

_SHAPE = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}")
"""Of every region there ever was: us-east-1, us-gov-west-1, us-isob-east-1, eusc-de-east-1."""


@lru_cache(maxsize=1)
def known() -> tuple[str, ...]:
    """Every region that botocore knows, of all partitions."""
    from botocore.session import Session

    session = Session()
    partitions = session.get_available_partitions()
    return tuple(sorted({r for p in partitions for r in session.get_available_regions("ec2", p)}))


def check(name: str) -> None:
    """Raises UnknownName for what can't be a region, asking nobody; the nearest are offered.

    What looks like one goes through: AWS has regions sooner than botocore knows them.
    """
    if name and _SHAPE.fullmatch(name) is None and name not in known():
        fix = "Regions are named like eu-west-1."
        raise UnknownName("AWS region", name, known(), fix=fix)


def advice(name: str) -> str:
    """What to do where nobody answers for a region; empty for one that botocore knows."""
    if not name or name in known():
        return ""
    near = " or ".join(nearest(name, known()))
    meant = f" Did you mean {near}?" if near else ""
    return f"{name} is no region that botocore knows of; a new one needs a newer botocore.{meant}"
