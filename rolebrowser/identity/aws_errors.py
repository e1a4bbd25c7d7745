"""botocore's exceptions → our errors: what happened, why, what to do next.

Texts and causes: shared/reference/rds-iam-auth.md, "Why it fails", rows 1 to 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rolebrowser.errors import (
    AssumeRoleDenied,
    AwsError,
    CredentialsError,
    LoginRequired,
    MfaRequired,
    ProfileError,
    RolebrowserError,
    SessionExpired,
)
from rolebrowser.safetext import redact

WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code"

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnauthorizedException"}
_BAD_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthFailure",
}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


@contextmanager
def translated(doing: str, *, profile: str = "") -> Iterator[None]:
    """Turn what botocore raises inside the block into our errors.

    Args:
        doing: what was being done, as the start of a sentence: "Assuming the role …".
        profile: its name, for the advice.
    """
    try:
        yield
    except RolebrowserError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith(("botocore", "boto3", "urllib3")):
            raise
        raise translate(error, doing, profile=profile) from None


def translate(error: Exception, doing: str, *, profile: str = "") -> RolebrowserError:
    """Our error for one of botocore's; unknown ones keep botocore's words."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        fault = response.get("Error", {})
        code, text = str(fault.get("Code", "")), redact(str(fault.get("Message", error)))
        return _refusal(code, text, doing, profile)
    return _failure(error, redact(str(error)), doing, profile)


def _refusal(code: str, text: str, doing: str, profile: str) -> RolebrowserError:
    what = f"{doing} was refused by AWS."
    if "Signature expired" in text or "not yet current" in text:
        fix = "Set this machine's clock (NTP): AWS takes requests at most 5 minutes off."
        return CredentialsError(what, why=text, fix=fix, code=code)
    if code in _EXPIRED:
        what = f"The AWS session{f' of {profile}' if profile else ''} has expired."
        return SessionExpired(what, why=text, fix="Renew it (R), or log in again.", code=code)
    if WRONG_CODE in text:
        fix = "Wait for the next code; each works once."
        return MfaRequired("The MFA code was not accepted.", why=text, fix=fix, code=code)
    if code in _BAD_KEY:
        fix = "Check the keys of the profile: they are mistyped, disabled or deleted."
        return CredentialsError(what, why=text, fix=fix, code=code)
    if code in _THROTTLED:
        fix = "AWS is called too often from this account; wait a little and try again."
        return AwsError(what, why=text, fix=fix, code=code)
    if code in _DENIED and "sts:AssumeRole" in text:
        fix = (
            "Both sides must agree: the role's trust policy must name the caller, and from "
            "another account the caller's own policies must allow sts:AssumeRole on it."
        )
        return AssumeRoleDenied(what, why=text, fix=fix, code=code)
    if "DurationSeconds exceeds" in text or "1 hour session limit" in text:
        fix = "Set a smaller duration_seconds; a role assumed from a role has one hour at most."
        return AssumeRoleDenied(what, why=text, fix=fix, code=code)
    fix = "Ask for the permission the message names." if code in _DENIED else ""
    return AwsError(what, why=text, fix=fix, code=code)


def _failure(error: Exception, text: str, doing: str, profile: str) -> RolebrowserError:
    name = type(error).__name__
    if name in ("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError"):
        what = f"The SSO login of {profile or 'this profile'} is over or was never made."
        fix = f"Log in: aws sso login{f' --profile {profile}' if profile else ''}"
        return LoginRequired(what, why=text, fix=fix, code=name)
    if name in ("NoRegionError", "InvalidRegionError"):
        fix = "Set region in the profile, or AWS_DEFAULT_REGION, or give --region."
        return AwsError(f"{doing} needs a region, and none is set.", why=text, fix=fix, code=name)
    if name in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        what = f"No credentials came out of the profile {profile or '(default)'}."
        return CredentialsError(what, why=text, fix="See rolebrowser profiles.", code=name)
    if name in ("ProfileNotFound", "InvalidConfigError", "InfiniteLoopConfigError") or (
        "Config" in name
    ):
        return ProfileError(f"The profile {profile} can't be used.", why=text, code=name)
    if name in (
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyConnectionError",
        "ConnectionClosedError",
        "SSLError",
    ):
        fix = "Check the network, the proxy, and AWS_ENDPOINT_URL if it is set."
        return AwsError(f"{doing}: AWS can't be reached.", why=text, fix=fix, code=name)
    return AwsError(f"{doing} failed.", why=text, code=name)
