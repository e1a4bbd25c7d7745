"""Credentials of a machine: EC2's instance metadata (version 2) and a container's endpoint.

Nothing of the world uses them unless the environment says so:
`AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC

from rolebrowser.sandbox.sts import Sts
from rolebrowser.sandbox.wire import Answer, Refused, Request
from rolebrowser.sandbox.world import MACHINE_ROLE

_ROLES = "/latest/meta-data/iam/security-credentials/"
_NAME = MACHINE_ROLE.rsplit("/", 1)[-1]
CONTAINER = "/container/credentials"
CONTAINER_TOKEN = "sandbox-container-token"
"""What a container must send as Authorization."""


class Metadata:
    """The machine the sandbox's person may say they are on."""

    def __init__(self, service: Sts) -> None:
        self._sts = service
        self._token = secrets.token_urlsafe(24)

    def takes(self, request: Request) -> bool:
        """Whether a request is for it."""
        return request.path.startswith("/latest/") or request.path == CONTAINER

    def respond(self, request: Request) -> Answer:
        """The answer. Raises Refused."""
        if request.path == CONTAINER:
            if request.headers.get("authorization") != CONTAINER_TOKEN:
                raise Refused("Unauthorized", "Missing or wrong token", 401)
            return self._credentials("i-container")
        if request.path == "/latest/api/token":
            return Answer(200, self._token.encode(), "text/plain")
        if request.headers.get("x-aws-ec2-metadata-token") != self._token:
            raise Refused("Unauthorized", "Unauthorized", 401)
        if request.path == _ROLES:
            return Answer(200, _NAME.encode(), "text/plain")
        if request.path == _ROLES + _NAME:
            return self._credentials("i-0123456789abcdef0")
        raise Refused("NotFound", "Not Found", 404)

    def _credentials(self, session: str) -> Answer:
        made = self._sts.service_session(MACHINE_ROLE, session, 6 * 3600)
        ends = made.expires_at.astimezone(UTC) if made.expires_at is not None else None
        body = {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "RoleArn": MACHINE_ROLE,
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret_key,
            "Token": made.token,
            "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends is not None else "",
        }
        return Answer(200, json.dumps(body).encode(), "application/json")
