"""A recording of a terminal: as an asciinema cast (v2), as frames, as one animated SVG. Pure.

The SVG needs no script, font or file from elsewhere, so that it moves where READMEs are shown;
who asked their system for less motion sees one frame. Casts:
https://docs.asciinema.org/manual/asciicast/v2/
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import dropwhile, groupby

import pyte
from pyte.screens import Char

QUIET = 0.08
"""Seconds without output after which the screen is drawn."""
SHORT = 0.12
"""Frames that stand less long are left out."""
FONT, ADVANCE, LINE = 14, 8.43, 16.4
"""Pixels: the font's size, a cell's width and height."""
MARGIN = 10
_FAMILY = "DejaVu Sans Mono,Menlo,Consolas,monospace"
_INK, _PAPER = "e0e0e0", "12141d"
_NAMED = {
    "black": "000000",
    "red": "cc0000",
    "green": "4e9a06",
    "brown": "c4a000",
    "blue": "3465a4",
    "magenta": "75507b",
    "cyan": "06989a",
    "white": "d3d7cf",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the program wrote, so many seconds after the start."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one line that look the same.

    Attributes:
        start: the first one's column.
        cells: how many.
        ink: colour of the text, six hexadecimal digits; paper: of what is behind it.
    """

    start: int
    cells: int
    text: str
    ink: str
    paper: str
    bold: bool
    italic: bool
    underlined: bool


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on the screen, and for how many seconds."""

    seconds: float
    lines: tuple[Line, ...]


def shortened(said: Sequence[Said], longest: float) -> list[Said]:
    """The same with no pause longer than `longest` seconds."""
    at = before = 0.0
    kept = []
    for each in said:
        at += min(each.at - before, longest)
        before = each.at
        kept.append(replace(each, at=at))
    return kept


def cast(shown: Sequence[Frame], title: str) -> str:
    """An asciinema cast, version 2: of each frame the lines that differ from the one before.

    Every byte that was written would be ten times that: a screen is drawn more often than seen.
    """
    lines = shown[0].lines
    header = {
        "version": 2,
        "width": sum(run.cells for run in lines[0]),
        "height": len(lines),
        "title": title,
        "env": {"TERM": "xterm-256color"},
    }
    events: list[object] = [header]
    at, before = 0.0, tuple(() for _ in lines)
    for frame in shown:
        changes = zip(before, frame.lines, strict=True)
        written = "".join(
            f"\x1b[{row};1H{_written(line)}"
            for row, (old, line) in enumerate(changes, 1)
            if old != line
        )
        events.append([round(at, 3), "o", ("" if at else "\x1b[?25l\x1b[2J") + written])
        at, before = at + frame.seconds, frame.lines
    events.append([round(at, 3), "o", "\x1b[0m\x1b[?25h"])
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in events)


def _written(line: Line) -> str:
    return "".join(f"\x1b[{_sgr(run)}m{run.text}" for run in line)


def _sgr(run: Run) -> str:
    """Select Graphic Rendition: ECMA-48 8.3.117, colours as 24 bits."""
    ink, paper = (";".join(str(byte) for byte in bytes.fromhex(c)) for c in (run.ink, run.paper))
    marks = ((1, run.bold), (3, run.italic), (4, run.underlined))
    return ";".join(["0", *(str(n) for n, holds in marks if holds), f"38;2;{ink}", f"48;2;{paper}"])


def frames(
    said: Sequence[Said], columns: int, lines: int, *, first: str, last: float
) -> list[Frame]:
    """The screens one had time to see.

    Args:
        first: a text; the film begins with the frame in which it stands.
        last: seconds for which the last frame stands.
    """
    screen = pyte.Screen(columns, lines)
    stream = pyte.ByteStream(screen)
    drawn: list[tuple[float, tuple[Line, ...]]] = []
    ends = said[-1].at + last
    for each, following in zip(said, [*said[1:], Said(ends, b"")], strict=True):
        with contextlib.suppress(Exception):  # pyte 0.8 doesn't know all queries; they draw nothing
            stream.feed(each.data)
        if following.at - each.at >= QUIET:
            drawn.append((each.at, _lines(screen)))
    seen: list[Frame] = []
    for (at, picture), (until, _) in zip(drawn, [*drawn[1:], (ends, ())], strict=True):
        if seen and (seen[-1].lines == picture or until - at < SHORT):
            seen[-1] = replace(seen[-1], seconds=seen[-1].seconds + until - at)
        else:
            seen.append(Frame(until - at, picture))
    return list(dropwhile(lambda frame: first not in _words(frame), seen))


def _words(frame: Frame) -> str:
    return "\n".join("".join(run.text for run in line) for line in frame.lines)


def _lines(screen: pyte.Screen) -> tuple[Line, ...]:
    rows = (screen.buffer[number] for number in range(screen.lines))
    return tuple(tuple(_runs([row[x] for x in range(screen.columns)])) for row in rows)


def _runs(cells: Sequence[Char]) -> Iterator[Run]:
    start = 0
    for (ink, paper, bold, italic, underlined), same in groupby(cells, _look):
        alike = list(same)
        text = "".join(cell.data for cell in alike)
        yield Run(start, len(alike), text, ink, paper, bold, italic, underlined)
        start += len(alike)


def _look(cell: Char) -> tuple[str, str, bool, bool, bool]:
    ink, paper = _colour(cell.fg, _INK), _colour(cell.bg, _PAPER)
    if cell.reverse:
        ink, paper = paper, ink
    return ink, paper, cell.bold, cell.italics, cell.underscore


def _colour(name: str, otherwise: str) -> str:
    return otherwise if name == "default" else _NAMED.get(name.removeprefix("bright"), name)


def still(frame: Frame) -> str:
    """One frame as an SVG."""
    return _svg([frame], 0)


def animated(shown: Sequence[Frame], resting: int) -> str:
    """All frames as one SVG that repeats itself; `resting` is the number of the one to rest on."""
    return _svg(shown, resting)


def _svg(shown: Sequence[Frame], resting: int) -> str:
    """Every frame stands beside the one before, and a window as large as one moves along them."""
    every = [line for frame in shown for line in frame.lines]
    inks = Counter(run.ink for line in every for run in line)
    papers = Counter(run.paper for line in every for run in line for _ in range(run.cells))
    base = papers.most_common(1)[0][0]
    names = {ink: f"c{number}" for number, ink in enumerate(inks)}
    numbers = {line: number for number, line in enumerate(dict.fromkeys(every))}
    width = sum(run.cells for run in every[0]) * ADVANCE
    height = len(shown[0].lines) * LINE
    outer = f"{width + 2 * MARGIN:.0f}", f"{height + 2 * MARGIN:.0f}"
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{outer[0]}" height="{outer[1]}" '
            f'viewBox="0 0 {outer[0]} {outer[1]}" xml:space="preserve"><style>',
            f"text{{font:{FONT}px {_FAMILY};white-space:pre}}.b{{font-weight:bold}}",
            ".i{font-style:italic}.u{text-decoration:underline}",
            *(f".{name}{{fill:#{ink}}}" for ink, name in names.items()),
            _motion(shown, width, resting) if len(shown) > 1 else "",
            "</style><defs>",
            *(f'<g id="l{n}">{_drawn(line, names, base)}</g>' for line, n in numbers.items()),
            f'</defs><rect width="100%" height="100%" rx="8" fill="#{base}"/>',
            f'<svg x="{MARGIN}" y="{MARGIN}" width="{width:.1f}" height="{height:.1f}">'
            '<g id="film">',
            *(
                f'<g transform="translate({number * width:.1f})">{_placed(frame, numbers)}</g>'
                for number, frame in enumerate(shown)
            ),
            "</g></svg></svg>\n",
        ]
    )


def _motion(shown: Sequence[Frame], width: float, resting: int) -> str:
    whole = sum(frame.seconds for frame in shown)
    at, steps = 0.0, []
    for number, frame in enumerate(shown):
        steps.append(f"{at / whole:.3%}{{transform:translateX({-number * width:.1f}px)}}")
        at += frame.seconds
    steps.append(f"100%{{transform:translateX({-(len(shown) - 1) * width:.1f}px)}}")
    return (
        f"@keyframes film{{{''.join(steps)}}}"
        f"#film{{animation:film {whole:.2f}s steps(1,end) infinite}}"
        "@media (prefers-reduced-motion:reduce){#film{animation:none;"
        f"transform:translateX({-resting * width:.1f}px)}}}}"
    )


def _placed(frame: Frame, numbers: dict[Line, int]) -> str:
    """From the bottom up: what is behind the next line would lie over the underscores of this."""
    return "".join(
        f'<use href="#l{numbers[line]}" y="{row * LINE:.1f}"/>'
        for row, line in reversed([*enumerate(frame.lines)])
        if any(run.text.strip() or run.paper != frame.lines[-1][0].paper for run in line)
    )


def _drawn(line: Line, names: dict[str, str], base: str) -> str:
    papers = "".join(_paper(paper, list(same)) for paper, same in groupby(line, lambda r: r.paper))
    text = "".join(_text(run, names) for run in line if run.text.strip())
    behind = papers if any(run.paper != base for run in line) else ""
    return behind + (f'<text y="{FONT - 1}">{text}</text>' if text else "")


def _paper(paper: str, runs: list[Run]) -> str:
    start, cells = runs[0].start, sum(run.cells for run in runs)
    return (
        f'<rect x="{start * ADVANCE:.1f}" width="{cells * ADVANCE + 0.2:.1f}" '
        f'height="{LINE + 0.2:.1f}" fill="#{paper}"/>'
    )


def _text(run: Run, names: dict[str, str]) -> str:
    """The words of a run; blanks at its ends are left to what is behind them."""
    lead = len(run.text) - len(run.text.lstrip())
    text = run.text.strip()
    cells = run.cells - (len(run.text) - len(text))
    marks = {"b": run.bold, "i": run.italic, "u": run.underlined}
    classes = " ".join([names[run.ink], *(name for name, holds in marks.items() if holds)])
    return (
        f'<tspan class="{classes}" x="{(run.start + lead) * ADVANCE:.1f}" '
        f'textLength="{cells * ADVANCE:.1f}">'
        f"{escape(text, quote=False)}</tspan>"
    )
