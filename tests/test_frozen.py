"""`frozen.dataclass` makes what the standard one makes."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from rolebrowser import frozen


def declared(decorate: Callable[..., Any]) -> Any:
    class Place:
        """A place."""

        name: str
        number: int = 0
        notes: list[str] = dataclasses.field(default_factory=list)
        hidden: str = dataclasses.field(default="h", repr=False, compare=False)

        @property
        def words(self) -> str:
            return f"{self.name} {self.number}"

    return decorate(Place)


OURS = declared(frozen.dataclass(frozen=True, slots=True))
STANDARD = declared(dataclasses.dataclass(frozen=True, slots=True))


@pytest.mark.parametrize(
    ("given", "named"),
    [(("a",), {}), (("a", 2), {"hidden": "x"}), ((), {"name": "b", "notes": ["n"]})],
)
def test_an_object_says_and_holds_what_the_standard_one_does(given, named):
    ours, standard = OURS(*given, **named), STANDARD(*given, **named)
    assert repr(ours) == repr(standard)
    assert dataclasses.asdict(ours) == dataclasses.asdict(standard)
    assert ours.words == standard.words
    assert OURS.__match_args__ == STANDARD.__match_args__
    assert OURS.__slots__ == STANDARD.__slots__


def test_each_object_has_a_list_of_its_own():
    assert OURS("a").notes is not OURS("a").notes


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), (("a", 1, [], "h", 2), {}), (("a",), {"x": 1})]
)
def test_what_the_standard_one_refuses_is_refused(given, named):
    for each in (STANDARD, OURS):
        with pytest.raises(TypeError):
            each(*given, **named)


def test_equality_and_hash_leave_out_what_is_not_compared():
    assert OURS("a", hidden="x") == OURS("a", hidden="y")
    assert OURS("a") != OURS("b")
    assert OURS("a") != STANDARD("a")
    rows = declared(frozen.dataclass(frozen=True, slots=True))
    with pytest.raises(TypeError):
        hash(rows("a"))  # of a list, as the standard one


def test_nothing_can_be_changed_or_added_and_copies_are_equal():
    from rolebrowser.target import Target

    one: Any = Target(profile="p", user="u")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.profile = "q"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.profile
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert hash(copy.copy(one)) == hash(one)
    assert dataclasses.replace(one, user="v") == Target(profile="p", user="v")


def test_one_with_slots_alone_can_be_changed_and_is_no_key():
    rows = declared(frozen.dataclass(slots=True))
    row = rows("a")
    row.name = "b"
    assert row == rows("b")
    with pytest.raises(TypeError):
        hash(row)
    with pytest.raises(AttributeError):
        row.other = 1
