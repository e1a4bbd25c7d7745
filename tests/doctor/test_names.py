"""What the DNS check says of a host."""

from __future__ import annotations

from rolebrowser.database.route import Way
from rolebrowser.doctor.road_checks import named
from rolebrowser.route import Route


def test_a_name_is_told_with_its_addresses_and_the_route_once() -> None:
    route = Route(name="bastion", address="10.1.2.3:5432")
    assert named(Way("db", 5432), ["10.0.0.1", "::1"]) == "db is 10.0.0.1, ::1"
    assert named(Way("10.1.2.3", 5432, route), ["10.1.2.3"]) == (
        "10.1.2.3 is an address already, by route 'bastion'"
    )
