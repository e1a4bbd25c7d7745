"""The accounts and roles an SSO login opens, as its portal lists them, kept on disk with their age.

The portal is authoritative: a role it lists can be had. It allows about 20 calls a second in all,
so few workers ask, and botocore's adaptive mode waits when it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import LoginRequired, RolebrowserError
from rolebrowser.fanout import fan_out
from rolebrowser.frozen import dataclass
from rolebrowser.identity.account_names import FILE
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.sso import Door, access_token
from rolebrowser.kept import Kept

WORKERS = 4
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a login.

    Attributes:
        roles: names of permission sets, sorted.
        problem: why its roles could not be listed; empty when they were.
    """

    id: str
    name: str
    email: str
    roles: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a login opens, as of a time (aware UTC)."""

    accounts: tuple[Account, ...]
    at: datetime


Progress = Callable[[Account, int, int], None]
"""Called with an account whose roles have come, how many have, and how many there are."""


def discover(
    door: Door,
    aws_dir: Path,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    progress: Progress = lambda account, done, total: None,
) -> Accounts:
    """Ask the portal for every account and its roles.

    An account whose roles can't be listed costs those only, and says so.

    Args:
        seconds: for each call.
        progress: called from this thread, account by account as they come.

    Raises:
        LoginRequired: nobody is logged in, or the login is over.
        AwsError: the accounts can't be listed. TimedOut, Cancelled.
    """
    portal = _Portal(door, aws_dir, cancel, seconds)
    listed = {each.id: each for each in portal.accounts()}
    jobs = {each: lambda account=each: portal.roles(account) for each in listed}
    found: list[Account] = []
    for number, outcome in fan_out(jobs, workers=WORKERS, cancel=cancel):
        account = listed[number]
        if isinstance(outcome, RolebrowserError):
            account = replace(account, problem=outcome.what)
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            account = replace(account, roles=outcome)
        found.append(account)
        progress(account, len(found), len(listed))
    ordered = tuple(sorted(found, key=lambda each: (each.name, each.id)))
    return Accounts(ordered, datetime.now(UTC))


class _Portal:
    def __init__(self, door: Door, aws_dir: Path, cancel: Cancel | None, seconds: float) -> None:
        from botocore import UNSIGNED
        from botocore.config import Config

        from rolebrowser.identity import wiring

        self._door = door
        self._cancel = cancel
        self._seconds = seconds
        self._token = access_token(door, aws_dir)
        if not self._token:
            raise LoginRequired(
                f"Nobody is logged in to {door.label}.",
                fix=f"rolebrowser login -p {door.profile}",
            )
        patient = Config(
            signature_version=UNSIGNED, retries={"mode": "adaptive", "max_attempts": _ATTEMPTS}
        )
        session = wiring.open_session(door.profile, door.region)
        self._client: Any = session.create_client("sso", config=patient)

    def accounts(self) -> Iterator[Account]:
        pages = self._pages("Listing the accounts of the SSO login", "list_accounts", "accountList")
        for item in pages:
            yield Account(
                item["accountId"], item.get("accountName", ""), item.get("emailAddress", "")
            )

    def roles(self, account: str) -> tuple[str, ...]:
        what = f"Listing the roles of account {account}"
        pages = self._pages(what, "list_account_roles", "roleList", accountId=account)
        return tuple(sorted(item["roleName"] for item in pages))

    def _pages(self, what: str, call: str, key: str, **wanted: str) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        while True:

            def ask(more: dict[str, str] = more) -> Mapping[str, Any]:
                with translated(what, profile=self._door.profile, sso_session=self._door.name):
                    method = getattr(self._client, call)
                    return method(accessToken=self._token, maxResults=100, **wanted, **more)

            answer = bounded(ask, cancel=self._cancel, limit=self._seconds, what=what)
            yield from answer.get(key, ())
            if not answer.get("nextToken"):
                return
            more = {"nextToken": answer["nextToken"]}


class KnownAccounts:
    """What logins opened when they were last asked."""

    def __init__(self, cache_dir: Path) -> None:
        self._kept = Kept(cache_dir / FILE)

    def recall(self, door: Door) -> Accounts | None:
        """What a login opened; None when it was never asked."""
        found = self._kept.recall(door.key)
        if found is None:
            return None
        try:
            accounts = tuple(
                Account(**{**each, "roles": tuple(map(str, each["roles"]))}) for each in found.body
            )
        except (KeyError, TypeError, ValueError):
            return None
        return Accounts(accounts, found.at)

    def keep(self, door: Door, found: Accounts) -> None:
        """Keep it, in place of what was there."""
        self._kept.keep(door.key, [asdict(each) for each in found.accounts], found.at)
