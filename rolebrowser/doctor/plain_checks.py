"""The checks of a plain URL: a database outside AWS, where half of the road isn't."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from rolebrowser.connect import open_target
from rolebrowser.connection import url
from rolebrowser.connection.protocol import Address
from rolebrowser.database import route
from rolebrowser.database.model import Endpoint, EndpointRole
from rolebrowser.database.route import Way
from rolebrowser.doctor import causes
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import CheckName, Finding, passed, skipped
from rolebrowser.doctor.road_checks import named
from rolebrowser.errors import RolebrowserError


def _none(check: CheckName) -> Callable[[Case], Finding]:
    return lambda case: skipped(check, "a plain URL: nothing of AWS is on the way")


def _address(case: Case) -> Address:
    return url.parse(case.target.url, os.environ)


def dns(case: Case) -> Finding:
    """The URL's host has an address."""
    try:
        address = _address(case)
        if address.host.startswith(("/", "@")):
            return skipped(CheckName.DNS, "a socket on this machine")
        case.way = Way(address.dial_host or address.host, address.port)
        limit = case.config.timeouts.connect
        found = route.look_up(case.way, seconds=limit, cancel=case.cancel)
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.DNS, causes.of_network(error), error)
    return passed(CheckName.DNS, named(case.way, found))


def tcp(case: Case) -> Finding:
    """Somebody answers."""
    if case.way is None or case.bad(CheckName.DNS):
        return skipped(CheckName.TCP, "There is no address to knock at.")
    endpoint = Endpoint(EndpointRole.WRITER, case.way.host, case.way.port)
    limit = case.config.timeouts.connect
    try:
        case.reached = route.probe(case.way, endpoint, seconds=limit, cancel=case.cancel)
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.TCP, causes.of_network(error), error)
    return passed(CheckName.TCP, f"{case.reached} port {case.way.port} answers")


def login(case: Case) -> Finding:
    """The database lets the URL's user in."""
    if case.bad(CheckName.DNS, CheckName.TCP):
        return skipped(CheckName.LOGIN, "Nothing was reached to log in to.")
    try:
        case.opened = open_target(case.target, config=case.config, cancel=case.cancel)
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.LOGIN, causes.of_login(error), error)
    info = case.opened.connection.info
    how = info.tls or "no TLS"
    return passed(CheckName.LOGIN, f"{info.user} is in: {info.flavor} {info.version}, {how}")


_MADE: Mapping[CheckName, Callable[[Case], Finding]] = {
    CheckName.DNS: dns,
    CheckName.TCP: tcp,
    CheckName.LOGIN: login,
}
CHECKS: Mapping[CheckName, Callable[[Case], Finding]] = {
    name: _MADE.get(name) or _none(name) for name in CheckName
}
"""The same names in the same order; what has no meaning here is skipped."""
