"""Names of regions: what can't be one, and what botocore may only be too old for."""

from __future__ import annotations

import pytest

from rolebrowser.errors import UnknownName
from rolebrowser.identity import regions


@pytest.mark.parametrize(
    "name", ["mars-1", "eu_west_1", "EU-WEST-1", "eu-west", "eu-west-1;ls", "*"]
)
def test_what_can_be_no_region_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(UnknownName) as refused:
        regions.check(name)
    assert refused.value.fix


def test_a_mistyped_region_is_told_the_one_that_was_meant() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'eu-west-1'"):
        regions.check("eu-west1")


@pytest.mark.parametrize("name", ["", "eu-west-1", "us-gov-west-1", "cn-north-1", "xx-newplace-7"])
def test_what_may_be_a_new_region_goes_through(name: str) -> None:
    regions.check(name)


def test_every_region_of_botocore_is_known_and_taken() -> None:
    assert len(regions.known()) > 30
    for name in regions.known():
        regions.check(name)
        assert regions.advice(name) == ""


def test_where_nobody_answers_the_nearest_regions_are_offered() -> None:
    assert "Did you mean eu-west-1" in regions.advice("eu-wst-1")
    assert "newer botocore" in regions.advice("xx-newplace-7")
