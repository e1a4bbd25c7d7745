"""What the terminal's bytes mean, where Alt is Escape."""

from __future__ import annotations

import pytest
from textual import events

from rolebrowser.tui.alt_keys import AltParser


def read(*chunks: str) -> list[str]:
    parser = AltParser()
    found = [event for chunk in chunks for event in parser.feed(chunk)]
    return [event.text if isinstance(event, events.Paste) else event.key for event in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("chunks", "keys"),
    [
        (("\x1bq\x1bq\x1bq",), ["alt+q"] * 3),
        (("\x1bq", "\x1bq"), ["alt+q"] * 2),
        (("\x1bqab",), ["alt+q", "a", "b"]),
        (("\x1b[A\x1bOB\x1b[15~",), ["up", "down", "f5"]),
        (("\x1bb",), ["ctrl+left"]),
        (("\x1b[200~ab", "c\x1b[201~", "\x1bq"), ["abc", "alt+q"]),
    ],
)
def test_keys(chunks: tuple[str, ...], keys: list[str]) -> None:
    assert read(*chunks) == keys
