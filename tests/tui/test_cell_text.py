"""A whole value to read: nothing is lost by showing it well."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection.protocol import Column
from rolebrowser.tui.cell_text import LONGEST, cell_text, hex_dump, pretty_json

TEXT, JSONB, BYTEA = Column("t", "text"), Column("j", "jsonb"), Column("b", "bytea")


def test_null_and_the_empty_string_are_told_apart() -> None:
    assert cell_text(TEXT, None).kind == "text · NULL"
    assert (cell_text(TEXT, "").kind, cell_text(TEXT, "").text) == ("text · the empty string", "")
    assert cell_text(TEXT, "NULL").kind == "text · 4 characters"


def test_json_is_indented_digit_for_digit_with_repeated_keys() -> None:
    assert pretty_json('{"a":1.50,"b":[1e400,{}],"a":null,"é":"\\n"}') == (
        '{\n  "a": 1.50,\n  "b": [\n    1e400,\n    {}\n  ],\n  "a": null,\n  "é": "\\n"\n}'
    )
    shown = cell_text(JSONB, '{"a":1}')
    assert (shown.text, shown.form) == ('{\n  "a": 1\n}', "indented")
    assert cell_text(JSONB, '{"a":1}', raw=True).text == '{"a":1}'


@pytest.mark.parametrize("text", ["", "5", "null", "{1}", "[NaN]", "{'a': 1}", "[" * 100_000])
def test_what_is_no_json_object_or_array_stays_as_it_is(text: str) -> None:
    assert pretty_json(text) is None
    assert cell_text(TEXT, text).text == text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.lists(values, max_size=3))
def test_indented_json_means_the_same(value: list[object]) -> None:
    assert json.loads(pretty_json(json.dumps(value)) or "") == value


def test_bytes_are_dumped_as_hexdump_does() -> None:
    assert list(hex_dump(bytes(range(0x3A, 0x4C)))) == [
        "00000000  3a 3b 3c 3d 3e 3f 40 41  42 43 44 45 46 47 48 49  |:;<=>?@ABCDEFGHI|",
        "00000010  4a 4b                                             |JK|",
    ]
    shown = cell_text(BYTEA, "\\x00ff41")
    assert (shown.kind, shown.wraps) == ("bytea · 3 bytes", False)
    assert shown.text.endswith("|..A|")
    assert cell_text(Column("b", "varchar"), "0x00FF").form == "hex dump"
    assert cell_text(TEXT, "\\x00ff").form == ""


def test_of_an_enormous_value_the_beginning_is_shown_and_said() -> None:
    shown = cell_text(TEXT, "x" * (LONGEST + 5))
    assert len(shown.text) == LONGEST
    assert shown.kind == "text · 1,000,005 characters, the first 1,000,000 shown"


def test_a_dump_has_as_many_bytes_on_a_line_as_there_is_room_for() -> None:
    data = bytes(range(0x41, 0x51))
    for width, count in ((78, 16), (77, 8), (46, 8), (45, 4), (10, 4)):
        lines = list(hex_dump(data, width))
        assert len(lines) == 16 // count
        assert lines[0].endswith(f"|{data[:count].decode()}|")
        assert width < 30 or max(map(len, lines)) <= width
