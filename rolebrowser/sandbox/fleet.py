"""EC2's and Systems Manager's part of the sandbox: instances, and sessions through them.

moto knows no SSM sessions. Here StartSession is enforced and gives a token; whoever brings it to
the data channel (the sandbox's own stand-in for the plugin, `plugin.py`) is led to what the
session asked for, as the instance would: an endpoint of this world, by its name.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from rolebrowser.sandbox.ledger import Credential
from rolebrowser.sandbox.wire import Answer, Call, Refused
from rolebrowser.sandbox.world_network import INSTANCES, WorldInstance

_DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
_NAMES = "http://ec2.amazonaws.com/doc/2016-11-15/"
_LONGEST = 1024
_LOCAL = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class _Session:
    host: str
    port: int


class Fleet:
    """Answers for ssm and for ec2:DescribeInstances; carries the bytes of sessions.

    Args:
        vpcs: the databases' VPC of an account and region.
        find: the local port that stands for an endpoint's (host, port); 0 = there is none.
    """

    def __init__(
        self, vpcs: Mapping[tuple[str, str], str], find: Callable[[str, int], int]
    ) -> None:
        self._vpcs = vpcs
        self._find = find
        self._sessions: dict[str, _Session] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, name="ssm", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def answer(self, call: Call) -> Answer | None:
        """The answer to a call that is for here; None = moto's. Raises Refused."""
        caller, region = call.caller, call.signed.region
        if (call.signed.service, call.action) == ("ec2", "DescribeInstances"):
            call.authorise("ec2:DescribeInstances", "*")
            return self._describe(region, call.form, caller)
        if call.signed.service != "ssm":
            return None
        given = json.loads(call.body or b"{}")
        match call.action:
            case "DescribeInstanceInformation":
                call.authorise("ssm:DescribeInstanceInformation", "*")
                return _json({"InstanceInformationList": _online(region, caller)})
            case "StartSession":
                return _json(self._start(call, given))
            case "TerminateSession":
                return _json({"SessionId": given.get("SessionId", "")})
        return None

    def _describe(self, region: str, form: Mapping[str, str], caller: Credential) -> Answer:
        wanted = _filters(form)
        found = [each for each in _of(region, caller) if self._passes(each, wanted)]
        items = "".join(
            f"<item><instanceId>{each.id}</instanceId><instanceState><code>16</code>"
            f"<name>running</name></instanceState><vpcId>{self._vpc(each)}</vpcId><tagSet><item>"
            f"<key>Name</key><value>{escape(each.name)}</value></item></tagSet></item>"
            for each in found
        )
        text = (
            f'<DescribeInstancesResponse xmlns="{_NAMES}"><reservationSet><item>'
            f"<instancesSet>{items}</instancesSet></item></reservationSet>"
            "</DescribeInstancesResponse>"
        )
        return Answer(200, text.encode())

    def _passes(self, instance: WorldInstance, wanted: Mapping[str, list[str]]) -> bool:
        facts = {
            "instance-id": instance.id,
            "instance-state-name": "running",
            "vpc-id": self._vpc(instance),
            "tag:Name": instance.name,
        }
        unknown = next((name for name in wanted if name not in facts), "")
        if unknown:
            text = f"The filter '{unknown}' is invalid"
            raise Refused("InvalidParameterValue", text, 400)
        return all(facts[name] in values for name, values in wanted.items())

    def _vpc(self, instance: WorldInstance) -> str:
        own = self._vpcs.get((instance.account, instance.region), "")
        return own if instance.private else "vpc-0e15e3e4e00000000"

    def _start(self, call: Call, given: Mapping[str, Any]) -> dict[str, str]:
        caller, region = call.caller, call.signed.region
        target, document = str(given.get("Target", "")), str(given.get("DocumentName", ""))
        arn = f"arn:aws:ec2:{region}:{caller.account}:instance/{target}"
        for resource in (arn, f"arn:aws:ssm:{region}::document/{document}"):
            call.authorise("ssm:StartSession", resource)
        known = {each.id: each for each in _of(region, caller)}
        if target not in known or not known[target].online:
            raise Refused("TargetNotConnected", f"{target} is not connected.", 400)
        if document != _DOCUMENT:
            raise Refused("InvalidDocument", f"Document with name {document} does not exist.", 400)
        parameters = given.get("Parameters", {})
        token, name = secrets.token_urlsafe(48), f"{_name(caller)}-{secrets.token_hex(9)}"
        host, port = parameters["host"][0], int(parameters["portNumber"][0])
        self._sessions[token] = _Session(host, port)
        stream = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}/{name}"
        return {"SessionId": name, "TokenValue": token, "StreamUrl": stream}

    # ── the data channel ─────────────────────────────────────────────────────────────────────

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """A line with a token, a line "OK" or "NO"; then the bytes of the session's host."""
        with client, contextlib.suppress(OSError, ValueError):
            client.settimeout(10)
            session = self._sessions.get(_line(client))
            port = 0
            if session is not None:
                local = session.host in _LOCAL
                port = session.port if local else self._find(session.host, session.port)
            try:
                there = socket.create_connection(("127.0.0.1", port), timeout=10) if port else None
            except OSError:
                there = None
            if there is None:
                client.sendall(b"NO\n")
                return
            client.sendall(b"OK\n")
            client.settimeout(None)
            there.settimeout(None)
            with there:
                threading.Thread(target=_copy, args=(there, client), daemon=True).start()
                _copy(client, there)


def _line(client: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\n"):
        piece = client.recv(1)
        if not piece or len(found) > _LONGEST:
            raise ValueError("no line")
        found += piece
    return found.decode().strip()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _of(region: str, caller: Credential) -> list[WorldInstance]:
    return [each for each in INSTANCES if (each.account, each.region) == (caller.account, region)]


def _online(region: str, caller: Credential) -> list[dict[str, str]]:
    return [
        {"InstanceId": each.id, "PingStatus": "Online", "PlatformType": "Linux"}
        for each in _of(region, caller)
        if each.online
    ]


def _name(caller: Credential) -> str:
    return caller.principal.rpartition("/")[2]


def _filters(form: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, name in form.items():
        if key.startswith("Filter.") and key.endswith(".Name"):
            number = key.split(".")[1]
            mark = f"Filter.{number}.Value."
            found[name] = [value for each, value in form.items() if each.startswith(mark)]
    return found


def _json(body: object) -> Answer:
    return Answer(200, json.dumps(body).encode(), "application/x-amz-json-1.1")
