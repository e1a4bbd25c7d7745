"""The INI reader against configparser as botocore drives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.config_parse import parse_ini

LINES = (
    *("[default]", "[profile a]", "[profile b]", "[DEFAULT]", "[sso-session x]", "[services s]"),
    *("x", "[]", "[[a]]", "[a] b]", "[a] # c", "region = eu", "region=", "= v", "a : b", "a=b=c"),
    *("  region = x", "\tfoo", "  # c", "#c", ";x", "", "   ", "s3 =", "  x = y", "   z", " y=1"),
    *("A=1", "a=2", "\x0b", "\x85q=1", "\xa0k=v", "\ufeff[z]", "k\r", "\r", "k = v # in", "\x1c"),
    *("[a]\r\nb=1", "r = \u202eevil", "e = \x1b[31m[bold]"),
)
texts = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=12).map("\n".join),
    st.text(alphabet="[]=:#; \t\n\rab\x0c\x85", max_size=60),
)


def theirs(path: Path, text: str) -> dict[str, Any] | ConfigParseError:
    """What botocore makes of the text: its sections, or why it refuses the file."""
    path.write_text(text, encoding="utf-8", newline="")
    try:
        raw_config_parse(str(path))
        return raw_config_parse(str(path), parse_subsections=False)
    except ConfigParseError as error:
        return error


@given(text=texts)
def test_sections_and_values_are_those_botocore_reads(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    ours = parse_ini(text)
    expected = theirs(tmp_path_factory.getbasetemp() / "fuzzed", text)
    if isinstance(expected, ConfigParseError):
        cause = dict(expected.kwargs)["error"]
        number = getattr(cause, "lineno", None)
        lines = {number} if number else {line for line, _ in getattr(cause, "errors", ())}
        assert ours.faults
        assert lines <= {fault.line for fault in ours.faults}
    else:
        assert ours.faults == ()
        found = {name: section.values for name, section in ours.sections.items()}
        assert (found, list(found)) == (expected, list(expected))


@given(text=st.text(max_size=200))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    ini = parse_ini(text)
    assert all(fault.line >= 1 for fault in ini.faults)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[a]\nx=1\nX = 2\n", 3, "there twice (first in line 2)"),
        ("[a]\n[b]\n[a]\n", 3, "there twice (first in line 1)"),
        ("\ufeff[a]\n", 1, "byte order mark"),
        ("x = 1\n[a]\n", 1, "before the first [section]"),
        ("[a]\nwhat is this\n", 2, "neither a [section] nor key = value"),
        ("[a]\n = 1\n", 2, "key before the = is missing"),
        ("[a]\ns3 =\n  fast\n", 2, "a line under s3"),
    ],
)
def test_each_fault_names_its_line(text: str, line: int, words: str) -> None:
    (fault,) = parse_ini(text).faults
    assert fault.line == line
    assert words in fault.text


def test_sections_after_a_fault_are_still_read() -> None:
    ini = parse_ini("[a]\nnonsense\nx = 1\n[b]\ny = 2\n")
    assert {name: section.values for name, section in ini.sections.items()} == {
        "a": {"x": "1"},
        "b": {"y": "2"},
    }


def test_lines_are_known_of_sections_and_keys() -> None:
    ini = parse_ini("# top\n\n[a]\n\nx = 1\ny =\n  k = v\nz=3\n")
    section = ini.sections["a"]
    assert (section.line, section.lines) == (3, {"x": 5, "y": 6, "z": 8})
