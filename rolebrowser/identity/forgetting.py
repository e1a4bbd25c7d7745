"""Every session and SSO login that is kept, gone."""

from __future__ import annotations

from pathlib import Path

from rolebrowser.errors import CredentialsError
from rolebrowser.identity import credentials, sso
from rolebrowser.identity.profiles import Profiles


def forget_all(*, profiles: Profiles, aws_dir: Path) -> tuple[int, int]:
    """Remove all of them from the caches; how many sessions and how many logins there were.

    Raises:
        CredentialsError: some stay; whatever could be removed is gone all the same.
    """
    counts: list[int] = []
    stayed: CredentialsError | None = None
    for forget in (credentials.forget_all, sso.forget_all):
        try:
            counts.append(forget(profiles=profiles, aws_dir=aws_dir))
        except CredentialsError as error:
            stayed = stayed or error
    if stayed is not None:
        raise stayed
    sessions, logins = counts
    return sessions, logins
