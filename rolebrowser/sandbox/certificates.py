"""The sandbox's own certificate authority: certificates for the endpoints' real names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Pair:
    """PEM files of a certificate and its key, in one file as OpenSSL reads them."""

    file: Path


class Authority:
    """A CA in a directory; `bundle` is what clients trust.

    Args:
        directory: where PEM files go; must exist.
        name: the CA's common name.
        file: what its own certificate's file is called.
    """

    def __init__(
        self,
        directory: Path,
        name: str = "Amazon RDS sandbox Root CA ECC384 G1",
        file: str = "ca-bundle.pem",
    ) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP384R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        public = self._key.public_key()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + 30 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(_usage(ca=True), critical=True)
            .sign(self._key, hashes.SHA384())
        )
        self.bundle = directory / file
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, file: str, hosts: Sequence[str], *, expired: bool = False) -> Pair:
        """A server certificate for `hosts`, the first as its common name."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._sign(file, hosts, key, self._name, self._key, expired=expired)

    def self_signed(self, file: str, hosts: Sequence[str]) -> Pair:
        """A certificate nobody vouches for: a middlebox's."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Corporate Proxy")])
        return self._sign(file, hosts, key, name, key, expired=False)

    def _sign(
        self,
        file: str,
        hosts: Sequence[str],
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        expired: bool,
    ) -> Pair:
        now = dt.datetime.now(dt.UTC)
        ends = now - dt.timedelta(days=2) if expired else now + _YEAR
        # A common name holds 64 characters at most (RFC 5280); the names that count are the SANs.
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
        issuer_public = issuer_key.public_key()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - 2 * _YEAR)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
            )
            .add_extension(_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False
            )
            .sign(issuer_key, hashes.SHA256())
        )
        path = self._directory / file
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return Pair(path)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
