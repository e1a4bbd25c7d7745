"""The AWS config and credentials files as sections with line numbers, as botocore reads them. Pure.

The syntax is configparser's, because botocore's is (`botocore.configloader.raw_config_parse`): a
duplicate key or section, or a BOM, fails the whole file; an inline comment stays in the value;
`[DEFAULT]` leaks into every section.
"""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from rolebrowser.identity.model import Problem

_HEADER = re.compile(r"^\[(.+)\]")
_KEY = re.compile(r"^([^\s#;\[=:][^=:]*?)\s*[=:]")


@dataclass(frozen=True, slots=True)
class Section:
    """A section's keys and values, nested blocks left as text.

    Attributes:
        lines: the line of the header under "", and of each key.
    """

    values: Mapping[str, str]
    lines: Mapping[str, int]

    def line(self, key: str = "") -> int:
        """The line of a key, else of the section's header, else 0."""
        return self.lines.get(key) or self.lines.get("", 0)


@dataclass(frozen=True, slots=True)
class File:
    """One file read, or the reason it can't be."""

    name: str
    sections: Mapping[str, Section] = field(default_factory=dict)
    problem: Problem | None = None


def read(text: str, name: str) -> File:
    """The sections of a file's text; a syntax error is the file's `problem`, with its line."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text, name)
    except configparser.Error as error:
        return File(name, problem=Problem(_reason(error), name, _line(error)))
    lines = _lines(text)
    return File(
        name,
        {title: Section(dict(parser[title]), lines.get(title, {})) for title in parser.sections()},
    )


def _reason(error: configparser.Error) -> str:
    match error:
        case configparser.DuplicateSectionError(section=section):
            return (
                f"The section [{section}] stands here a second time, so AWS tools refuse the file."
            )
        case configparser.DuplicateOptionError(section=section, option=option):
            return f"The key {option} stands twice in [{section}], so AWS tools refuse the file."
        case configparser.MissingSectionHeaderError():
            return "The first line that says something is not a [section]."
    return "This line is neither a [section] nor a key = value, so AWS tools refuse the file."


def _line(error: configparser.Error) -> int:
    found = getattr(error, "lineno", None)
    if isinstance(error, configparser.ParsingError) and not found and error.errors:
        found = error.errors[0][0]
    return int(found or 0)


def _lines(text: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    current: dict[str, int] = {}
    for number, content in enumerate(text.splitlines(), 1):
        header = _HEADER.match(content)
        if header:
            current = found.setdefault(header[1], {"": number})
            continue
        key = _KEY.match(content)
        if key:
            current.setdefault(key[1].lower(), number)
    return found


def named(title: str, kind: str) -> str | None:
    """The name in a header `[kind name]`; None for another kind of section or no name.

    Raises nothing: botocore skips a header shlex can't split.
    """
    if not title.startswith(kind):
        return None
    try:
        parts = shlex.split(title)
    except ValueError:
        return None
    return parts[1] if len(parts) == 2 and parts[0] == kind else None
