"""An identity provider that signs SAML assertions, and what STS checks in one.

Real signatures: XML Signature with ECDSA over Canonical XML 2.0, which Python's own library
writes. Sources: IAM User Guide, "Configure SAML assertions for the authentication response"; STS
API Reference, AssumeRoleWithSAML; W3C "XML Signature Syntax and Processing 1.1".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from xml.etree import ElementTree as Xml
from xml.sax.saxutils import escape, quoteattr

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from rolebrowser.frozen import dataclass
from rolebrowser.sandbox.wire import Refused
from rolebrowser.sandbox.world import SAML_AUDIENCE as AUDIENCE

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_GOOD_FOR = timedelta(minutes=5)
_NAME = "https://aws.amazon.com/SAML/Attributes/"
_IN = {
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "d": "http://www.w3.org/2000/09/xmldsig#",
}
_C14N = "http://www.w3.org/2010/xml-c14n2"
_ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_HALF = 32
"""Bytes of each of the two numbers of a P-256 signature."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a signed assertion says of a person.

    Attributes:
        roles: pairs of a role's and a provider's ARN that the person may choose from.
        session_name: becomes the session's.
    """

    issuer: str
    subject: str
    subject_type: str
    audience: str
    roles: frozenset[tuple[str, str]]
    session_name: str

    @property
    def keys(self) -> dict[str, str]:
        """Context keys. Source: IAM User Guide, "Available keys for SAML-based federation"."""
        return {
            "saml:iss": self.issuer,
            "saml:sub": self.subject,
            "saml:sub_type": self.subject_type.rpartition(":")[2],
            "saml:aud": self.audience,
        }


class Provider:
    """A SAML identity provider that IAM knows under an ARN."""

    def __init__(self, arn: str, issuer: str) -> None:
        self.arn = arn
        self.issuer = issuer
        self._key = ec.generate_private_key(ec.SECP256R1())

    def assertion(
        self,
        person: str,
        roles: Sequence[str],
        now: datetime,
        *,
        audience: str = AUDIENCE,
    ) -> str:
        """A response with one signed assertion, in base64 as a browser would post it."""
        name = f"_{secrets.token_hex(16)}"
        root = Xml.fromstring(self._text(name, person, roles, now, audience))
        assertion = _only(root, "a:Assertion")
        signed = _signed_info(name, _digest(assertion))
        r, s = decode_dss_signature(self._key.sign(_plain(signed), ec.ECDSA(hashes.SHA256())))
        value = base64.b64encode(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")).decode()
        signature = Xml.fromstring(f'<Signature xmlns="{_IN["d"]}"/>')
        signature.append(signed)
        Xml.SubElement(signature, f"{{{_IN['d']}}}SignatureValue").text = value
        assertion.insert(1, signature)
        return base64.b64encode(Xml.tostring(root)).decode()

    def _text(
        self, name: str, person: str, roles: Sequence[str], now: datetime, audience: str
    ) -> str:
        until = _iso(now + _GOOD_FOR)
        said = "".join(
            f"<AttributeValue>{escape(f'{r},{self.arn}')}</AttributeValue>" for r in roles
        )
        return (
            f'<p:Response xmlns:p="{_IN["p"]}" xmlns="{_IN["a"]}">'
            f'<Assertion ID="{name}" Version="2.0" IssueInstant="{_iso(now)}">'
            f"<Issuer>{escape(self.issuer)}</Issuer>"
            f'<Subject><NameID Format="{PERSISTENT}">{escape(person)}</NameID>'
            '<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{AUDIENCE}"/>'
            "</SubjectConfirmation></Subject>"
            f'<Conditions NotOnOrAfter="{until}"><AudienceRestriction>'
            f"<Audience>{escape(audience)}</Audience></AudienceRestriction></Conditions>"
            "<AttributeStatement>"
            f"<Attribute Name={quoteattr(_NAME + 'Role')}>{said}</Attribute>"
            f"<Attribute Name={quoteattr(_NAME + 'RoleSessionName')}>"
            f"<AttributeValue>{escape(person)}</AttributeValue></Attribute>"
            "</AttributeStatement></Assertion></p:Response>"
        )

    def read(self, text: str, now: datetime) -> Assertion:
        """What an assertion says, once its signature and its time have been checked.

        Raises Refused, with STS's codes.
        """
        try:
            posted = base64.b64decode(text, validate=True)
            # Entities are how XML is made to grow: no assertion has a use for any.
            root = None if b"<!" in posted else Xml.fromstring(posted)
        except (binascii.Error, ValueError, Xml.ParseError):
            root = None
        if root is None:
            _refuse("The response is not base64-encoded XML.")
        assertion = _only(root, "a:Assertion")
        self._check_signature(assertion)
        if _said(assertion, "a:Issuer") != self.issuer:
            _refuse("Issuer not present in specified provider")
        confirmed = _only(assertion, "a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData")
        if confirmed.get("Recipient") != AUDIENCE:
            _refuse("The recipient of the response is not AWS.")
        for limit in (confirmed, _only(assertion, "a:Conditions")):
            if now >= _moment(limit.get("NotOnOrAfter", "")):
                raise Refused("ExpiredTokenException", "Response has expired", 400)
        (name,) = _attribute(assertion, "RoleSessionName") or ("",)
        pairs = (each.partition(",") for each in _attribute(assertion, "Role"))
        person = _only(assertion, "a:Subject/a:NameID")
        return Assertion(
            self.issuer,
            person.text or "",
            person.get("Format", ""),
            _said(assertion, "a:Conditions/a:AudienceRestriction/a:Audience"),
            frozenset((role.strip(), provider.strip()) for role, _, provider in pairs),
            name,
        )

    def _check_signature(self, assertion: Xml.Element) -> None:
        signature = _only(assertion, "d:Signature")
        signed = _only(signature, "d:SignedInfo")
        expected = _signed_info(assertion.get("ID", ""), _digest(assertion))
        if _plain(signed) != _plain(expected):
            _refuse("Response signature invalid: it is of something else.")
        try:
            value = base64.b64decode(_said(signature, "d:SignatureValue"), validate=True)
            halves = (int.from_bytes(each, "big") for each in (value[:_HALF], value[_HALF:]))
            self._key.public_key().verify(
                encode_dss_signature(*halves), _plain(signed), ec.ECDSA(hashes.SHA256())
            )
        except (binascii.Error, ValueError, InvalidSignature):
            _refuse("Response signature invalid")


def _signed_info(name: str, digest: str) -> Xml.Element:
    return Xml.fromstring(
        f'<SignedInfo xmlns="{_IN["d"]}"><CanonicalizationMethod Algorithm="{_C14N}"/>'
        f'<SignatureMethod Algorithm="{_ECDSA}"/><Reference URI={quoteattr(f"#{name}")}>'
        f'<Transforms><Transform Algorithm="{_ENVELOPED}"/><Transform Algorithm="{_C14N}"/>'
        f'</Transforms><DigestMethod Algorithm="{_SHA256}"/><DigestValue>{digest}</DigestValue>'
        "</Reference></SignedInfo>"
    )


def _plain(element: Xml.Element) -> bytes:
    """In canonical form, whatever its prefixes are called."""
    return Xml.canonicalize(Xml.tostring(element, "unicode"), rewrite_prefixes=True).encode()


def _digest(assertion: Xml.Element) -> str:
    """Of the assertion without its signature."""
    bare = Xml.fromstring(Xml.tostring(assertion))
    for signature in bare.findall("d:Signature", _IN):
        bare.remove(signature)
    return base64.b64encode(hashlib.sha256(_plain(bare)).digest()).decode()


def _only(element: Xml.Element, path: str) -> Xml.Element:
    """The one element of a path: with two, the one that is signed need not be the one that is
    read."""
    found = element.findall(path, _IN)
    if len(found) != 1:
        _refuse(f"The response has {len(found)} of {path.replace('a:', '').replace('d:', '')}.")
    return found[0]


def _said(element: Xml.Element, path: str) -> str:
    return (_only(element, path).text or "").strip()


def _attribute(assertion: Xml.Element, name: str) -> list[str]:
    return [
        (value.text or "").strip()
        for each in assertion.findall("a:AttributeStatement/a:Attribute", _IN)
        if each.get("Name") == _NAME + name
        for value in each.findall("a:AttributeValue", _IN)
    ]


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        _refuse("The response has a time that can't be read.")


def _refuse(why: str) -> NoReturn:
    raise Refused("InvalidIdentityToken", why, 400)
