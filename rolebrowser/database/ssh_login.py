"""Why ssh was not let in: what it would have needed somebody to type.

Sources: ssh(1) -G, ssh-keygen(1) -y, ssh-add(1) -T; the methods left are in the parentheses of
"Permission denied (publickey,password)" (OpenSSH's sshconnect2.c).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence

from rolebrowser.errors import RouteError
from rolebrowser.frozen import dataclass

_DENIED = re.compile(r"Permission denied \(([\w,.@-]+)\)")
_TYPED = frozenset(("password", "keyboard-interactive"))
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A login that was refused.

    Attributes:
        destination: as ssh takes it.
        host, port: where its forwarding should have led.
    """

    destination: str
    host: str
    port: int


def explain(wanted: Wanted, refused: RouteError) -> RouteError:
    """The error with what could not be typed; unchanged when that wasn't it.

    Asks ssh for its configuration and looks at the keys that names; connects to nothing.
    """
    found = _DENIED.search(refused.why)
    if refused.code != "route-login" or found is None:
        return refused
    left, name = set(found[1].split(",")), wanted.destination
    if left <= _TYPED:
        far = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
        by_hand = f"ssh -N -L 15432:{far}:{wanted.port} {shlex.quote(name)}"
        return RouteError(
            f"ssh {name} wants a password or a code, and nobody can type one here.",
            why=refused.why,
            fix=f"Give it a key: ssh-copy-id {shlex.quote(name)}\nOr hold the tunnel yourself, in "
            f"another terminal: {by_hand}\nand take the route 127.0.0.1:15432.",
            code=refused.code,
        )
    locked = locked_keys(name)
    if not locked:
        return refused
    keys = " ".join(shlex.quote(each) for each in locked)
    one = len(locked) == 1
    return RouteError(
        f"ssh {name} refused the login: {'the key' if one else 'the keys'} {keys} "
        f"{'has a passphrase' if one else 'have passphrases'}, and nobody can type one here.",
        why=refused.why,
        fix=f"Put {'it' if one else 'them'} into the agent once (eval $(ssh-agent) starts one), "
        f"then try again: ssh-add {keys}",
        code=refused.code,
    )


def locked_keys(destination: str) -> list[str]:
    """The keys ssh would take to `destination` that have a passphrase and are in no agent."""
    keys = configured(destination).get("identityfile", ())
    return [key for key in dict.fromkeys(keys) if _locked(os.path.expanduser(key))]


def configured(destination: str) -> dict[str, list[str]]:
    """What ssh's configuration says for `destination`, by keyword in lower case ("hostname").

    Empty when ssh can't say.
    """
    said = _run(["ssh", "-G", "--", destination])
    found: dict[str, list[str]] = {}
    if said is not None and said.returncode == 0:
        for line in said.stdout.splitlines():
            keyword, _, value = line.partition(" ")
            found.setdefault(keyword, []).append(value)
    return found


def _locked(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    opened = _run(["ssh-keygen", "-y", "-P", "", "-f", path])
    if opened is None or opened.returncode == 0 or "passphrase" not in opened.stderr:
        return False
    held = _run(["ssh-add", "-T", f"{path}.pub"])
    return held is None or held.returncode != 0


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
