"""A frame: a screen as text, with what differs from run to run masked. Pure."""

from __future__ import annotations

import re

_VOLATILE = (
    re.compile(r"(?:/tmp|/var|/root|/home|/Users|/private)/[^\s│]*"),
    re.compile(r"[^\s│]*/aws-credentials\b"),  # the end of one that is broken over two lines
    re.compile(r"\b[a-z]{0,7}-[0-9a-f]{8}\b"),
    re.compile(r"\b[0-9a-f]{16,}(?:\.json)?\b"),
    re.compile(r"\b(?!READ-ONLY)[A-Z]{4}-[A-Z]{4}\b"),
    re.compile(r"\b[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d(?: \d{4})?"),
    re.compile(r"\b\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"),
    re.compile(r"\b\d\d:\d\d(?::\d\d)?Z?\b"),
    re.compile(r"(?<=127\.0\.0\.1:)\d+"),
    re.compile(r"(?<=amazonaws\.com:)\d+"),
    re.compile(r"(?<=\bport )\d{4,5}\b"),
    re.compile(r"\b(?:\d+h)?\d+m(?:\d+s)?\b|\b\d+h\b|\b\d+s\b"),
    re.compile(r"\b\d+(?:\.\d+)? (?:ms|s)\b"),
)
_STEP_ENDS = re.compile(
    r"(?:,[^│]*(?:…|amazonaws\.com[^│]*|'sandbox')| ?\S*…)?"
    r"\s*(?:\d+(?:\.\d+)? m?s)?\s*[▁-█]?[\s│]*$"
)
"""A step's time, which may be none, and what is cut for it: a word, or an endpoint or a route when
long."""
_CONTEXT = re.compile(r"^.* ▸ (\S+) +(?:idle +)?(?=[▲RWcr].* token )")
"""The crumbs, of which there are fewer while the server's "idle", which comes late, takes room."""
_PLAN = re.compile(r"((?:▾|[├└]─[▾·]) )(?:◆ )?([A-Z][A-Za-z]+(?: [A-Za-z_]+)*) {2,}.*│$")
"""A plan's step: costs, and which is the worst, follow the server's statistics, which come late."""
MASK = "~"


def masked(text: str) -> str:
    """The text with times, ports, random names and places on this machine masked.

    A mask takes the blanks around with it, so that what follows stands where it stood whether it
    was 9 ms or 10: the length of both together is that of the line.
    """
    return "\n".join(_line(each) for each in text.splitlines())


def _line(line: str) -> str:
    line, contexts = _CONTEXT.subn(r" ▸ \1 ", line)
    line = _PLAN.sub(r"\1\2 │", line)
    if "✓ " in line or "✗ " in line:
        line = _STEP_ENDS.sub(" │", line)
    before = line
    for pattern in _VOLATILE:
        line = re.sub(rf" *(?:{pattern.pattern}) *", _mask, line)
    if line != before:
        # Rules beside what changes are as long as it leaves them.
        line = re.sub("─+", "─", line)
        # So are clocks in a narrow context line: their seconds give way to what comes late.
        if contexts or "─" in line:
            line = re.sub(f" *{MASK} *", f" {MASK} ", line)
    return line.rstrip()


def _mask(found: re.Match[str]) -> str:
    return f" {MASK} ".center(len(found[0])) if len(found[0]) > 3 else f" {MASK} "
