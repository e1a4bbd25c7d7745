"""database/truststore.py: certificates made here, fetched over a real HTTPS server."""

from __future__ import annotations

import http.server
import os
import ssl
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rolebrowser.config import Config, Timeouts
from rolebrowser.database import truststore
from rolebrowser.database.model import DatabaseKind, partition
from rolebrowser.errors import TlsError

AMAZON = "Amazon Web Services, Inc."
DAY = 86_400


@dataclass
class Authority:
    """A CA of our own."""

    common_name: str = "Amazon RDS eu-west-1 Root CA ECC384 G1"
    organization: str = AMAZON
    days: int = 3650
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def name(self) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organization),
                x509.NameAttribute(NameOID.COMMON_NAME, self.common_name),
            ]
        )

    def sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> bytes:
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=20 * 365))
            .not_valid_after(now + timedelta(days=self.days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(names, critical=False)
        )
        made = builder.sign(self.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM)

    def pem(self) -> str:
        return self.sign(self.name, self.key, ca=True).decode()

    def server_files(self, folder: Path) -> Path:
        """Certificate and key for localhost, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = folder / "server.pem"
        path.write_bytes(self.sign(subject, key, ca=False) + private)
        return path


@dataclass
class Publisher:
    """An HTTPS server that publishes a bundle."""

    url: str
    body: bytes
    asked: int = 0


@pytest.fixture(scope="module")
def web() -> Authority:
    return Authority("Some web CA", "Web")


@pytest.fixture
def publisher(web: Authority, tmp_path: Path) -> Iterator[Publisher]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(web.server_files(tmp_path))
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    served = Publisher(f"https://localhost:{server.server_port}/bundle.pem", b"")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def config(
    tmp_path: Path, web: Authority, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> Config:
    """AWS's address is the publisher's, whose CA the web's clients know."""
    web_ca = tmp_path / "web.pem"
    web_ca.write_text(web.pem())
    monkeypatch.setenv("AWS_CA_BUNDLE", str(web_ca))
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setitem(truststore.BUNDLES, "aws", publisher.url)
    return Config(cache_dir=tmp_path / "cache", timeouts=Timeouts(connect=5))


def trust(config: Config) -> truststore.Trust:
    return truststore.trust(config, "eu-west-1", DatabaseKind.CLUSTER)


def test_the_bundle_is_fetched_once_and_kept_private(config: Config, publisher: Publisher) -> None:
    publisher.body = (Authority().pem() + Authority("Amazon RDS us-east-1 Root CA").pem()).encode()
    first, second = trust(config), trust(config)
    assert (first.roots, first.source) == (2, "RDS bundle (fetched)")
    assert (second.roots, second.source) == (2, "RDS bundle (cached)")
    assert publisher.asked == 1
    assert stat.S_IMODE(first.ca_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.ca_file.parent.stat().st_mode) == 0o700
    assert [each.name for each in first.ca_file.parent.iterdir()] == [first.ca_file.name]


def test_the_context_checks_chain_and_host_name(config: Config, publisher: Publisher) -> None:
    publisher.body = Authority().pem().encode()
    context = trust(config).context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_configured_bundle_is_used_and_nothing_fetched(
    config: Config, publisher: Publisher, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    own.write_text(Authority("Our CA", "Us").pem())
    found = truststore.trust(
        Config(ca_bundle=str(own), cache_dir=config.cache_dir), "eu-west-1", DatabaseKind.PROXY
    )
    assert (found.ca_file, found.roots) == (own, 1)
    assert publisher.asked == 0


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_a_configured_bundle_that_is_no_use_names_the_key(
    content: str | None, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    if content is not None:
        own.write_text(content)
    with pytest.raises(TlsError, match=r"own\.pem") as caught:
        truststore.trust(Config(ca_bundle=str(own)), "eu-west-1", DatabaseKind.CLUSTER)
    assert "ca_bundle" in caught.value.fix


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html>Please log in to the hotel's network</html>", "not usable"),
        ("", "not usable"),
        (Authority("A middlebox", "Middlebox Ltd").pem(), "Middlebox Ltd"),
        (Authority(days=-10).pem(), "expired"),
    ],
)
def test_what_is_not_rdss_bundle_is_not_kept(
    body: str, reason: str, config: Config, publisher: Publisher
) -> None:
    publisher.body = body.encode()
    with pytest.raises(TlsError, match=reason):
        trust(config)
    assert not config.cache_dir.exists() or not list(config.cache_dir.iterdir())


def test_a_certificate_signed_by_somebody_else_is_no_root(web: Authority, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = Authority().name
    signed_by_the_web = web.sign(name, key, ca=True).decode()
    with pytest.raises(TlsError, match="no RDS root"):
        truststore.check_bundle(signed_by_the_web, time.time())


def test_an_unverified_publisher_is_not_believed(
    config: Config, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.body = Authority().pem().encode()
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(TlsError, match="could not be fetched") as caught:
        trust(config)
    assert "certificate verify failed" in caught.value.why
    assert "ca_bundle in config.toml" in caught.value.fix


def test_an_old_bundle_is_fetched_again(config: Config, publisher: Publisher) -> None:
    publisher.body = Authority().pem().encode()
    path = trust(config).ca_file
    long_ago = time.time() - (truststore.REFRESH_DAYS + 1) * DAY
    os.utime(path, (long_ago, long_ago))
    publisher.body = (Authority().pem() + Authority("Amazon RDS mars-1 Root CA").pem()).encode()
    assert trust(config).roots == 2
    assert publisher.asked == 2


def test_an_old_bundle_stays_in_use_when_it_cannot_be_fetched_and_is_not_asked_for_each_time(
    config: Config, publisher: Publisher
) -> None:
    publisher.body = Authority().pem().encode()
    path = trust(config).ca_file
    long_ago = time.time() - (truststore.REFRESH_DAYS + 1) * DAY
    os.utime(path, (long_ago, long_ago))
    publisher.body = b"nonsense"
    assert "could not be refreshed" in trust(config).source
    assert trust(config).source == "RDS bundle (cached)"
    assert publisher.asked == 2


def test_a_damaged_bundle_in_the_cache_is_replaced(config: Config, publisher: Publisher) -> None:
    publisher.body = Authority().pem().encode()
    trust(config).ca_file.write_text("half a cert")
    assert trust(config).roots == 1
    assert publisher.asked == 2


def test_a_proxy_is_trusted_by_the_systems_certificates(
    config: Config, publisher: Publisher
) -> None:
    found = truststore.trust(config, "eu-west-1", DatabaseKind.PROXY)
    assert found.roots > 50
    assert publisher.asked == 0


@pytest.mark.parametrize(
    ("region", "expected"),
    [("eu-west-1", "aws"), ("us-gov-east-1", "aws-us-gov"), ("cn-northwest-1", "aws-cn")],
)
def test_the_partition_follows_from_the_region(region: str, expected: str) -> None:
    assert partition(region) == expected
    assert truststore.BUNDLES[expected].startswith("https://")
