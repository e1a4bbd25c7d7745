"""psql's layouts, byte for byte: aligned (border 1), expanded. Pure.

Source: the behaviour of psql 15 to 18, noted in shared/reference/postgres-privileges.md; tests
compare with the real psql.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rolebrowser.connection.protocol import Column, Row
from rolebrowser.connection.psql_widths import char_width
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import clean

_ESCAPED_HERE = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
"""C0, DEL and C1, which psql's layouts escape by themselves."""


def visible(text: str) -> str:
    """A text for a screen, before it is laid out: what psql would print raw is made visible.

    Bidi controls and what draws nothing, that is; a table of such texts stays straight.
    """
    return clean(text, keep=_ESCAPED_HERE)


def visible_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows for a screen."""
    return tuple(tuple(value and visible(value) for value in row) for row in rows)


def visible_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Headings for a screen."""
    return tuple(replace(column, name=visible(column.name)) for column in columns)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's lines, escaped as psql escapes, and the width of the widest."""

    lines: tuple[tuple[str, int], ...]

    @property
    def width(self) -> int:
        """Terminal columns."""
        return max(width for _, width in self.lines)


def cell(text: str) -> Cell:
    """Lines and widths of a value: `\\r`, `\\x01`, `\\u0085` escapes; tabs to multiples of 8."""
    if text.isascii() and text.isprintable():
        return Cell(((text, len(text)),))
    return Cell(tuple(_line(part) for part in text.split("\n")))


def _line(text: str) -> tuple[str, int]:
    parts: list[str] = []
    width = 0
    for char in text:
        columns = char_width(char)
        if columns >= 0:
            shown = char
        elif char == "\t":
            shown = " " * (8 - width % 8)
            columns = len(shown)
        else:
            code = ord(char)
            shown = "\\r" if char == "\r" else f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}"
            columns = len(shown)
        parts.append(shown)
        width += columns
    return "".join(parts), width


class Aligned:
    """A table as psql prints it, of rows that needn't be held: measured first, then drawn.

    Args:
        footer: None = psql's row count; empty = none.
        null: what stands for NULL.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        title: str = "",
        footer: str | None = None,
        null: str = "",
    ) -> None:
        self._headers = [cell(column.name) for column in columns]
        self._numeric = [column.numeric for column in columns]
        self._widths = [header.width for header in self._headers]
        self._title, self._footer, self._null = title, footer, null
        self._count = 0

    def _cells(self, row: Row) -> list[Cell]:
        return [cell(self._null if value is None else value) for value in row]

    def measure(self, rows: Iterable[Row]) -> None:
        """Make the columns wide enough; every row must have been measured before `head`."""
        widths = self._widths
        for row in rows:
            self._count += 1
            for place, value in enumerate(row):
                plain = value is not None and value.isascii() and value.isprintable()
                if not (plain and len(value) <= widths[place]):  # type: ignore[arg-type]
                    width = cell(self._null if value is None else value).width
                    widths[place] = max(widths[place], width)

    def head(self) -> str:
        """Title and heading."""
        total = sum(self._widths) + 3 * len(self._widths) - 1
        lines = [_title(self._title, total)] if self._title else []
        lines += _header(self._headers, self._widths)
        lines.append("+".join("-" * (width + 2) for width in self._widths))
        return "\n".join(lines) + "\n"

    def body(self, rows: Iterable[Row]) -> str:
        """Some rows, in order."""
        lines: list[str] = []
        for row in rows:
            lines += _data(self._cells(row), self._widths, self._numeric)
        return "".join(f"{line}\n" for line in lines)

    def foot(self) -> str:
        """The footer and a blank line."""
        ending = row_count(self._count) if self._footer is None else self._footer
        return f"{ending}\n\n" if ending else "\n"


def aligned(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    title: str = "",
    footer: str | None = None,
    null: str = "",
) -> str:
    """A whole table as psql prints it, with the blank line after it; arguments as `Aligned`'s."""
    table = Aligned(columns, title=title, footer=footer, null=null)
    table.measure(rows)
    return table.head() + table.body(rows) + table.foot()


def row_count(count: int) -> str:
    """psql's footer."""
    return f"({count} row)" if count == 1 else f"({count} rows)"


def _title(title: str, total: int) -> str:
    width = cell(title).width
    return " " * ((total - width) // 2) + title if width < total else title


def _header(headers: Sequence[Cell], widths: Sequence[int]) -> list[str]:
    lines: list[str] = []
    for number in range(max((len(header.lines) for header in headers), default=0)):
        parts: list[str] = []
        for header, width in zip(headers, widths, strict=True):
            more = number + 1 < len(header.lines)
            if number < len(header.lines):
                text, length = header.lines[number]
                blank = width - length
                text = " " * (blank // 2) + text + " " * ((blank + 1) // 2)
            else:
                text = " " * width
            parts.append(f" {text}{'+' if more else ' '}")
        lines.append("|".join(parts))
    return lines


def _data(row: Sequence[Cell], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    lines: list[str] = []
    last = len(row) - 1
    for number in range(max((len(each.lines) for each in row), default=0)):
        parts: list[str] = []
        for place, (each, width) in enumerate(zip(row, widths, strict=True)):
            more = number + 1 < len(each.lines)
            mark = "+" if more else "" if place == last else " "
            if number >= len(each.lines):
                parts.append(f" {'' if place == last else ' ' * width}{mark}")
                continue
            text, length = each.lines[number]
            padding = " " * (width - length)
            if numeric[place]:
                text = padding + text
            elif place != last or more:
                text += padding
            parts.append(f" {text}{mark}")
        lines.append("|".join(parts))
    return lines


def expanded(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    title: str = "",
    footer: str | None = None,
    first: int = 1,
    null: str = "",
) -> str:
    """psql's `\\x` layout.

    Args:
        title: left out by psql when there are no rows.
        footer: as in `aligned`, a blank line above it; the row count shows only when there are no
            rows.
        first: the number of the first record.
        null: what stands for NULL.
    """
    if not rows:
        ending = row_count(0) if footer is None else footer
        return f"{ending}\n\n" if ending else "\n"
    headers = [cell(column.name) for column in columns]
    header_width = max((header.width for header in headers), default=0)
    table = [[cell(null if value is None else value) for value in row] for row in rows]
    data_width = _expanded_width(table, header_width)
    lines = [title] if title else []
    for number, row in enumerate(table, first):
        lines.append(_record_line(number, header_width, data_width))
        for header, each in zip(headers, row, strict=True):
            lines += _expanded_cell(header, each, header_width, data_width)
    if footer:
        lines += ["", footer]
    return "\n".join(lines) + "\n\n"


def _expanded_width(table: Sequence[Sequence[Cell]], header_width: int) -> int:
    """How wide psql makes the data: the label of the last record has to fit over it.

    Source: print_aligned_vertical in PostgreSQL's fe_utils/print.c; 3 is the separator and its
    blanks, and a value of several lines takes one more for its continuation marks.
    """
    widest = max((each.width for row in table for each in row), default=0)
    continued = any(len(each.lines) > 1 for row in table for each in row)
    label = len(f"-[ RECORD {len(table)} ]")
    return max(widest, label - header_width - 3 - continued)


def _record_line(number: int, header_width: int, data_width: int) -> str:
    label = f"-[ RECORD {number} ]"
    left = header_width + 1
    if len(label) < left:
        label += "-" * (left - len(label)) + "+" + "-" * (data_width + 1)
        return label
    # psql draws the cross only where the label leaves room for it.
    if len(label) == left:
        return label + "+" + "-" * (data_width + 1)
    return label + "-" * max(0, left + 1 + data_width + 1 - len(label))


def _expanded_cell(header: Cell, each: Cell, header_width: int, data_width: int) -> list[str]:
    lines: list[str] = []
    for number in range(max(len(header.lines), len(each.lines))):
        name, name_width = header.lines[number] if number < len(header.lines) else ("", 0)
        more_name = "+" if number + 1 < len(header.lines) else " "
        left = name + " " * (header_width - name_width) + more_name
        if number >= len(each.lines):
            lines.append(left + "|")
            continue
        text, width = each.lines[number]
        if number + 1 < len(each.lines):
            text += " " * (data_width - width) + "+"
        lines.append(f"{left}| {text}")
    return lines
