"""A session as other programs take it: variables, shell lines, credential_process. Pure.

Sources: the AWS CLI's `configure export-credentials` (names and formats), botocore's
`EnvProvider` and `ProcessProvider`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from rolebrowser.identity.model import Session

SHELLS = ("sh", "fish", "powershell", "json")
"""What `shell_lines` can write."""

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
SHADOWING = (
    *_KEYS,
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_BEARER_TOKEN_BEDROCK",
)
"""Variables that name an identity; beside another's keys some AWS tool would prefer them, or mix
the two (boto reads AWS_SECURITY_TOKEN before AWS_SESSION_TOKEN)."""

_CARRIED = {
    "endpoint_url": "AWS_ENDPOINT_URL",
    "ca_bundle": "AWS_CA_BUNDLE",
    "use_fips_endpoint": "AWS_USE_FIPS_ENDPOINT",
    "use_dualstack_endpoint": "AWS_USE_DUALSTACK_ENDPOINT",
}
"""Settings of a profile that a program without the profile would miss."""

_POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


def variables(session: Session, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program needs in its environment to act as the session.

    Args:
        settings: the profile's; of these the endpoint, CA bundle and the like are handed on.
    """
    found = {
        "AWS_ACCESS_KEY_ID": session.access_key,
        "AWS_SECRET_ACCESS_KEY": session.secret_key.reveal(),
    }
    if session.token is not None:
        found["AWS_SESSION_TOKEN"] = session.token.reveal()
    if session.expires_at is not None:
        found["AWS_CREDENTIAL_EXPIRATION"] = _iso(session.expires_at)
    if session.region:
        found |= {"AWS_REGION": session.region, "AWS_DEFAULT_REGION": session.region}
    carried = {
        variable: settings[setting]
        for setting, variable in _CARRIED.items()
        if settings and settings.get(setting)
    }
    return found | carried


def environment(environ: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """`environ` with `given` (of `variables`) and nothing that names another identity.

    A setting of the environment wins over the profile's, as it does in AWS tools.
    """
    kept = {name: value for name, value in environ.items() if name not in SHADOWING}
    settings = {name for name in _CARRIED.values() if kept.get(name)}
    return kept | {name: value for name, value in given.items() if name not in settings}


def shell_lines(given: Mapping[str, str], shell: str) -> str:
    """Lines that make `given` (of `variables`) a shell's environment; for json, one object.

    What would shadow it is unset first.

    Args:
        shell: one of SHELLS.
    """
    if shell == "json":
        return json.dumps(dict(given), indent=2) + "\n"
    unset, assign = _DIALECTS[shell]
    away = [unset(name) for name in SHADOWING if name not in given]
    return "\n".join([*away, *(assign(name, value) for name, value in given.items())]) + "\n"


def process_answer(session: Session) -> str:
    """The JSON a credential_process prints, version 1."""
    body: dict[str, object] = {
        "Version": 1,
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret_key.reveal(),
    }
    if session.token is not None:
        body["SessionToken"] = session.token.reveal()
    if session.expires_at is not None:
        body["Expiration"] = _iso(session.expires_at)
    return json.dumps(body, indent=2) + "\n"


def _iso(when: datetime) -> str:
    # Rounded down: nobody may count on a second that isn't there.
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fish(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _powershell(value: str) -> str:
    # Inside single quotes nothing but a single quote means anything, and it takes five of them.
    return "'" + _POWERSHELL_QUOTES.sub(lambda quote: quote.group() * 2, value) + "'"


_Dialect = tuple[Callable[[str], str], Callable[[str, str], str]]
_DIALECTS: Mapping[str, _Dialect] = {
    "sh": (
        lambda name: f"unset {name}",
        lambda name, value: f"export {name}={shlex.quote(value)}",
    ),
    "fish": (
        lambda name: f"set -e {name}",
        lambda name, value: f"set -gx {name} {_fish(value)}",
    ),
    "powershell": (
        lambda name: f"Remove-Item Env:{name} -ErrorAction SilentlyContinue",
        lambda name, value: f"$Env:{name} = {_powershell(value)}",
    ),
}
