"""The AWS CLI's own cache files: reading their ends, and writing them as the CLI does.

Sharing them is what makes a session started here good in the CLI and the other way round.
Bodies: `botocore.utils.JSONFileCache`, `botocore.credentials.SSOCredentialFetcher`.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from rolebrowser import config as configuration
from rolebrowser import private_file
from rolebrowser.cancel import Limit
from rolebrowser.errors import ConfigError, CredentialsError
from rolebrowser.identity.cache_names import OURS, Login, Portal, Snapshot, parse_time
from rolebrowser.identity.vault import KEYRING, KeyringFailed, Vault, beside

T = TypeVar("T", datetime, Portal, Login)
Body = dict[str, Any]

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S%Z"
"""How the CLI writes times in role sessions."""
_LARGEST = 262_144
"""Bytes; a cache file beyond this is not one."""
_REFRESH_FIELDS = ("refreshToken", "clientId", "clientSecret")
_JUST_NOW = 1.0
"""Seconds for which what was found in a file holds, should it be half-written by then."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def cli_cache(aws_dir: Path) -> Path:
    """Where role sessions and SSO role credentials are."""
    return aws_dir / "cli" / "cache"


def sso_cache(aws_dir: Path) -> Path:
    """Where portal tokens are."""
    return aws_dir / "sso" / "cache"


def login_cache(aws_dir: Path, environ: Mapping[str, str]) -> Path:
    """Where `aws login` keeps its tokens."""
    named = environ.get("AWS_LOGIN_CACHE_DIRECTORY")
    return Path(named).expanduser() if named else aws_dir / "login" / "cache"


def read(
    aws_dir: Path,
    environ: Mapping[str, str],
    previous: Snapshot | None = None,
    *,
    store: str = "files",
) -> Snapshot:
    """What the caches hold now; never raises, never writes.

    Truncated, unreadable, half-written and alien files are passed over.

    Args:
        previous: an earlier answer; files that haven't changed since are not read again.
        store: `session_store`; what was left in the keyring by an earlier setting is of no use.
    """
    before = previous or Snapshot()
    stamps: dict[str, tuple[int, int]] = {}

    def both(
        directory: Path, meaning: Callable[[Body], T | None], known: Mapping[str, T]
    ) -> dict[str, T]:
        found = _read(directory, meaning, known, before.stamps, stamps)
        if store == KEYRING:
            kept = _read(beside(directory), meaning, known, before.stamps, stamps)
            # `FileCache` takes the one that lives longest: the CLI's own may be the newer.
            found |= {key: max(kept[key], found.get(key, kept[key]), key=_end) for key in kept}
        return found

    return Snapshot(
        both(cli_cache(aws_dir), _role, before.roles),
        both(sso_cache(aws_dir), _portal, before.portals),
        both(login_cache(aws_dir, environ), _login, before.logins),
        stamps,
    )


def _read(
    directory: Path,
    meaning: Callable[[Body], T | None],
    before: Mapping[str, T],
    old_stamps: Mapping[str, tuple[int, int]],
    stamps: dict[str, tuple[int, int]],
) -> dict[str, T]:
    found: dict[str, T] = {}
    for entry in _entries(directory):
        name = entry.name.removesuffix(".json")
        with contextlib.suppress(OSError, ValueError, RecursionError):
            status = entry.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if old_stamps.get(entry.path) == stamp:
                value = before.get(name)
            else:
                body = _body(Path(entry.path)) if status.st_size <= _LARGEST else None
                value = meaning(body) if body is not None else None
            stamps[entry.path] = stamp
            if value is not None:
                found[name] = value
    return found


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            # A pipe or a device of that name would block the reader for good.
            if entry.name.endswith(".json") and entry.is_file():
                yield entry


def _body(path: Path) -> Body | None:
    """A file's JSON object, or None for another value. Raises OSError, ValueError."""
    body = json.loads(path.read_bytes())
    return body if isinstance(body, dict) else None


def _end(found: datetime | Portal | Login) -> datetime:
    return found if isinstance(found, datetime) else found.expires_at


def _role(body: Body) -> datetime | None:
    return parse_time(_inside(body, "Credentials").get("Expiration"))


def _portal(body: Body) -> Portal | None:
    # Client registrations lie in the same directory: an expiresAt but no accessToken.
    ends = parse_time(body.get("expiresAt"))
    if ends is None or not body.get("accessToken"):
        return None
    refreshable = all(body.get(key) for key in _REFRESH_FIELDS)
    return Portal(ends, parse_time(body.get("registrationExpiresAt")) if refreshable else None)


def _login(body: Body) -> Login | None:
    ends = parse_time(_inside(body, "accessToken").get("expiresAt"))
    refreshable = bool(body.get("refreshToken")) and refreshes_logins()
    return None if ends is None else Login(ends, refreshable)


def refreshes_logins() -> bool:
    """Whether the keys of `aws login` can be had anew here: botocore needs awscrt for it."""
    from importlib.util import find_spec

    return find_spec("awscrt") is not None


def _inside(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def opened(
    directory: Path, time_format: str = TIME_FORMAT, limit: Limit | None = None
) -> FileCache:
    """The cache of a directory, in files or in the keyring as config.toml has it.

    Args:
        limit: of the step; it stands still while the keyring waits for a person.

    Raises:
        ConfigError: a keyring is wanted, and the package isn't installed.
    """
    wanted = configuration.load().session_store == KEYRING
    return FileCache(directory, time_format, Vault(directory, limit) if wanted else None)


def to_be_emptied(directory: Path) -> FileCache:
    """The cache of a directory with what an earlier `session_store` left in the keyring.

    Raises as `opened`.
    """
    if configuration.load().session_store != KEYRING and any(_entries(beside(directory))):
        # Without the package nobody gets at them here, and their ends aren't shown.
        with contextlib.suppress(ConfigError):
            return FileCache(directory, vault=Vault(directory))
    return opened(directory)


class FileCache(MutableMapping[str, Any]):
    """A directory of JSON files for botocore's resolver and for us.

    Written as the CLI does (same names, same bodies), atomically, 0600 in a directory 0700. An
    entry is never replaced by one that ends sooner. A directory that can't be written costs a
    sentence in `problems`, not the session: the entry is then held in memory.

    Args:
        time_format: how datetimes in bodies are written (strftime).
        vault: where entries are written instead of files.
    """

    def __init__(
        self, directory: Path, time_format: str = TIME_FORMAT, vault: Vault | None = None
    ) -> None:
        self.directory = directory
        self.problems: list[str] = []
        self._time_format = time_format
        self._vault = vault
        self._held: dict[str, Body] = {}
        self._hidden: set[str] = set()
        self._found: dict[str, tuple[float, Body]] = {}
        self._aliases: dict[str, tuple[str, Body]] = {}

    def alias(self, key: str, name: str, beside: Body) -> None:
        """Keep what is asked for as `key` under `name`, with `beside` written into its body."""
        self._aliases[key] = (name, beside)

    def open(self, key: str) -> None:
        """Have a keyring opened that will be needed for `key`, before work is done for it.

        Raises KeyringFailed.
        """
        if self._vault is not None:
            self._vault.open(key)

    def hide(self, key: str) -> None:
        """Act as if the entry weren't there until another is set, which then replaces it.

        For a renewal: the old session stays on disk in case no new one is to be had.
        """
        self._hidden.add(key)

    @property
    def in_files(self) -> bool:
        """Whether entries are written to files, not to the keyring."""
        return self._vault is None

    def path(self, key: str) -> Path:
        """The file of an entry, whether or not it is there."""
        return self.directory / f"{key}.json"

    def holds(self, key: str) -> bool:
        """Whether there is anything under that name, whole or not.

        Raises OSError where that can't be found out.
        """
        # Path.exists is False for a file in a directory that can't be looked into from Python 3.12.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self.path(key).stat(follow_symlinks=False)
            return True
        return self._vault is not None and self._vault.holds(key)

    def __contains__(self, key: object) -> bool:
        # botocore goes on to use what it finds: a torn file must not count as found, and one that
        # another process tears before it is read once more is as it was found.
        self._found.clear()
        try:
            self._found[str(key)] = time.monotonic(), self[str(key)]
        except KeyError:
            return False
        return True

    def __getitem__(self, key: str) -> Body:
        """Raises KeyError for what isn't there or isn't a whole entry."""
        asked, (key, _) = key, self._aliases.get(key, (key, {}))
        if key in self._hidden:
            raise KeyError(asked)
        if key in self._held:
            return self._held[key]
        bodies = (body for body in self._kept(key) if _complete(body))
        latest = max(bodies, key=_ends, default=None)
        if latest is not None:
            return latest
        found_at, found = self._found.get(asked, (0.0, None))
        if found is None or time.monotonic() - found_at > _JUST_NOW:
            raise KeyError(asked)
        return found

    def _kept(self, key: str) -> Iterator[Body]:
        """What the keyring and the file hold under a name, as far as they can be read."""
        if self._vault is not None:
            try:
                body = self._vault.read(key)
            except KeyringFailed as error:
                self._shut(error)
            else:
                if body is not None:
                    yield body
        with contextlib.suppress(OSError, ValueError, RecursionError):
            path = self.path(key)
            body = _body(path) if path.is_file() else None
            if body is not None:
                yield body

    def __setitem__(self, key: str, value: Body) -> None:
        key, beside = self._aliases.get(key, (key, {}))
        text = json.dumps({**value, **beside}, default=self._plain)
        body = json.loads(text)
        there = self.get(key)
        if there is not None and _ends(there) > _ends(body):
            return
        self._hidden.discard(key)
        try:
            if self._vault is not None:
                self._vault.write(key, text)
            else:
                private_file.replace(self.path(key), text)
            self._held.pop(key, None)
        except KeyringFailed as error:
            self._shut(error)
            self._held[key] = body
        except OSError as error:
            reason = error.strerror or error
            self.problems.append(f"The session is not kept: {self.directory}: {reason}.")
            self._held[key] = body

    def __delitem__(self, key: str) -> None:
        """Forgets an entry; one that isn't there is no error. Raises OSError when it stays."""
        self._found.clear()
        self._held.pop(key, None)
        try:
            if self._vault is not None:
                self._vault.remove(key)
        finally:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                self.path(key).unlink()

    def forget(self, keys: Iterable[str]) -> int:
        """Remove the entries of these names; how many there were.

        Raises:
            CredentialsError: one stays; whatever could be removed is gone all the same.
        """
        gone = 0
        stayed: OSError | None = None
        for key in keys:
            try:
                there = self.holds(key)
                del self[key]
            except OSError as error:
                stayed = error
            else:
                gone += there
        if isinstance(stayed, KeyringFailed):
            raise CredentialsError(
                "What the keyring holds can't be removed: it may still be used.",
                why=f"{stayed.what}.",
                fix=stayed.fix,
            )
        if stayed is not None:
            raise CredentialsError(
                f"What is kept in {self.directory} can't be removed: it may still be used.",
                why=str(stayed.strerror or stayed),
                fix="Make the directory yours, and try again: it should be 0700.",
            )
        return gone

    def __iter__(self) -> Iterator[str]:
        names = {entry.name.removesuffix(".json") for entry in _entries(self.directory)}
        kept = set(self._vault.names()) if self._vault is not None else set()
        return iter(sorted(names | kept | set(self._held)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def ours(self) -> tuple[str, ...]:
        """Names of the entries no AWS tool but us could have written."""
        return tuple(key for key in self if key.startswith(OURS))

    def _shut(self, error: KeyringFailed) -> None:
        """Say once that the keyring is of no use, whatever of it was wanted."""
        said = f"{error.what}: sessions are neither kept nor found again. {error.fix}"
        if said not in self.problems:
            self.problems.append(said)

    def _plain(self, value: object) -> str:
        return value.strftime(self._time_format) if isinstance(value, datetime) else str(value)


def _complete(body: Body) -> bool:
    """False for a role entry botocore would stumble over."""
    if "Credentials" not in body:
        return True
    inside = _inside(body, "Credentials")
    keys = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return all(isinstance(inside.get(key), str) for key in keys) and _role(body) is not None


def _ends(body: Mapping[str, Any]) -> datetime:
    inside = _inside(body, "Credentials").get("Expiration")
    return parse_time(inside or body.get("expiresAt")) or _NEVER
