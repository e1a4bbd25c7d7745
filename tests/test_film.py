"""The README's recording: what is in it is what was on the screen, and it stays small and quiet."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pyte
import pytest

from screenshots.film import Said, animated, cast, frames, shortened

PICTURES = Path(__file__).parents[1] / "screenshots"
SAID = [
    Said(0.5, b"\x1b[2J\x1b[H"),
    Said(9.0, b"\x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3mblue \xe5\xba\x83\x1b[0m"),
    Said(9.3, b"\x1b[2;1Hgone before anybody"),
    Said(9.31, b"\x1b[2;1H\x1b[K<second> & \x1b[7mreversed\x1b[0m"),
    Said(10.0, b"\x1b[3;3Hthird"),
]


def test_pauses_are_shortened_and_the_rest_keeps_its_pace() -> None:
    assert [round(each.at, 2) for each in shortened(SAID, 2.0)] == [0.5, 2.5, 2.8, 2.81, 3.5]


def test_a_frame_is_what_one_had_time_to_see() -> None:
    shown = frames(SAID, 24, 4, first="red", last=2.0)
    texts = [["".join(run.text for run in line).rstrip() for line in each.lines] for each in shown]
    assert [text[:3] for text in texts] == [
        ["red blue 広", "", ""],
        ["red blue 広", "<second> & reversed", ""],
        ["red blue 広", "<second> & reversed", "  third"],
    ]
    assert [round(each.seconds, 2) for each in shown] == [0.31, 0.69, 2.0]
    assert shown[0].lines[0][0].bold


def test_a_cast_plays_back_what_was_recorded() -> None:
    shown = frames(SAID, 24, 4, first="red", last=2.0)
    header, *events = [json.loads(line) for line in cast(shown, "t").splitlines()]
    assert (header["version"], header["width"], header["height"]) == (2, 24, 4)
    assert [event[0] for event in events] == sorted(event[0] for event in events)
    screen = pyte.Screen(24, 4)
    stream = pyte.Stream(screen)
    for _, kind, text in events:
        assert kind == "o"
        stream.feed(text)
    again = ["".join(screen.buffer[y][x].data for x in range(24)) for y in range(4)]
    assert again == ["".join(run.text for run in line) for line in shown[-1].lines]
    assert screen.buffer[0][0].bold
    assert screen.buffer[0][4].fg == "010203"


def test_the_svg_has_every_frame_once() -> None:
    shown = frames(SAID, 24, 4, first="red", last=2.0)
    root = ElementTree.fromstring(animated(shown, 2))
    svg = "{http://www.w3.org/2000/svg}"
    film = next(each for each in root.iter(f"{svg}g") if each.get("id") == "film")
    assert len(list(film)) == 3
    assert "".join(root.itertext()).count("<second> &") == 1


@pytest.mark.parametrize("name", ["tour.cast", "tour.svg"])
def test_what_is_kept_is_small_and_fetches_nothing(name: str) -> None:
    text = (PICTURES / name).read_text(encoding="utf-8")
    assert len(text.encode()) < 500_000
    for word in ("<script", 'href="http', "url(", "X-Amz-Signature", "/root/", "/home/"):
        assert word not in text
    assert "Not connected to billing" in text
