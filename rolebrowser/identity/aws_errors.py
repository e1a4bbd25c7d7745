"""botocore's exceptions → our errors: what happened, why, what to do next.

Texts and causes: shared/reference/rds-iam-auth.md, "Why it fails", rows 1 to 12.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from rolebrowser.errors import (
    AssumeRoleDenied,
    AwsError,
    CredentialsError,
    LoginRequired,
    MfaRequired,
    ProfileError,
    RolebrowserError,
    SessionExpired,
    TimedOut,
)
from rolebrowser.frozen import dataclass
from rolebrowser.identity.durations import words
from rolebrowser.safetext import redact

WRONG_CODE = "WrongMfaCode"
"""`code` of the MfaRequired for a code AWS refused; AWS itself says AccessDenied."""

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})
UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"})
_BAD_KEY = UNKNOWN_KEY | {"SignatureDoesNotMatch", "InvalidAccessKeyId"}
CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
    }
)
DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ForbiddenException"}
)
CLOCK_TEXTS = ("Signature expired", "Signature not yet current", "not yet current")
_NO_REGION = "scoped to a valid region"
_WRONG_CODE_TEXT = "MultiFactorAuthentication failed"

# What AWS adds to a denial says which policy stood in the way, and so whom to ask.
_ORGANISATION = "The organisation doesn't allow it; ask who runs the organisation's policies."
_BOUNDARY = "Your permissions boundary doesn't allow it; ask who set the boundary."
_AT_SIGN_IN = (
    "The policy passed at sign-in doesn't allow it; start the session without that policy."
)
_YOURS = "Your own policies don't allow it; ask for the permission the message names."
_OTHERS = "The other side's policy doesn't allow it to you; ask who owns the role or resource."
_WHO_DENIED = (
    ("service control policy", _ORGANISATION),
    ("resource control policy", _ORGANISATION),
    ("permissions boundary", _BOUNDARY),
    ("session policy", _AT_SIGN_IN),
    ("identity-based policy", _YOURS),
    ("resource-based policy", _OTHERS),
)

_NO_LOGIN = frozenset(
    {
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "TokenRetrievalError",
        "SSOError",
        "PendingAuthorizationExpiredError",
    }
)
_NO_AWS_LOGIN = frozenset(
    {"LoginTokenLoadError", "LoginRefreshTokenExpired", "LoginRefreshRequired", "LoginError"}
)
_NETWORK = frozenset(
    {
        "EndpointConnectionError",
        "ConnectionError",
        "HTTPClientError",
        "ProxyConnectionError",
        "ConnectionClosedError",
        "SSLError",
    }
)
_SLOW = frozenset({"ConnectTimeoutError", "ReadTimeoutError"})


@dataclass(frozen=True, slots=True)
class About:
    """What was being done, and for whom: see `translated`."""

    doing: str
    profile: str = ""
    sso_session: str = ""
    source: str = ""
    duration: int = 0
    region: str = ""

    @property
    def named(self) -> str:
        return f"the profile {self.profile}" if self.profile else "the default profile"

    @property
    def flag(self) -> str:
        # The advice is there to be pasted into a shell.
        return f" --profile {shlex.quote(self.profile)}" if self.profile else ""

    @property
    def option(self) -> str:
        return f" -p {shlex.quote(self.profile)}" if self.profile else ""


@contextmanager
def translated(
    doing: str,
    *,
    profile: str = "",
    sso_session: str = "",
    source: str = "",
    duration: int = 0,
    region: str = "",
    everything: bool = False,
) -> Iterator[None]:
    """Turn what botocore raises inside the block into our errors.

    Args:
        doing: what was being done, as the start of a sentence: "Assuming the role …".
        profile: its name, for the advice.
        sso_session: the sso-session to log in to, where there is one.
        source: the profile at the end of its chain, which holds the credentials.
        duration: seconds that were asked for this time; 0 = as configured.
        region: where it was done, if anybody may have mistyped it.
        everything: other exceptions too. botocore's providers let through what a bad time, an
            unreadable token file or a setting of the wrong shape raises.
    """
    try:
        yield
    except RolebrowserError:
        raise
    except Exception as error:
        if not everything and not _theirs(error):
            raise
        about = About(doing, profile, sso_session, source, duration, region)
        raise translate(error, about) from None


def translate(error: Exception, about: About) -> RolebrowserError:
    """Our error for one of botocore's; unknown ones keep botocore's words.

    What isn't botocore's becomes a CredentialsError that names the exception.
    """
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        fault = response.get("Error", {})
        code, text = str(fault.get("Code", "")), redact(str(fault.get("Message", error)))
        return _refusal(code, text, about, response)
    text = redact(str(error))
    if isinstance(error, OSError) and error.filename and not _theirs(error):
        what = f"{about.doing} needs the file {redact(str(error.filename))}."
        return CredentialsError(what, why=str(error.strerror), fix=_look(about))
    if not _theirs(error):
        why = f"{type(error).__name__}: {text}"
        return CredentialsError(f"{about.doing} failed.", why=why, fix=_look(about))
    return _failure(type(error).__name__, text, about)


def _theirs(error: Exception) -> bool:
    return type(error).__module__.startswith(("botocore", "boto3", "urllib3"))


def _refusal(code: str, text: str, about: About, response: Mapping[str, Any]) -> RolebrowserError:
    what = f"{about.doing} was refused by AWS."
    if code in CLOCK or any(words in text for words in CLOCK_TEXTS):
        why = " ".join(part for part in (text, _skew(response)) if part)
        fix = "Set this machine's clock (NTP): AWS takes requests at most 5 minutes off."
        return CredentialsError("This machine's clock is off.", why=why, fix=fix, code=code)
    if code in EXPIRED:
        what = f"The AWS session of {about.named} has expired."
        fix = _written_advice(about) or "Renew it, or log in again."
        return SessionExpired(what, why=text, fix=fix, code=code)
    if _NO_REGION in text:
        return _no_region(about, text, code)
    if _WRONG_CODE_TEXT in text:
        fix = "Wait for the next code; each works once."
        return MfaRequired("The MFA code was not accepted.", why=text, fix=fix, code=WRONG_CODE)
    if code in _BAD_KEY:
        fix = (
            f"Check the keys behind {about.named}: mistyped, disabled, deleted, or of another "
            "AWS_ENDPOINT_URL. A cached session of that kind: renew it."
        )
        return CredentialsError(what, why=text, fix=fix, code=code)
    if code in THROTTLED or "Rate exceeded" in text:
        fix = "AWS is called too often from this account; wait a little and try again."
        return AwsError(what, why=text, fix=fix, code=code)
    if code in DENIED:
        return _denial(what, text, code)
    return _other_refusal(what, text, code, about.duration)


def _denial(what: str, text: str, code: str) -> RolebrowserError:
    fix = next((advice for words, advice in _WHO_DENIED if words in text), "")
    if "sts:AssumeRole" in text or "sts:TagSession" in text:
        fix = fix or (
            "Both sides must agree: the role's trust policy must name the caller and its "
            "conditions (MFA, ExternalId) must hold; from another account the caller's own "
            "policies must allow sts:AssumeRole on it too."
        )
        return AssumeRoleDenied(what, why=text, fix=fix, code=code)
    return AwsError(what, why=text, fix=fix or "Ask for the permission it names.", code=code)


def _other_refusal(what: str, text: str, code: str, duration: int) -> RolebrowserError:
    if "DurationSeconds exceeds" in text or "1 hour session limit" in text:
        shorter = (
            f"Ask for less than {words(duration)}" if duration else "Set a smaller duration_seconds"
        )
        fix = f"{shorter}; a role assumed from a role has one hour at most."
        return AssumeRoleDenied(what, why=text, fix=fix, code=code)
    if code in ("InvalidIdentityToken", "IDPCommunicationError", "IDPRejectedClaim"):
        fix = "Get a new web identity token, and check the identity provider in IAM."
        return CredentialsError(what, why=text, fix=fix, code=code)
    if code == "RegionDisabledException":
        fix = "STS is switched off in that region: use another, or have it activated in IAM."
        return AwsError(what, why=text, fix=fix, code=code)
    return AwsError(what, why=text, code=code)


def clock_off(response: Mapping[str, Any]) -> float | None:
    """Seconds by which this machine's clock is ahead of AWS's, by an answer's Date header.

    Args:
        response: botocore's parsed answer or error; None comes of one that tells no time.
    """
    from email.utils import parsedate_to_datetime

    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        theirs = parsedate_to_datetime(str(headers.get("date", "")))
    except ValueError:
        return None
    # RFC 9110, 5.6.7: always UTC, though a zone of -0000 makes Python unsure.
    return (datetime.now(UTC) - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()


def _skew(response: Mapping[str, Any]) -> str:
    off = clock_off(response)
    if off is None or abs(off) < 2:
        return ""
    theirs = datetime.now(UTC) - timedelta(seconds=off)
    which = "ahead" if off > 0 else "behind"
    return f"By AWS it is {theirs:%H:%M:%S} UTC: this clock is {abs(round(off))} s {which}."


def _failure(name: str, text: str, about: About) -> RolebrowserError:
    if name in _NO_LOGIN:
        what = f"The SSO login of {about.named} is over or was never made."
        flag = (
            f" --sso-session {shlex.quote(about.sso_session)}" if about.sso_session else about.flag
        )
        fix = f"Log in: rolebrowser login{about.option}, or aws sso login{flag}"
        return LoginRequired(what, why=text, fix=fix, code=name)
    if name in _NO_AWS_LOGIN:
        what = f"The AWS login of {about.named} is over or was never made."
        return LoginRequired(what, why=text, fix=f"Log in: aws login{about.flag}", code=name)
    if name in ("NoRegionError", "InvalidRegionError"):
        fix = "Set region in the profile, or AWS_DEFAULT_REGION, or give --region."
        return AwsError(f"{about.doing} needs a region.", why=text, fix=fix, code=name)
    if name in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        what = f"{about.named.capitalize()} gives no credentials."
        return CredentialsError(what, why=text, fix=_look(about), code=name)
    if name == "MissingDependencyException":
        fix = "Install it: pip install 'botocore[crt]'"
        return CredentialsError(f"{about.doing} needs a library.", why=text, fix=fix, code=name)
    if name in _SLOW | _NETWORK or name == "ResponseParserError":
        return _unreached(name, text, about)
    if "Config" in name or "Profile" in name or name == "ParamValidationError":
        what = f"{about.named.capitalize()} can't be used."
        return ProfileError(what, why=text, fix=_look(about), code=name)
    return AwsError(f"{about.doing} failed.", why=text, code=name)


def _unreached(name: str, text: str, about: About) -> RolebrowserError:
    fix = "Check the network, the proxy, and AWS_ENDPOINT_URL if it is set."
    if name in _SLOW:
        return TimedOut(f"{about.doing}: AWS didn't answer in time.", why=text, fix=fix, code=name)
    if name == "ResponseParserError":
        # The page of a proxy or a portal; its HTML would help nobody.
        why = text.partition("b'")[0].strip()
        fix = "A proxy or the network's login page may be in between; check AWS_ENDPOINT_URL too."
        what = f"{about.doing}: what answered was not AWS."
        return AwsError(what, why=why, fix=fix, code=name)
    if _region_advice(about):
        return _no_region(about, text, name)
    return AwsError(f"{about.doing}: AWS can't be reached.", why=text, fix=fix, code=name)


def _no_region(about: About, text: str, code: str) -> AwsError:
    where = f"in {about.region}" if about.region else "in that region"
    fix = _region_advice(about) or "Check the region: the profile's, AWS_REGION or --region."
    return AwsError(f"{about.doing}: nobody answers {where}.", why=text, fix=fix, code=code)


def _region_advice(about: About) -> str:
    from rolebrowser.identity import regions

    return regions.advice(about.region)


def _written_advice(about: About) -> str:
    from rolebrowser.identity import written

    return written.advice(about.profile)


def _look(about: About) -> str:
    if about.source and about.source != about.profile:
        from_it = f"which {about.named} takes its credentials from"
        return f"Look at the section of the profile {about.source}, {from_it}, in the AWS config."
    return f"Look at the section of {about.named} in the AWS config."
