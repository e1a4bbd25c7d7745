"""How well the texts on a screen stand off from what is behind them, after WCAG 2.

https://www.w3.org/TR/WCAG22/#contrast-minimum: 4.5 for text; what is inactive is exempt, and so is
what only decorates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region

from rolebrowser.tui.widgets.key_bar import KeyBar

ENOUGH = 4.5
_DECORATION = re.compile(r"[\s\u2500-\u259f·▏▎▍▌▋▊▉…]+")
_DIMMED = 0.5
"""How far terminals fade what is dim towards what is behind it."""
RGB = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Weak:
    """A text that is hard to read."""

    text: str
    ratio: float
    colours: str

    def __str__(self) -> str:
        return f"{self.text!r}: {self.ratio:.1f} ({self.colours})"


def weak(app: App[Any]) -> list[Weak]:
    """What on the screen, or in the dialog that lies over it, has less contrast than enough."""
    boxes = app.screen.query(".dialog-box")
    region = boxes.first().region if boxes else app.screen.region
    idle = [each.region.y for each in app.screen.query(KeyBar)]
    found: dict[str, Weak] = {}
    for y, strip in enumerate(app.screen._compositor.render_strips(app.size)):
        if not region.y <= y < region.bottom or y in idle:
            continue
        for segment in _within(strip, region):
            each = _measured(segment)
            if each is not None and each.ratio < ENOUGH:
                found.setdefault(each.text, each)
    return list(found.values())


def _within(strip: object, region: Region) -> Iterator[Segment]:
    yield from strip.crop(region.x, region.right)  # type: ignore[attr-defined]


def _measured(segment: Segment) -> Weak | None:
    text, style = _DECORATION.sub(" ", segment.text).strip(), segment.style
    if not text or style is None or style.color is None or style.bgcolor is None:
        return None
    front, back = _rgb(style.color), _rgb(style.bgcolor)
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = _faded(front, back)
    return Weak(text, contrast(front, back), _named(style))


def _faded(front: RGB, back: RGB) -> RGB:
    red, green, blue = (f + (b - f) * _DIMMED for f, b in zip(front, back, strict=True))
    return red, green, blue


def _named(style: Style) -> str:
    assert style.color is not None
    assert style.bgcolor is not None
    dim = "dim " if style.dim else ""
    return f"{dim}{style.color.get_truecolor().hex} on {style.bgcolor.get_truecolor().hex}"


def _rgb(color: Color) -> RGB:
    return tuple(float(part) for part in color.get_truecolor())  # type: ignore[return-value]


def contrast(one: RGB, other: RGB) -> float:
    """The ratio of two colours' luminances, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: RGB) -> float:
    parts = [part / 255 for part in color]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
