"""RDS's DescribeDBClusterEndpoints, which moto lacks."""

from __future__ import annotations

from rolebrowser.sandbox.wire import Answer, Call, element
from rolebrowser.sandbox.world import DATABASES, WorldDatabase

_NAMES = "http://rds.amazonaws.com/doc/2014-10-31/"
_ACTION = "DescribeDBClusterEndpoints"


def answer(call: Call) -> Answer | None:
    """The answer to that call; None for any other. Raises Refused."""
    if (call.signed.service, call.action) != ("rds", _ACTION):
        return None
    call.authorise(f"rds:{_ACTION}", "*")
    wanted = call.form.get("DBClusterIdentifier", "")
    here = (call.caller.account, call.signed.region)
    found = [
        _endpoint(each, name)
        for each in DATABASES
        if (each.account, each.region) == here and wanted in ("", each.id)
        for name in each.custom
    ]
    return Answer(
        200,
        f'<{_ACTION}Response xmlns="{_NAMES}"><{_ACTION}Result><DBClusterEndpoints>'
        f"{''.join(found)}</DBClusterEndpoints></{_ACTION}Result></{_ACTION}Response>".encode(),
    )


def _endpoint(database: WorldDatabase, name: str) -> str:
    host = next(host for host, _ in database.hosts if host.startswith(f"{name}.cluster-custom-"))
    return (
        "<DBClusterEndpointList>"
        + element("DBClusterEndpointIdentifier", name)
        + element("DBClusterIdentifier", database.id)
        + element("Endpoint", host)
        + element("Status", "available")
        + element("EndpointType", "CUSTOM")
        + element("CustomEndpointType", "READER")
        + "</DBClusterEndpointList>"
    )
