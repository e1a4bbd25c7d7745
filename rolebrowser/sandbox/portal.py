"""The sandbox's SSO portal, for who has a terminal and no browser: a waiting login, decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from rolebrowser.errors import SandboxError

Decision = Literal["approve", "deny"]


def is_ours(address: str, environ: Mapping[str, str]) -> bool:
    """Whether a login's address leads to the sandbox these variables point at."""
    base = environ.get("AWS_ENDPOINT_URL", "")
    return bool(environ.get("SANDBOX_DIRECTORY") and base) and address.startswith(f"{base}/device")


def decide(address: str, decision: Decision) -> None:
    """Do what the page's buttons do.

    Args:
        address: as the login shows it, the code in it.

    Raises:
        SandboxError: it is no sandbox's address, or no such login waits there.
    """
    parts = urlsplit(address)
    (code, *_) = (*parse_qs(parts.query).get("user_code", ()), "")
    if parts.scheme != "http" or parts.hostname != "127.0.0.1" or not code:
        raise SandboxError(
            "That is no address of the demo's portal.",
            fix="Give it as the login shows it: http://127.0.0.1:PORT/device?user_code=CODE",
        )
    form = urlencode({"user_code": code, "decision": decision}).encode()
    request = Request(f"http://{parts.netloc}/device", data=form)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=10):
            pass
    except HTTPError:
        fix = "It was decided already, or its time is over: log in anew."
        raise SandboxError(f"No login with the code {code} waits.", fix=fix) from None
    except OSError as error:
        why = str(getattr(error, "reason", error))
        raise SandboxError("The demo's portal doesn't answer.", why=why) from None
