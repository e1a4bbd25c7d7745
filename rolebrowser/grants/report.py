"""The whole picture as one document for a ticket: Markdown, or HTML that needs nothing else.

Pure. Names from the server are foreign: in HTML they are escaped, and a Content-Security-Policy
lets nothing run or load; in Markdown they stand in code spans, in which no markup, link, mention
or HTML means anything (CommonMark 6.1; GFM tables 4.10: a `|` is escaped there too).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from itertools import groupby

from rolebrowser.frozen import dataclass
from rolebrowser.grants.listing import Row
from rolebrowser.safetext import clean

STATES = {
    "effective": "has it, and can use it",
    "indirect": "reads its rows through a view, a parent table or a function",
    "blocked": "has it, but something is in the way (in brackets)",
    "latent": "only after SET ROLE",
    "escalatable": "could grant it to itself",
}
_NOTHING = "Nothing but what everybody has (PUBLIC)."
Line = tuple[str, str, str, tuple[str, ...]]
"""The name, its privileges, the state, each path."""
Group = tuple[str, list[Line]]

# The end of a path, before what it is on and what is in its way; a name like it is quoted.
_PUBLIC = re.compile(r" → PUBLIC(?: \(.*\))?(?: \[.*\])?$", re.S)
# A detour that is everybody's; anchored, since what follows may have any name.
_PUBLIC_DETOUR = re.compile(r'(?:"(?:[^"]|"")*"|[^\s"]+) → PUBLIC → ')
_BY_ROLE = ("Object", "Privileges", "State", "Via")
_BY_OBJECT = ("Role", "Privileges", "State", "Via")
_OURS = frozenset(("State", "Meaning"))
"""Columns in which every word is this program's own."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be told.

    Attributes:
        where: what was looked at: `database app on PostgreSQL 18`.
        target: how it was named by who asked.
        user: who looked.
        when: the moment, in UTC.
        chosen: what it was narrowed to, a sentence; "" for everything.
        notes: what could not be seen.
        roles: (name, what it is and whose member).
        rows: role by role.
    """

    where: str
    target: str
    user: str
    when: datetime
    chosen: str
    notes: tuple[str, ...]
    roles: Sequence[tuple[str, str]]
    rows: Sequence[Row]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Word and value of the head."""
        head = [
            ("Target", self.target),
            ("Read as", self.user),
            ("Read at", self.when.strftime("%Y-%m-%d %H:%M:%S UTC")),
        ]
        return (*head, ("Narrowed to", self.chosen)) if self.chosen else tuple(head)

    @property
    def counts(self) -> list[tuple[str, str, str]]:
        """(state, what it means, how many privileges), all four of them."""
        found = Counter[str]()
        for row in self.rows:
            found[row.state] += len(row.privileges)
        return [(state, means, str(found[state])) for state, means in STATES.items()]

    def by_role(self) -> Iterator[Group]:
        """Each role with its lines, less what everybody has."""
        for role, rows in groupby(self.rows, key=lambda row: row.role):
            own = [row for row in rows if not _everybodys(row)]
            yield role, [(row.object, ", ".join(row.privileges), row.state, row.via)
                         for row in own]  # fmt: skip

    def by_object(self) -> Iterator[Group]:
        """Each object with its lines; PUBLIC is one of them."""
        rows = sorted(self.rows, key=lambda row: row.object)
        for name, of_object in groupby(rows, key=lambda row: row.object):
            found = list(of_object)
            lines: list[Line] = []
            public = [row for row in found if _everybodys(row)]
            if public:
                lines.append(_public(public))
            lines += [
                (row.role, ", ".join(row.privileges), row.state, row.via)
                for row in found
                if not _everybodys(row)
            ]
            yield name, lines


def _everybodys(row: Row) -> bool:
    return all(_PUBLIC.search(line) or _PUBLIC_DETOUR.match(line) for line in row.via)


def _public(rows: list[Row]) -> Line:
    """What PUBLIC has, as one line: how many roles that serves."""
    words = dict.fromkeys(word.rstrip("*") for row in rows for word in row.privileges)
    states = Counter[str]()
    for state in STATES:
        states[state] = len({row.role for row in rows if row.state == state})
    told = ", ".join(f"{state} for {count}" for state, count in states.items() if count)
    return "PUBLIC", ", ".join(words), told, ("every role has it",)


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────


def markdown(report: Report) -> Iterator[str]:
    """The document, piece by piece."""
    yield f"# Grants of {_code(report.where)}\n\n"
    yield from (f"- {word}: {_code(value)}\n" for word, value in report.facts)
    yield from (f"\n> **Not everything was seen.** {_code(note)}\n" for note in report.notes)
    yield "\n"
    yield from _markdown_table(("State", "Meaning", "Privileges"), report.counts)
    yield "\n## Roles\n\n"
    yield from _markdown_table(("Role", "What it is"), report.roles)
    for title, columns, groups in (
        ("What each role may do, besides what everybody may", _BY_ROLE, report.by_role()),
        ("Who may use each object", _BY_OBJECT, report.by_object()),
    ):
        yield f"\n## {title}\n"
        for name, rows in groups:
            yield f"\n### {_code(name)}\n\n"
            yield from _markdown_table(columns, rows) if rows else [f"{_NOTHING}\n"]


def _markdown_table(
    columns: Sequence[str], rows: Iterable[Sequence[str | tuple[str, ...]]]
) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"
    for row in rows:
        cells = (
            "<br>".join(
                each if column in _OURS else _code(each, table=True) for each in _lines(cell)
            )
            for column, cell in zip(columns, row, strict=True)
        )
        yield f"| {' | '.join(cells)} |\n"


def _lines(cell: str | tuple[str, ...]) -> tuple[str, ...]:
    return cell if isinstance(cell, tuple) else (cell,)


def _code(text: str, *, table: bool = False) -> str:
    """A code span that the text can't end: its fence is longer than any run of backticks in it."""
    text = clean(text)
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if text[0] in "` " or text[-1] in "` " else ""
    span = f"{fence}{blank}{text}{blank}{fence}"
    return span.replace("|", "\\|") if table else span


# ── HTML ─────────────────────────────────────────────────────────────────────────────────────

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #777; --head: #8881;
  --effective: #1a7f37; --indirect: #8250df; --blocked: #9a6700; --latent: #0969da;
  --escalatable: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --dim: #999; --effective: #3fb950;
  --indirect: #bc8cff; --blocked: #d29922; --latent: #58a6ff; --escalatable: #f85149; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem .25rem;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--dim); }
td, dd, summary { font-family: ui-monospace, monospace; font-size: 13px; }
td.meaning { font: inherit; }
details th:nth-child(1) { width: 32%; } details th:nth-child(2) { width: 22%; }
details th:nth-child(3) { width: 12%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dt { color: var(--dim); } dd { margin: 0; }
summary { cursor: pointer; padding: .25rem; background: var(--head); }
details { margin: .25rem 0; }
.note { border-left: 4px solid var(--blocked); padding: .25rem .75rem; }
.effective { color: var(--effective); } .indirect { color: var(--indirect); }
.blocked { color: var(--blocked); }
.latent { color: var(--latent); } .escalatable { color: var(--escalatable); }
@media print { details { break-inside: avoid; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_OPEN = 20
"""Groups that are shown unfolded; more would bury the reader."""


def html(report: Report) -> Iterator[str]:
    """The document, piece by piece."""
    title = f"Grants of {_text(report.where)}"
    yield (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<dl>\n"
    )
    yield from (f"<dt>{word}</dt><dd>{_text(value)}</dd>\n" for word, value in report.facts)
    yield "</dl>\n"
    for note in report.notes:
        yield f'<p class="note"><strong>Not everything was seen.</strong> {_text(note)}</p>\n'
    yield from _html_table(("State", "Meaning", "Privileges"), report.counts)
    yield "<h2>Roles</h2>\n"
    yield from _html_table(("Role", "What it is"), report.roles)
    for heading, columns, groups in (
        ("What each role may do, besides what everybody may", _BY_ROLE, report.by_role()),
        ("Who may use each object", _BY_OBJECT, report.by_object()),
    ):
        yield f"<h2>{heading}</h2>\n"
        for number, (name, rows) in enumerate(groups):
            unfolded = " open" if number < _OPEN else ""
            yield f"<details{unfolded}><summary>{_text(name)}</summary>\n"
            yield from _html_table(columns, rows) if rows else [f"<p>{_NOTHING}</p>\n"]
            yield "</details>\n"
    yield "</body>\n</html>\n"


def _html_table(
    columns: Sequence[str], rows: Iterable[Sequence[str | tuple[str, ...]]]
) -> Iterator[str]:
    yield f"<table><thead><tr>{''.join(f'<th>{each}</th>' for each in columns)}</tr></thead>\n"
    yield "<tbody>\n"
    for row in rows:
        yield "<tr>" + "".join(map(_cell, columns, row)) + "</tr>\n"
    yield "</tbody></table>\n"


def _cell(column: str, cell: str | tuple[str, ...]) -> str:
    lines = "<br>".join(map(_text, _lines(cell)))
    kind = cell if column == "State" and cell in STATES else column.lower()
    return f'<td class="{kind}">{lines}</td>'


def _text(text: str) -> str:
    return escape(clean(text))
