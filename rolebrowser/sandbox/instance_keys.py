"""EC2 Instance Connect's SendSSHPublicKey: an instance's user takes the key for a minute.

An instance asks for the keys by its sshd's AuthorizedKeysCommand; here they are written as a file
for an sshd's AuthorizedKeysFile, with the time they end (sshd(8), "expiry-time").
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rolebrowser.sandbox.wire import Answer, Call, Refused
from rolebrowser.sandbox.world_network import INSTANCES

_LIFE = timedelta(seconds=60)
_KEY = re.compile(r"(?:ssh-ed25519|ssh-rsa) [A-Za-z0-9+/=]+(?: [^\n]*)?\n?")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9@._-]{0,31}")


class InstanceKeys:
    """Answers the call.

    Args:
        directory: where "INSTANCE.USER" files of keys are kept.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def answer(self, call: Call) -> Answer | None:
        """The answer to that call; None for any other. Raises Refused."""
        if (call.signed.service, call.action) != ("ec2-instance-connect", "SendSSHPublicKey"):
            return None
        given = {str(name): str(value) for name, value in json.loads(call.body or b"{}").items()}
        instance, user = given.get("InstanceId", ""), given.get("InstanceOSUser", "")
        place = f"arn:aws:ec2:{call.signed.region}:{call.caller.account}"
        call.authorise("ec2-instance-connect:SendSSHPublicKey", f"{place}:instance/{instance}")
        wanted = (instance, call.caller.account, call.signed.region)
        if wanted not in {(each.id, each.account, each.region) for each in INSTANCES}:
            text = f"The instance {instance} was not found."
            raise Refused("EC2InstanceNotFoundException", text, 400)
        key = given.get("SSHPublicKey", "")
        if not _USER.fullmatch(user) or not _KEY.fullmatch(key):
            raise Refused("InvalidArgsException", "The user or the key is not valid.", 400)
        ends = datetime.now(UTC) + _LIFE
        self._directory.mkdir(exist_ok=True)
        line = f'expiry-time="{ends:%Y%m%d%H%M%S}Z" {key.strip()}\n'
        (self._directory / f"{instance}.{user}").write_text(line, encoding="utf-8")
        body = {"RequestId": str(uuid.uuid4()), "Success": True}
        return Answer(200, json.dumps(body).encode(), "application/x-amz-json-1.1")
