"""Sections of an answer as rows of a list: headings, entries, blank lines between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from rolebrowser.grants.picture import Entry, Mark, Section
from rolebrowser.safetext import clean
from rolebrowser.tui.line import Line, line, span

_STYLES = {
    Mark.NONE: "",
    Mark.YES: "good",
    Mark.NO: "bad",
    Mark.PARTLY: "dim",
    Mark.LATENT: "accent",
    Mark.CAME: "good",
    Mark.WENT: "bad",
    Mark.IN_SIGHT: "dim",
    Mark.DO: "accent",
}


_FURTHEST = 48
"""Notes begin no further right than this, in cells."""


class SectionRow(NamedTuple):
    """One row.

    Attributes:
        section: the heading that it is, or stands under; "" for a blank line.
        entry: None for a heading.
        note: of a heading.
        column: where the notes of its section begin, in cells.
    """

    section: str
    entry: Entry | None = None
    note: str = ""
    column: int = 0


def rows(sections: Iterable[Section]) -> list[SectionRow]:
    """All rows in order."""
    found: list[SectionRow] = []
    for section in sections:
        if found:
            found.append(SectionRow(""))
        found.append(SectionRow(section.title, None, section.note))
        column = notes_column(section.entries)
        found += [SectionRow(section.title, entry, "", column) for entry in section.entries]
    return found


def notes_column(entries: Iterable[Entry]) -> int:
    """Where notes begin so that they stand under each other; long texts push theirs aside."""
    widths = (cell_len(clean(e.text)) + 2 * e.depth for e in entries if e.note)
    return min(max(widths, default=0), _FURTHEST)


def selectable(row: SectionRow) -> bool:
    """Whether the cursor may stand on it."""
    return row.entry is not None


def identity(row: SectionRow) -> object:
    """What makes it the same row after a refresh."""
    return row.section, row.entry and (row.entry.text, row.entry.depth)


def draw(row: SectionRow, now: datetime) -> Line:
    """A row's line."""
    if row.entry is None:
        return line(span(row.section, "strong"), span(f"  {row.note}" if row.note else "", "dim"))
    return draw_entry(row.entry, row.column)


def draw_entry(entry: Entry, column: int = 0) -> Line:
    """An entry's line, wherever it stands.

    Args:
        column: where its note begins.
    """
    indent = "  " * entry.depth
    text = clean(entry.text)
    parts = [span(f"{indent}{entry.mark.value or ' '} ", _STYLES[entry.mark])]
    parts.append(span(text, "dim" if _is_detail(entry) else ""))
    if entry.note:
        gap = max(0, column - cell_len(text) - 2 * entry.depth) + 2
        parts.append(span(" " * gap + entry.note, "dim"))
    return line(*parts)


def _is_detail(entry: Entry) -> bool:
    statement = bool(entry.statements) and entry.depth == 1
    return bool(entry.depth) and not entry.mark and not statement


def text(entry: Entry) -> str:
    """What copying an entry gives."""
    if entry.statements:
        return "\n".join(entry.statements)
    return f"{entry.text}  {entry.note}".rstrip()


def filtered(found: Sequence[SectionRow], pattern: str) -> list[SectionRow]:
    """Entries that match, or whose details or heading do, with their headings."""
    folded = pattern.casefold().strip()
    if not folded:
        return list(found)
    kept: list[SectionRow] = []
    for block in _blocks(found):
        head, *entries = block
        groups = _groups(entries)
        if not _has(folded, head.section):
            groups = [group for group in groups if any(_matches(folded, row) for row in group)]
        if groups:
            if kept:
                kept.append(SectionRow(""))
            kept += [head, *(row for group in groups for row in group)]
    return kept


def _matches(folded: str, row: SectionRow) -> bool:
    return row.entry is not None and _has(folded, f"{row.entry.text} {row.entry.note}")


def _has(folded: str, text: str) -> bool:
    """Whether every word is in it. Not fuzzy: in whole sentences scattered letters always are."""
    text = text.casefold()
    return all(word in text for word in folded.split())


def _blocks(found: Sequence[SectionRow]) -> list[list[SectionRow]]:
    """Each heading with its entries."""
    blocks: list[list[SectionRow]] = []
    for row in found:
        if row.entry is not None:
            blocks[-1].append(row)
        elif row.section:
            blocks.append([row])
    return blocks


def _groups(entries: Sequence[SectionRow]) -> list[list[SectionRow]]:
    """Each entry with what is indented under it."""
    groups: list[list[SectionRow]] = []
    for row in entries:
        if row.entry is not None and row.entry.depth and groups:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups
