"""What the fuzz tests are fed with: bytes and JSON as an enemy, or a torn disk, would have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

DATES = (
    *("2026-11-24T20:00:00Z", "2026-11-24T20:00:00UTC", "2026-11-24T20:00:00+00:00", "2026-11-24"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01", "2026-02-30", ""),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from((*DATES, "1e999", "\ud800", "\x1b]0;x\x07", "Infinity", 10**400, -1)),
)


def documents(keys: Sequence[str], leaves: st.SearchStrategy[Any] = LEAVES) -> Any:
    """JSON values whose objects have these keys, mostly."""
    names = st.one_of(st.sampled_from(keys), st.text(max_size=4))
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=8),
        max_leaves=20,
    )


def torn(keys: Sequence[str], *more: Any) -> st.SearchStrategy[bytes]:
    """Files: JSON with these keys, cut short, far too deep, or no JSON at all."""
    whole = st.one_of(documents(keys), *more).map(json.dumps).map(str.encode)
    cut = st.tuples(whole, st.integers(0, 40)).map(lambda pair: pair[0][: -pair[1] or None])
    deep = st.sampled_from(
        [b"[" * 5_000, b'{"a":' * 5_000, b"1" * 5_000, b"NaN", b"\xef\xbb\xbf{}"]
    )
    return st.one_of(whole, cut, deep, st.binary(max_size=60))
