"""The INI dialect of ~/.aws/config and ~/.aws/credentials, with line numbers. Pure.

The oracle is `configparser.RawConfigParser` as `botocore.configloader.raw_config_parse` drives it:
what one accepts the other accepts, value for value. It differs where a file is refused: they stop
at the first fault and lose the file, this goes on, so that everything else can still be listed.
"""

from __future__ import annotations

import re
from dataclasses import field

from rolebrowser.frozen import dataclass

DEFAULT_SECTION = "DEFAULT"
"""configparser's own: its keys show through in every other section."""

_SECTION = re.compile(r"\[(.+)\]")
_LINE = re.compile(
    r"^(?:\[([^\]\n]+)\][^\S\n]*$"
    r"|([a-z0-9_]+)[ \t]*=[ \t]*(\S.*\S|\S?)[^\S\n]*$"
    r"|(.*)$)",
    re.MULTILINE,
)
"""A line each: a header, a key and its value, or anything else: usual lines need no more thought.
A third of the time that `_Reader.take` needs for them (5,000 profiles: 39 → 14 ms)."""


@dataclass(slots=True)
class Section:
    """One `[header]` and its keys.

    Attributes:
        values: lower-case key → text; a value of several lines keeps its newlines.
        lines: key → 1-based line of the key.
    """

    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why AWS tools refuse the whole file."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class IniFile:
    """A file as far as it could be read; `faults` is empty for one botocore accepts."""

    sections: dict[str, Section]
    faults: tuple[Fault, ...] = ()


def parse_ini(text: str) -> IniFile:
    """Read a file's text; never raises.

    Lines end in LF, CRLF or CR, as in a file opened in text mode.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Reader().read(text)


class _Reader:
    """The state machine of `RawConfigParser._read`."""

    def __init__(self) -> None:
        self._sections: dict[str, Section] = {}
        self._defaults = Section(DEFAULT_SECTION, 0)
        self._faults: list[Fault] = []
        self._section: Section | None = None
        self._key = ""
        """What may go on in the next lines; empty = nothing."""
        self._indent = 0
        self._more: list[str] = []
        """The lines a value goes on in."""
        self._stray = False
        self._long = False
        """Whether any value has more than one line."""

    def read(self, text: str) -> IniFile:
        for number, (header, key, value, other) in enumerate(_LINE.findall(text), 1):
            if header:
                self._indent = 0
                self._open(header, number)
            elif key and self._section is not None:
                self._indent = 0
                self._set(self._section, key, value, number)
            else:
                self._take(f"{key}={value}" if key else other, number)
        return self._finish()

    def _take(self, line: str, number: int) -> None:
        value = line.strip()
        if not value:
            if self._key:
                self._more.append("")
            return
        if value[0] in "#;":
            return
        indent = 0 if line[0] == value[0] else len(line) - len(line.lstrip())
        if self._key and indent > self._indent:
            self._more.append(value)
            return
        self._indent = indent
        header = _SECTION.match(value) if value[0] == "[" else None
        if header is not None:
            self._open(header[1], number)
        elif self._section is None:
            self._stray_line(number, value)
        else:
            self._option(value, number, self._section)

    def _open(self, name: str, number: int) -> None:
        self._close_value()
        known = self._sections.get(name)
        if known is not None:
            self._fault(number, f"the section [{name}] is there twice (first in line {known.line})")
            self._section = known
        elif name == DEFAULT_SECTION:
            self._section = self._defaults
            self._defaults.line = self._defaults.line or number
        else:
            self._section = self._sections[name] = Section(name, number)

    def _stray_line(self, number: int, value: str) -> None:
        if self._stray:
            return
        self._stray = True
        if value[0] == "\ufeff":
            self._fault(number, "the file starts with a byte order mark")
        else:
            self._fault(number, "there is text before the first [section]")

    def _option(self, value: str, number: int, section: Section) -> None:
        key, delimiter, text = value.partition("=")
        if ":" in key:
            key, delimiter, text = value.partition(":")
        if not delimiter:
            self._close_value()
            self._fault(number, "the line is neither a [section] nor key = value")
            return
        self._set(section, key.rstrip().lower(), text.lstrip(), number)

    def _set(self, section: Section, key: str, text: str, number: int) -> None:
        if self._more:
            self._close_value()
        # An option without a name takes no continuation lines.
        self._key = key
        if not key:
            self._fault(number, "the key before the = is missing")
            return
        if key in section.lines:
            first = section.lines[key]
            self._fault(number, f"the key {key} is there twice (first in line {first})")
        section.lines[key] = number
        section.values[key] = text

    def _close_value(self) -> None:
        if any(self._more) and self._section is not None:
            values = self._section.values
            values[self._key] = "\n".join([values[self._key], *self._more]).rstrip()
            self._long = True
        self._key, self._more = "", []

    def _fault(self, line: int, text: str) -> None:
        self._faults.append(Fault(line, text))

    def _finish(self) -> IniFile:
        self._close_value()
        defaults = self._defaults
        for section in self._sections.values() if defaults.values or self._long else ():
            for key, value in defaults.values.items():
                if key not in section.values:
                    section.values[key] = value
                    section.lines[key] = defaults.lines[key]
            if self._long:
                self._check_nested(section)
        self._faults.sort(key=lambda fault: fault.line)
        return IniFile(self._sections, tuple(self._faults))

    def _check_nested(self, section: Section) -> None:
        """botocore reads an empty value with lines under it as `key = value` settings of its own
        (`configloader._parse_nested`) and refuses the file when one of them isn't."""
        for key, value in section.values.items():
            if value[:1] != "\n":
                continue
            if any(line.strip() and "=" not in line for line in value.splitlines()):
                self._fault(section.lines[key], f"a line under {key} is not key = value")
