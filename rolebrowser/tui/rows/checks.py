"""The connect pipeline's steps as lines of a checklist. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from rolebrowser.check import Check, Status, Step
from rolebrowser.tui.line import Line, line, span

LABELS: Mapping[Step, str] = {
    Step.CREDENTIALS: "AWS session",
    Step.DATABASE: "database",
    Step.TOKEN: "IAM token",
    Step.TRUST: "CA bundle",
    Step.ROUTE: "network",
    Step.LOGIN: "login",
}

MARKS: Mapping[Status, tuple[str, str]] = {
    Status.STARTED: ("…", "accent"),
    Status.PASS: ("✓", "good"),
    Status.FAIL: ("✗", "bad"),
    Status.UNKNOWN: ("?", "warn"),
    Status.SKIP: ("–", "dim"),
}


_INDENT = "    "


def seconds(value: float) -> str:
    """A step's time: "12 ms", "1.4 s"; empty for none."""
    if value <= 0:
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def latest(checks: Sequence[Check]) -> dict[Step, Check]:
    """The last word on each step."""
    return {check.step: check for check in checks}


def draw(checks: Sequence[Check]) -> list[Line]:
    """A line per step, those not reached yet dim."""
    known = latest(checks)
    lines: list[Line] = []
    for step, label in LABELS.items():
        check = known.get(step)
        if check is None:
            lines.append(line(span(f"  {label}", "dim")))
            continue
        mark, style = MARKS[check.status]
        lines.append(
            line(
                span(f"{mark} ", style),
                span(f"{label:<12}", "strong"),
                span(check.evidence, "dim"),
                right=(span(seconds(check.seconds), "dim"),),
            )
        )
    return lines


def plain(checks: Sequence[Check]) -> list[str]:
    """A line per step that has begun, as text; what is long comes last, for a pane breaks it."""
    return [
        f"{MARKS[check.status][0]} {LABELS[step]:<12}{seconds(check.seconds):>7}  {check.evidence}"
        for step, check in latest(checks).items()
    ]


def told(checks: Sequence[Check], width: int) -> str:
    """Each step with what was seen at it below, no line wider than `width` cells."""
    lines: list[str] = []
    for step, check in latest(checks).items():
        lines.append(f"{MARKS[check.status][0]} {LABELS[step]}  {seconds(check.seconds)}".rstrip())
        lines += wrap(
            check.evidence,
            width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def report(checks: Sequence[Check], error: str) -> str:
    """The checklist as plain text for the clipboard; evidence never holds secrets."""
    return "\n".join([*plain(checks), "", error]).strip() + "\n"
