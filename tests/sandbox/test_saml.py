"""AssumeRoleWithSAML: a signed assertion, and everything that makes one worthless."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from rolebrowser.sandbox.saml import Provider
from rolebrowser.sandbox.wire import Refused
from rolebrowser.sandbox.world import SAML_AUDIENCE

CORP = "arn:aws:iam::222222222222:saml-provider/Corp"
ROLE = "arn:aws:iam::222222222222:role/CorporateAdmin"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def provider() -> Provider:
    return Provider(CORP, "https://idp.example.com")


def test_what_was_signed_is_read_back(provider: Provider) -> None:
    said = provider.read(provider.assertion("zoë <z@example.com>", [ROLE], NOW), NOW)
    assert (said.session_name, said.roles) == ("zoë <z@example.com>", {(ROLE, CORP)})
    assert said.keys == {
        "saml:iss": "https://idp.example.com",
        "saml:sub": "zoë <z@example.com>",
        "saml:sub_type": "persistent",
        "saml:aud": SAML_AUDIENCE,
    }


def _changed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        assert old in text
        return text.replace(old, new)

    return change


def _wrapped(text: bytes) -> bytes:
    """A second assertion beside the one that is signed."""
    start, end = text.index(b"<ns1:Assertion"), text.index(b"</ns0:Response>")
    other = text[start:end].replace(b"alice", b"mallory")
    return text[:start] + other + text[start:]


def _unsigned(text: bytes) -> bytes:
    start = (
        text.index(b"<ns2:Signature ") if b"<ns2:Signature " in text else text.index(b"<ns2:Sig")
    )
    end = text.index(b"</ns2:Signature>") + len(b"</ns2:Signature>")
    return text[:start] + text[end:]


@pytest.mark.parametrize(
    "change",
    [
        _changed(b"role/CorporateAdmin", b"role/OrganizationBoss"),
        _changed(b">alice<", b">mallory<"),
        _changed(b"2026-11-30T12:05:00Z", b"2027-11-30T12:05:00Z"),
        _changed(b"<ns1:Assertion ", b"<ns1:Assertion Added='x' "),
        _changed(b"xml-c14n2", b"xml-c14n1"),
        _changed(b"<ns0:Response", b"<!DOCTYPE x [<!ENTITY y 'z'>]><ns0:Response"),
        _wrapped,
        _unsigned,
        lambda text: b"no xml",
    ],
)
def test_what_was_changed_since_is_refused(
    provider: Provider, change: Callable[[bytes], bytes]
) -> None:
    signed = base64.b64decode(provider.assertion("alice", [ROLE], NOW))
    with pytest.raises(Refused) as refused:
        provider.read(base64.b64encode(change(signed)).decode(), NOW)
    assert refused.value.code == "InvalidIdentityToken"


def test_another_providers_signature_is_worth_nothing(provider: Provider) -> None:
    forged = Provider(CORP, "https://idp.example.com").assertion("alice", [ROLE], NOW)
    with pytest.raises(Refused, match="signature invalid"):
        provider.read(forged, NOW)


def test_an_assertion_lives_five_minutes(provider: Provider) -> None:
    signed = provider.assertion("alice", [ROLE], NOW)
    provider.read(signed, NOW + timedelta(minutes=4, seconds=59))
    with pytest.raises(Refused) as refused:
        provider.read(signed, NOW + timedelta(minutes=5))
    assert refused.value.code == "ExpiredTokenException"
