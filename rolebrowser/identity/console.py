"""A session → a web console one is signed in to, through AWS's federation endpoint.

Source: IAM User Guide, "Enable custom identity broker access to the AWS console".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import AwsError, CredentialsError, ProfileError
from rolebrowser.identity.model import Session
from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE
from rolebrowser.safetext import Secret, redact

_DOMAINS = {
    "aws": ("https://signin.aws.amazon.com", "https://console.aws.amazon.com"),
    "aws-us-gov": (
        "https://signin.amazonaws-us-gov.com",
        "https://console.amazonaws-us-gov.com",
    ),
    "aws-cn": ("https://signin.amazonaws.cn", "https://console.amazonaws.cn"),
}
_ISSUER = "rolebrowser"
_UNPLACED = "Where to sign in to the console is not known."
_IGNORED = "aws_ignore_configured_endpoint_urls"
_LARGEST = 65_536


def partition(region: str) -> str:
    """The part of AWS a region is in: "aws", "aws-us-gov" or "aws-cn". Pure."""
    for prefix, name in (("us-gov-", "aws-us-gov"), ("cn-", "aws-cn")):
        if region.startswith(prefix):
            return name
    return "aws"


def federation_url(
    region: str,
    environ: Mapping[str, str],
    settings: Mapping[str, str] | None = None,
    services: Mapping[str, Any] | None = None,
) -> str:
    """The federation endpoint, honouring overrides as for any AWS service. Pure.

    AWS_ENDPOINT_URL_SIGNIN, AWS_ENDPOINT_URL, `signin` in the profile's services section, its
    endpoint_url, then AWS's own; botocore decides.

    Args:
        settings: the profile's.
        services: the config file's services sections by name, as botocore reads them.

    Raises:
        ProfileError: the profile names a services section that isn't there.
    """
    from botocore.configprovider import ConfiguredEndpointProvider
    from botocore.exceptions import InvalidConfigError

    settings = settings or {}
    ignored = environ.get(_IGNORED.upper()) or settings.get(_IGNORED.removeprefix("aws_"), "")
    base = None
    if ignored.lower() != "true":
        found = ConfiguredEndpointProvider(
            {"services": services or {}}, settings, "signin", dict(environ)
        )
        try:
            base = found.provide()
        except InvalidConfigError as error:
            fix = f"Add [services {settings['services']}] to the config file."
            raise ProfileError(_UNPLACED, why=str(error), fix=fix) from None
    return str(base or _DOMAINS[partition(region)][0]).rstrip("/") + "/federation"


def services_of(profile: str) -> Mapping[str, Any]:
    """The config file's services sections by name, for `federation_url`; reads files."""
    from rolebrowser.identity import wiring

    name = "" if profile == ENVIRONMENT_PROFILE else profile
    found: Mapping[str, Any] = wiring.open_session(name).full_config.get("services", {})
    return found


def destination(service: str, region: str) -> str:
    """The console page of a service ("rds", "iam"; empty = its home). Pure."""
    base = _DOMAINS[partition(region)][1]
    path = f"/{quote(service, safe='')}/home" if service else "/console/home"
    return base + path + (f"?region={quote(region, safe='')}" if region else "")


def sign_in_url(
    session: Session,
    *,
    endpoint: str,
    service: str = "",
    region: str = "",
    cancel: Cancel | None = None,
    seconds: float = 15.0,
) -> Secret:
    """A link that signs a browser in as the session; whoever has it is signed in. Lives 15 min.

    Args:
        endpoint: `federation_url`'s answer.
        region: of the page; empty = the session's.

    Raises:
        CredentialsError: long-term keys, which the console doesn't take, or keys it refused.
        AwsError, TimedOut, Cancelled.
    """
    if session.token is None:
        raise CredentialsError(
            f"The profile {session.profile} has long-term keys; the console takes sessions only.",
            fix="Choose a role: -p PROFILE --role ARN, or a profile with role_arn or SSO.",
        )
    what = "Asking AWS for a console sign-in"
    page = destination(service, region or session.region)

    def work() -> Secret:
        found = _sign_in_token(session, endpoint)
        query = {"Action": "login", "Issuer": _ISSUER, "Destination": page, "SigninToken": found}
        return Secret(f"{endpoint}?{urlencode(query)}")

    return bounded(
        work, cancel=cancel or Cancel(), limit=seconds, what=what, fix="Can the network reach it?"
    )


def _sign_in_token(session: Session, endpoint: str) -> str:
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError, HTTPClientError
    from botocore.httpsession import URLLib3Session

    token = session.token.reveal() if session.token is not None else ""
    keys = {
        "sessionId": session.access_key,
        "sessionKey": session.secret_key.reveal(),
        "sessionToken": token,
    }
    query = {"Action": "getSigninToken", "Session": json.dumps(keys, separators=(",", ":"))}
    request = AWSRequest("GET", f"{endpoint}?{urlencode(query)}").prepare()
    try:
        answer = URLLib3Session(**_network(session, endpoint)).send(request)
    except (BotoCoreError, HTTPClientError) as error:
        # Its words quote the address asked, and that holds the keys.
        why = str(error).replace(request.url, endpoint).partition("?")[0]
        raise AwsError(
            "The console's sign-in can't be reached.",
            why=why,
            fix="Check the network, the proxy, and AWS_ENDPOINT_URL if it is set.",
            code=type(error).__name__,
        ) from None
    body = answer.content[:_LARGEST]
    if answer.status_code != 200:
        raise _refusal(answer.status_code, body.decode("utf-8", "replace"), endpoint)
    try:
        found = json.loads(body)["SigninToken"]
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str):
        raise AwsError(
            "The federation endpoint gave no sign-in token.",
            fix=f"Is {endpoint} AWS's federation endpoint?",
        )
    return found


def _network(session: Session, endpoint: str) -> dict[str, Any]:
    """Proxies, CA file and limits as for the profile's AWS calls."""
    from botocore.utils import get_environ_proxies

    from rolebrowser.identity import wiring
    from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE

    name = "" if session.profile == ENVIRONMENT_PROFILE else session.profile
    opened = wiring.open_session(name, session.region)
    return {
        "verify": opened.get_config_variable("ca_bundle") or True,
        "proxies": get_environ_proxies(endpoint),
        "timeout": (wiring.CONNECT_TIMEOUT, wiring.READ_TIMEOUT),
    }


def _refusal(status: int, text: str, endpoint: str) -> AwsError | CredentialsError:
    said = redact(" ".join(text.split())[:300])
    if status in (400, 401, 403):
        return CredentialsError(
            "The console doesn't take this session.",
            why=said or f"HTTP {status}",
            fix="It may have ended (renew it), or come from GetSessionToken, which the console "
            "never takes: choose a role.",
            code=str(status),
        )
    fix = f"Is {endpoint} AWS's federation endpoint?"
    return AwsError("The console sign-in failed.", why=f"HTTP {status} {said}", fix=fix)
