"""Resource Explorer's Search and AWS Config's aggregator over the sandbox's whole organization."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rolebrowser.sandbox.wire import Answer, Call
from rolebrowser.sandbox.world import DATABASES, WorldDatabase

AGGREGATOR = "organization"
_KINDS = {"cluster": "cluster", "instance": "db"}
_PAGE = 4
"""Small, so that clients must ask for more."""


def answer(call: Call) -> Answer | None:
    """The answer to a search; None for any other call. Raises Refused."""
    given = json.loads(call.body or b"{}") if call.signed.service in _SERVICES else {}
    if call.signed.service == "resource-explorer-2" and "QueryString" in given:
        call.authorise("resource-explorer-2:Search", "*")
        words = [each for each in given["QueryString"].split() if ":" not in each]
        arns = [arn for arn in _arns() if all(word in arn for word in words)]
        here, more = _page(arns, str(given.get("NextToken", "")))
        return _json({"Resources": [{"Arn": arn, "Service": "rds"} for arn in here], **more})
    if call.signed.service != "config":
        return None
    if call.action == "DescribeConfigurationAggregators":
        call.authorise("config:DescribeConfigurationAggregators", "*")
        return _json({"ConfigurationAggregators": [{"ConfigurationAggregatorName": AGGREGATOR}]})
    if call.action == "SelectAggregateResourceConfig":
        call.authorise("config:SelectAggregateResourceConfig", "*")
        here, more = _page(list(_arns()), str(given.get("NextToken", "")))
        return _json({"Results": [json.dumps({"arn": arn}) for arn in here], **more})
    return None


_SERVICES = ("resource-explorer-2", "config")


def _arns() -> Iterator[str]:
    for each in DATABASES:
        if each.kind in _KINDS:
            yield _arn(each, _KINDS[each.kind], each.id)
            yield _arn(each, "snapshot", f"{each.id}-nightly")
        for member in each.members:
            yield _arn(each, "db", member)


def _arn(database: WorldDatabase, kind: str, name: str) -> str:
    return f"arn:aws:rds:{database.region}:{database.account}:{kind}:{name}"


def _page(arns: list[str], token: str) -> tuple[list[str], dict[str, str]]:
    start = int(token or 0)
    more = {"NextToken": str(start + _PAGE)} if start + _PAGE < len(arns) else {}
    return arns[start : start + _PAGE], more


def _json(body: object) -> Answer:
    return Answer(200, json.dumps(body).encode(), "application/x-amz-json-1.1")
