"""A stand-in for AWS's session-manager-plugin, for the sandbox alone: speaks its command line.

    session-manager-plugin RESPONSE REGION StartSession PROFILE PARAMETERS ENDPOINT
    session-manager-plugin --version

RESPONSE is JSON, or the name of an environment variable that holds it. Texts and arguments as in
aws/session-manager-plugin (session.go, muxportforwarding.go); the bytes go to the sandbox's data
channel instead of AWS's. Runs by itself and imports nothing of rolebrowser.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from types import FrameType
from urllib.parse import urlsplit

VERSION = "1.2.764.0"
_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
_SEVEN = 7


def main(arguments: list[str]) -> int:
    """The plugin's main; returns its exit code, always 0 as the plugin's."""
    if arguments[1:] == ["--version"]:
        _say(VERSION)
        return 0
    if len(arguments) != _SEVEN or arguments[3] != "StartSession":
        _say("Invalid Operation")
        return 0
    text = arguments[1]
    if text.startswith(_VARIABLE):
        text = os.environ.pop(text, "")
    try:
        response = json.loads(text)
        stream, token = urlsplit(response["StreamUrl"]), response["TokenValue"]
        parameters = json.loads(arguments[5])["Parameters"]
    except (KeyError, ValueError) as error:
        _say(f"Cannot perform start session: {error}")
        return 0
    name = response["SessionId"]
    _say(f"\nStarting session with SessionId: {name}")
    local = int(parameters.get("localPortNumber", ["0"])[0])
    try:
        here = os.environ.get("SSM_PLUGIN_LOCAL_HOST", "localhost")
        listener = socket.create_server((here, local))
    except OSError as error:
        _say(f"Cannot perform start session: listen tcp: bind: {error.strerror}")
        return 0

    def told(number: int, frame: FrameType | None) -> None:
        _say("Terminate signal received, exiting.")
        _say(f"\n\nExiting session with sessionId: {name}.\n")
        os._exit(0)

    signal.signal(signal.SIGINT, told)
    _say(f"Port {listener.getsockname()[1]} opened for sessionId {name}.")
    _say("Waiting for connections...")
    channel = (stream.hostname or "", stream.port or 0)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_carry, args=(client, channel, token), daemon=True).start()


def _carry(client: socket.socket, channel: tuple[str, int], token: str) -> None:
    with client, contextlib.suppress(OSError), socket.create_connection(channel) as there:
        there.sendall(f"{token}\n".encode())
        if there.recv(3) != b"OK\n":
            _say("\nConnection to destination port failed, check SSM Agent logs.")
            return
        threading.Thread(target=_copy, args=(there, client), daemon=True).start()
        _copy(client, there)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
