"""Each failure of the reference's table: the right kind, a reason and something to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

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
from rolebrowser.identity.aws_errors import WRONG_CODE, About, translate, translated

DENIED = "User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole on resource: r"


def refusal(code: str, text: str, date: str = "") -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": text},
        "ResponseMetadata": {"HTTPHeaders": {"date": date}},
    }
    return ClientError(response, "AssumeRole")


@pytest.mark.parametrize(
    ("code", "text", "kind", "fix"),
    [
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            SessionExpired,
            "Renew",
        ),
        ("AccessDenied", DENIED, AssumeRoleDenied, "trust policy"),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            MfaRequired,
            "next code",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            AssumeRoleDenied,
            "duration_seconds",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
            AssumeRoleDenied,
            "one hour",
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            CredentialsError,
            "keys",
        ),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated …",
            CredentialsError,
            "keys",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 2026 is now earlier",
            CredentialsError,
            "clock",
        ),
        ("RequestExpired", "Request has expired.", CredentialsError, "clock"),
        ("InvalidSignatureException", "Signature not yet current: …", CredentialsError, "clock"),
        ("Throttling", "Rate exceeded", AwsError, "wait"),
        (
            "AccessDenied",
            "… is not authorized to perform: rds:DescribeDBClusters",
            AwsError,
            "permission",
        ),
        ("InvalidIdentityToken", "Couldn't retrieve verification key", CredentialsError, "token"),
        ("RegionDisabledException", "STS is not activated", AwsError, "another"),
    ],
)
def test_each_refusal_has_its_kind_and_its_advice(
    code: str, text: str, kind: type[RolebrowserError], fix: str
) -> None:
    error = translate(refusal(code, text), About("Assuming r", "p"))
    assert type(error) is kind
    assert fix in error.fix
    assert error.why.startswith(text)
    assert error.code == (WRONG_CODE if kind is MfaRequired else code)


@pytest.mark.parametrize(
    ("ending", "whom"),
    [
        ("with an explicit deny in a service control policy", "organisation"),
        ("because no service control policy allows the sts:AssumeRole action", "organisation"),
        ("because no permissions boundary allows the sts:AssumeRole action", "boundary"),
        ("because no identity-based policy allows the sts:AssumeRole action", "Your own policies"),
        ("because no resource-based policy allows the sts:AssumeRole action", "The other side"),
        ("with an explicit deny in a resource-based policy", "The other side"),
        ("because no session policy allows the sts:AssumeRole action", "sign-in"),
    ],
)
def test_a_denial_says_whose_policy_stood_in_the_way(ending: str, whom: str) -> None:
    error = translate(refusal("AccessDenied", f"{DENIED} {ending}"), About("Assuming r"))
    assert whom in error.fix
    assert isinstance(error, AssumeRoleDenied)


def test_a_length_that_was_asked_for_is_not_blamed_on_the_profile() -> None:
    raised = refusal("ValidationError", "The requested DurationSeconds exceeds the MaxSession …")
    assert "duration_seconds" in translate(raised, About("Assuming r", "p")).fix
    asked = translate(raised, About("Assuming r", "p", duration=43_200))
    assert asked.fix.startswith("Ask for less than 12h")
    assert "duration_seconds" not in asked.fix


def test_what_a_source_profile_lacks_is_not_blamed_on_the_one_that_was_asked_for() -> None:
    about = About("Asking", "top", source="bottom")
    fix = translate(exceptions.NoCredentialsError(), about).fix
    assert fix.startswith("Look at the section of the profile bottom, which the profile top takes")


def test_a_clock_that_is_off_is_told_by_how_much() -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=20), usegmt=True)
    error = translate(refusal("RequestExpired", "Request has expired.", date), About("Asking"))
    assert "1200 s ahead" in error.why or "1201 s ahead" in error.why


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (exceptions.SSOTokenLoadError(error_msg="x"), LoginRequired, "aws sso login"),
        (exceptions.UnauthorizedSSOTokenError(), LoginRequired, "aws sso login"),
        (exceptions.LoginTokenLoadError(error_msg="x"), LoginRequired, "aws login"),
        (exceptions.NoRegionError(), AwsError, "--region"),
        (exceptions.NoCredentialsError(), CredentialsError, "the profile p"),
        (
            exceptions.CredentialRetrievalError(provider="custom-process", error_msg="boo"),
            CredentialsError,
            "the profile p",
        ),
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), AwsError, "AWS_ENDPOINT_URL"),
        (exceptions.ConnectTimeoutError(endpoint_url="http://x"), TimedOut, "AWS_ENDPOINT_URL"),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), TimedOut, "proxy"),
        (exceptions.ProfileNotFound(profile="p"), ProfileError, "the profile p"),
        (exceptions.InvalidConfigError(error_msg="x"), ProfileError, "the profile p"),
        (exceptions.MissingDependencyException(msg="crt"), CredentialsError, "botocore[crt]"),
    ],
)
def test_what_botocore_raises_itself_has_its_kind_too(
    raised: Exception, kind: type[RolebrowserError], words: str
) -> None:
    error = translate(raised, About("Asking", "p"))
    assert type(error) is kind
    assert words in error.fix


def test_a_page_of_html_is_not_shown() -> None:
    page = exceptions.EndpointConnectionError(endpoint_url="https://rds.eu-wst-1.amazonaws.com")
    lost = translate(page, About("Asking", region="eu-wst-1"))
    assert (lost.what, "eu-west-1" in lost.fix) == ("Asking: nobody answers in eu-wst-1.", True)
    assert "eu-west-1" not in translate(page, About("Asking", region="eu-north-1")).fix
    parsed = ResponseParserError("Unable to parse response, invalid XML received:\nb'<html>x'")
    error = translate(parsed, About("Asking"))
    assert error.what == "Asking: what answered was not AWS."
    assert "<" not in str(error)


def test_advice_for_a_shell_can_be_pasted_whatever_the_name() -> None:
    error = translate(exceptions.UnauthorizedSSOTokenError(), About("Asking", "a; rm -rf ~"))
    assert error.fix.endswith("aws sso login --profile 'a; rm -rf ~'")
    assert error.fix.startswith("Log in: rolebrowser login -p 'a; rm -rf ~', or")
    error = translate(exceptions.UnauthorizedSSOTokenError(), About("Asking", "p", "$(x)"))
    assert error.fix.endswith("aws sso login --sso-session '$(x)'")


def test_no_secret_gets_into_an_error() -> None:
    text = "The token aws_session_token=HUSHHUSH of AKIAABCDEFGHIJKLMNOP"
    for raised in (
        refusal("Other", text),
        exceptions.CredentialRetrievalError(provider="custom-process", error_msg=text),
        ValueError(text),
    ):
        found = str(translate(raised, About("Asking")))
        assert "HUSH" not in found
        assert "AKIAABCDEFGHIJKLMNOP" not in found


def test_our_own_errors_and_bugs_pass_through() -> None:
    own = AwsError("x")
    with pytest.raises(AwsError) as caught, translated("Asking"):
        raise own
    assert caught.value is own
    with pytest.raises(ZeroDivisionError), translated("Asking"):
        _ = 1 / 0


def test_around_providers_anything_becomes_a_sentence() -> None:
    with (
        pytest.raises(CredentialsError, match="ValueError: bad time"),
        translated("Asking", everything=True),
    ):
        raise ValueError("bad time")
