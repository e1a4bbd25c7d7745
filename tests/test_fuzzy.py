"""What the filters find, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.fuzzy import Finder, matcher, ranked

ROWS = ["orders-production", "orders-staging", "payments-production", "prod-orders"]


def test_a_word_at_its_start_goes_before_one_inside_and_before_scattered_letters() -> None:
    found = ranked("prod", ROWS, ROWS)
    assert found == ["prod-orders", "orders-production", "payments-production"]
    rows = ["old-production-run", "opr", "shop-run", "xopr", "oprah", "dev-opr"]
    best_first = ["opr", "oprah", "dev-opr", "xopr", "old-production-run"]
    assert ranked("opr", rows, rows) == best_first


def test_every_word_of_the_pattern_has_to_match() -> None:
    assert ranked("stag ord", ROWS, ROWS) == ["orders-staging"]


def test_favour_decides_between_equals_and_never_against_a_better_hit() -> None:
    finder = Finder(ROWS, ROWS, [0, 0, 10, 1e9])
    assert finder.find("production")[0] == "payments-production"
    assert Finder(ROWS, ROWS, [1e9, 0, 0, 0]).find("prod")[0] == "prod-orders"
    assert Finder(ROWS, ROWS, [0, 1e9, 0, 0]).find("orders")[0] == "orders-staging"


def test_what_matches_a_name_goes_before_what_matches_another_field() -> None:
    rows = ["ledger\nprod", "prod\nledger"]
    assert ranked("prod", rows, rows) == ["prod\nledger", "ledger\nprod"]
    assert ranked("pro", rows, rows) == ["prod\nledger", "ledger\nprod"]


@pytest.mark.parametrize(
    "row",
    [
        "pay\nroll\nodd",  # over several fields
        "apparel-road",  # not from the start of a word
        "p-which-is-such-a-thing-as-likely-in-any-text-rod",  # too far apart
    ],
)
def test_letters_scattered_by_chance_are_no_match(row: str) -> None:
    assert not matcher("prod")(row)


def test_digits_of_a_number_are_never_scattered() -> None:
    assert not ranked("0123", ["00-11-22-33"], ["00-11-22-33"])
    assert ranked("acc12", ["account-12"], ["account-12"])


def test_the_number_typed_is_all_that_is_found_by_it() -> None:
    rows = [f"{number:012d}" for number in range(333_333_333_000, 333_333_334_000)]
    assert ranked("333333333333", rows, rows) == ["333333333333"]


def test_nothing_typed_leaves_every_row_in_its_order() -> None:
    assert Finder(ROWS, ROWS).find("  ") == ROWS


texts = st.text("abc12-\n ", max_size=8)


@given(st.lists(texts, max_size=20), st.lists(texts, min_size=1, max_size=6))
def test_typing_on_and_back_finds_what_a_fresh_look_would(
    rows: list[str], patterns: list[str]
) -> None:
    finder = Finder(rows, rows)
    for pattern in patterns:
        ends = range(1, len(pattern) + 1)
        for end in (*ends, *reversed(ends)):
            found = finder.find(pattern[:end])
            assert found == ranked(pattern[:end], rows, rows)
            # What is done to the answer is nothing to the next one.
            found.clear()


def test_backspace_looks_through_nothing() -> None:
    finder = Finder(ROWS, ROWS)
    typed = [finder.find(pattern) for pattern in ("p", "pr", "pro")]
    finder._haystacks.clear()
    assert [finder.find(pattern) for pattern in ("pr", "p")] == typed[1::-1]
