"""The keys of `aws login`, from the AWS CLI's cache, where botocore can't give them.

Imports botocore at the top: import this module inside the functions that need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from botocore.credentials import CredentialProvider, Credentials, LoginProvider
from botocore.exceptions import LoginTokenLoadError

from rolebrowser.identity import caches
from rolebrowser.identity.cache_names import login_name, parse_time

_OVER = "its keys are over; to refresh them here too: pip install 'botocore[crt]'"


class _Lent(Credentials):
    """Keys that end by themselves and can't be had anew here."""

    def __init__(self, keys: Mapping[str, str], ends: datetime) -> None:
        access, secret, token = (
            keys[name] for name in ("accessKeyId", "secretAccessKey", "sessionToken")
        )
        super().__init__(access, secret, token, method=str(LoginProvider.METHOD))
        self._expiry_time = ends
        """As in botocore's credentials that can be refreshed; `session_job` reads it."""


class CachedLogin(CredentialProvider):
    """`aws login`'s keys while they live, where the library that would refresh them is missing.

    botocore gives nothing at all then (`LoginProvider.load`), though the AWS CLI has just put
    good keys into the cache.
    """

    METHOD = LoginProvider.METHOD

    def __init__(self, login_session: str, cache: caches.FileCache) -> None:
        super().__init__()
        self._login_session = login_session
        self._cache = cache

    def load(self) -> Credentials | None:
        """The cached keys; None for a profile without such a login.

        Raises LoginTokenLoadError: there are none, or they are over.
        """
        if not self._login_session:
            return None
        body = self._cache.get(login_name(self._login_session), {}).get("accessToken")
        ends = parse_time(body.get("expiresAt")) if isinstance(body, dict) else None
        if ends is None:
            raise LoginTokenLoadError(error_msg=f"{self._login_session} was never logged in here.")
        if ends <= datetime.now(UTC):
            raise LoginTokenLoadError(error_msg=_OVER)
        return _Lent(body, ends)
