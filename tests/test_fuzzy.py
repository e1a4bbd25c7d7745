"""What the filters find, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.fuzzy import FAVOUR, Finder, ranked, score

ROWS = ["orders-production", "orders-staging", "payments-production", "prod-orders"]


def test_a_word_at_its_start_goes_before_one_inside_and_before_scattered_letters() -> None:
    found = ranked("prod", ROWS, ROWS)
    assert found == ["prod-orders", "orders-production", "payments-production"]
    assert score("opr", "orders-production") < score("ord", "orders-production")


def test_every_word_of_the_pattern_has_to_match() -> None:
    assert ranked("stag ord", ROWS, ROWS) == ["orders-staging"]


def test_favour_decides_between_equals_and_never_against_a_better_hit() -> None:
    finder = Finder(ROWS, ROWS, [0, 0, 10, FAVOUR])
    assert finder.find("production")[0] == "payments-production"
    assert Finder(ROWS, ROWS, [0, FAVOUR, 0, 0]).find("prod")[-1] != "prod-orders"


def test_nothing_typed_leaves_every_row_in_its_order() -> None:
    assert Finder(ROWS, ROWS).find("  ") == ROWS


texts = st.text("abc- ", max_size=8)


@given(st.lists(texts, max_size=20), st.lists(texts, min_size=1, max_size=6))
def test_typing_on_and_back_finds_what_a_fresh_look_would(
    rows: list[str], patterns: list[str]
) -> None:
    finder = Finder(rows, rows)
    for pattern in patterns:
        for end in range(1, len(pattern) + 1):
            assert finder.find(pattern[:end]) == ranked(pattern[:end], rows, rows)
