"""Which certificates to trust for a database: verify-full, always.

RDS's certificates are signed by Amazon's own RDS roots, which no system store holds. The bundle is
AWS's published one (RDS User Guide, "Using SSL/TLS to encrypt a connection"), fetched once per
partition over verified HTTPS, checked, and kept in the cache directory. RDS Proxy has certificates
of Amazon Trust Services, which every system store holds.
"""

from __future__ import annotations

import os
import ssl
import time
from dataclasses import replace
from pathlib import Path

from rolebrowser import private_file
from rolebrowser.cancel import Cancel, bounded
from rolebrowser.config import SYSTEM, Config
from rolebrowser.database.model import DatabaseKind, partition
from rolebrowser.errors import TimedOut, TlsError
from rolebrowser.frozen import dataclass

BUNDLES = {
    "aws": "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
    "aws-us-gov": "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/global/global-bundle.pem",
    "aws-cn": "https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/global/global-bundle.pem",
}
"""AWS's published addresses, by partition."""

REFRESH_DAYS = 90
"""A bundle older than this is fetched again, so that new regions' roots arrive; it stays in use
when that fails."""

_LARGEST = 4 * 1024 * 1024
_OWNER = "Amazon Web Services, Inc."
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Trust:
    """What is trusted, and why.

    Attributes:
        ca_file: a PEM file, for libpq.
        context: verifies the chain and the host name; TLS 1.2 or later.
        source: a phrase for the person: "ca_bundle in config.toml", "RDS bundle (fetched)" …
    """

    ca_file: Path
    context: ssl.SSLContext
    source: str
    roots: int

    def __str__(self) -> str:
        return f"{self.source}, {self.roots} root{'s' if self.roots != 1 else ''}"


def trust(
    config: Config,
    region: str,
    kind: DatabaseKind,
    *,
    cancel: Cancel | None = None,
) -> Trust:
    """What to trust for a database of this kind in this region; may fetch the bundle.

    Raises:
        TlsError: the configured file can't be used, or there is no bundle and none can be had.
        TimedOut, Cancelled: while fetching.
    """
    own, key = config.ca_bundle, "ca_bundle"
    if kind is DatabaseKind.PROXY and config.proxy_ca_bundle:
        own, key = config.proxy_ca_bundle, "proxy_ca_bundle"
    if own and own != SYSTEM:
        return _trusted(Path(own), f"{key} in config.toml")
    if kind is DatabaseKind.PROXY:
        return _trusted(_system_store(), "the system's certificates (RDS Proxy)")
    return _rds_bundle(config, partition(region), cancel)


def context(ca_file: Path) -> ssl.SSLContext:
    """A client context that trusts `ca_file` alone and checks the host name. Raises TlsError."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_verify_locations(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise TlsError(
            f"The certificates in {ca_file} can't be used.",
            why=error.strerror or str(error),
            fix="Point ca_bundle in config.toml at a PEM file of CA certificates, or remove it.",
        ) from None
    return made


def check_bundle(pem: str, now: float) -> int:
    """How many roots a fetched bundle holds that are valid at `now` (seconds since the epoch).

    Raises:
        TlsError: it doesn't parse, holds something else than Amazon's self-signed RDS roots, or
            they are all expired.
    """
    probe = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        probe.load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError) as error:
        raise _unusable(str(error)) from None
    roots = probe.get_ca_certs()
    for root in roots:
        subject = _names(root.get("subject"))
        if subject != _names(root.get("issuer")) or subject.get("organizationName") != _OWNER:
            raise _unusable(f"It holds a certificate that is no RDS root: {subject}.")
    valid = sum(ssl.cert_time_to_seconds(str(root.get("notAfter"))) > now for root in roots)
    if not valid:
        raise _unusable("All its certificates have expired." if roots else "It is empty.")
    return valid


def _unusable(why: str) -> TlsError:
    return TlsError("RDS's certificate bundle is not usable.", why=why, fix=_FIX)


_FIX = (
    'Download the bundle elsewhere (RDS User Guide, "Using SSL/TLS to encrypt a connection") and '
    "set ca_bundle in config.toml to its path."
)


def _names(sequence: object) -> dict[str, str]:
    names = sequence if isinstance(sequence, tuple) else ()
    return {str(key): str(value) for relative in names for key, value in relative}


def _trusted(path: Path, source: str) -> Trust:
    made = context(path)
    return Trust(path, made, source, roots=made.cert_store_stats()["x509_ca"])


def _system_store() -> Path:
    """The system's CA file; botocore's copy of Mozilla's where the system has none."""
    system = ssl.get_default_verify_paths().cafile
    if system and Path(system).is_file():
        return Path(system)
    from botocore.httpsession import get_cert_path

    return Path(str(get_cert_path(True)))


def _rds_bundle(config: Config, part: str, cancel: Cancel | None) -> Trust:
    path = config.cache_dir / f"rds-bundle-{part}.pem"
    kept = _kept(path)
    if kept and time.time() - path.stat().st_mtime < REFRESH_DAYS * _DAY:
        return kept
    try:
        fetch_into(path, BUNDLES[part], config.timeouts.connect, cancel)
    except (TlsError, TimedOut):
        if not kept:
            raise
        # Tried again tomorrow, not at each connect: the network may be closed for good.
        _age(path, REFRESH_DAYS - 1)
        return replace(kept, source="RDS bundle (cached; could not be refreshed)")
    return _trusted(path, "RDS bundle (fetched)")


def _kept(path: Path) -> Trust | None:
    try:
        found = _trusted(path, "RDS bundle (cached)")
    except TlsError:
        return None
    return found if found.roots else None


def _age(path: Path, days: float) -> None:
    moment = time.time() - days * _DAY
    os.utime(path, (moment, moment))


def fetch_into(path: Path, url: str, seconds: float, cancel: Cancel | None = None) -> None:
    """Fetch a bundle, check it, and store it at `path` (0600, atomically).

    Raises:
        TlsError: it can't be fetched or isn't what it should be; `path` is as it was.
        TimedOut, Cancelled.
    """
    try:
        pem = bounded(
            lambda: _download(url, seconds),
            cancel=cancel,
            limit=seconds,
            what="Fetching RDS's certificate bundle",
            fix=_FIX,
        )
        check_bundle(pem, time.time())
        private_file.replace(path, pem)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise TlsError(
            f"RDS's certificate bundle could not be fetched from {url}.", why=str(reason), fix=_FIX
        ) from None


def _download(url: str, seconds: float) -> str:
    from urllib.request import HTTPSHandler, build_opener

    with build_opener(HTTPSHandler(context=_https())).open(url, timeout=seconds) as answer:
        if not answer.geturl().startswith("https://"):
            raise ValueError(f"redirected away from HTTPS, to {answer.geturl()}")
        return answer.read(_LARGEST).decode("ascii")


def _https() -> ssl.SSLContext:
    """The web's certificates: the system's, and the file AWS's own tools are pointed at."""
    made = ssl.create_default_context()
    extra = os.environ.get("AWS_CA_BUNDLE", "")
    made.load_verify_locations(cafile=extra or str(_system_store()))
    return made
