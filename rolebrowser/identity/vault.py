"""Sessions in the operating system's keyring instead of files: `session_store = "keyring"`.

Needs the package keyring (`pip install 'rolebrowser[keyring]'`). Beside each entry lies a file that
says how long it lives, and no secret: so that listing profiles never has to open the keyring, which
may ask for a password. What is kept there the AWS CLI can't see; what the CLI keeps in its files is
read as ever.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from rolebrowser import private_file
from rolebrowser.cancel import Limit, bounded
from rolebrowser.errors import ConfigError, TimedOut

T = TypeVar("T")

KEYRING = "keyring"
"""The word for config.toml."""
SERVICE = "rolebrowser"
"""Whose entries they are, in the keyring's own tools."""
ELSEWHERE = "in the keyring"
PATIENCE = 60.0
"""Seconds a keyring has for an answer: it may be asking for its password in a window of its own."""
_WITHOUT = "take session_store out of config.toml."
_PUBLIC = frozenset(
    {"Expiration", "ProviderType", "expiresAt", "region", "registrationExpiresAt", "startUrl"}
)
"""Keys whose values may lie in the file beside."""


class KeyringFailed(OSError):
    """The keyring gives or takes nothing.

    Args:
        what: a sentence that says so, without its stop: "The keyring is locked".
        fix: a sentence: what to do next.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


class Vault:
    """The keyring's part of one cache directory (`~/.aws/cli/cache` …).

    Once it has failed it isn't asked again: one that is locked would ask a person who has just
    dismissed its question for the password once more, and again for each entry.

    Args:
        limit: of what sessions are asked for; it stands still while the keyring is asked.

    Raises:
        ConfigError: the package isn't installed.
    """

    def __init__(self, directory: Path, limit: Limit | None = None) -> None:
        try:
            self._keyring: Any = import_module("keyring")
            self._errors: Any = import_module("keyring.errors")
        except ImportError:
            raise ConfigError(
                'session_store is "keyring", but the package keyring is not installed.',
                fix=f"pip install 'rolebrowser[keyring]', or {_WITHOUT}",
            ) from None
        self._directory = directory
        self._beside = beside(directory)
        self._limit = limit
        self._failed: KeyringFailed | None = None

    def read(self, key: str) -> dict[str, Any] | None:
        """An entry's body; None when there is none, or it makes no sense.

        Raises KeyringFailed.
        """
        # The file first: an entry that was never made must not open the keyring.
        if not self.holds(key):
            return None
        text = self._asked(lambda keyring: keyring.get_password(SERVICE, self._name(key)))
        try:
            body = json.loads(text or "null")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def write(self, key: str, text: str) -> None:
        """Keep an entry. Raises OSError; KeyringFailed where the keyring doesn't take it."""
        self._asked(lambda keyring: keyring.set_password(SERVICE, self._name(key), text))
        private_file.replace(self._beside / f"{key}.json", json.dumps(public(json.loads(text))))

    def remove(self, key: str) -> None:
        """Drop an entry; one that isn't there is no error. Raises OSError when it stays."""
        if not self.holds(key):
            return

        def remove(keyring: Any) -> None:
            # Some keyrings refuse to delete what isn't there: somebody took it out by hand.
            if keyring.get_password(SERVICE, self._name(key)) is not None:
                keyring.delete_password(SERVICE, self._name(key))

        self._asked(remove)
        with contextlib.suppress(FileNotFoundError):
            (self._beside / f"{key}.json").unlink()

    def open(self, key: str) -> None:
        """Ask it for an entry, there or not, as it may want its password for that.

        Raises KeyringFailed.
        """
        self._asked(lambda keyring: keyring.get_password(SERVICE, self._name(key)))

    def holds(self, key: str) -> bool:
        """Whether there is such an entry; the keyring isn't opened."""
        return (self._beside / f"{key}.json").is_file()

    def names(self) -> Iterator[str]:
        """All entries."""
        with contextlib.suppress(OSError):
            yield from (each.stem for each in self._beside.glob("*.json"))

    def _name(self, key: str) -> str:
        return str(self._directory / key)

    def _asked(self, call: Callable[[Any], T]) -> T:
        """The keyring's answer. Raises KeyringFailed."""
        if self._failed is None:
            try:
                with self._limit.paused() if self._limit else contextlib.nullcontext():
                    return bounded(
                        lambda: call(self._usable()), cancel=None, limit=PATIENCE, what="It"
                    )
            except Exception as error:
                # What D-Bus, or a module it misses, raises comes through too.
                self._failed = self._failure(error)
        raise self._failed

    def _usable(self) -> Any:
        # `keyring --disable` puts in one that takes everything and keeps nothing.
        if type(self._keyring.get_keyring()).__module__.endswith(".null"):
            raise KeyringFailed("The keyring is disabled", f"Enable it, or {_WITHOUT}")
        return self._keyring

    def _failure(self, error: Exception) -> KeyringFailed:
        if isinstance(error, KeyringFailed):
            return error
        if isinstance(error, self._errors.NoKeyringError):
            return KeyringFailed(
                "No keyring runs here",
                f"Start one (GNOME Keyring, KWallet) for this login, or {_WITHOUT}",
            )
        if isinstance(error, self._errors.KeyringLocked):
            return KeyringFailed("The keyring is locked", f"Unlock it and try again, or {_WITHOUT}")
        if isinstance(error, TimedOut):
            return KeyringFailed(
                f"The keyring gave no answer in {PATIENCE:g} seconds",
                f"If it asks for its password, give it and try again; or {_WITHOUT}",
            )
        said = str(error).strip().rstrip(".!") or type(error).__name__
        return KeyringFailed(f"The keyring says: {said}", f"Mend it, or {_WITHOUT}")


def beside(directory: Path) -> Path:
    """Where the files without secrets lie: under `~/.aws/rolebrowser`, not among the CLI's own."""
    return directory.parent.parent / "rolebrowser" / directory.parent.name / directory.name


def public(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with nothing left in it but its ends. Pure."""
    return {
        key: public(value) if isinstance(value, Mapping) else value if key in _PUBLIC else ELSEWHERE
        for key, value in body.items()
    }
