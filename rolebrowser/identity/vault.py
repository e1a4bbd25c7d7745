"""Sessions in the operating system's keyring instead of files: `session_store = "keyring"`.

Needs the package keyring (`pip install 'rolebrowser[keyring]'`). Beside each entry lies a file that
says how long it lives, and no secret: so that listing profiles never has to open the keyring, which
may ask for a password. What is kept there the AWS CLI can't see; what the CLI keeps in its files is
read as ever.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from rolebrowser import private_file
from rolebrowser.errors import ConfigError

KEYRING = "keyring"
"""The word for config.toml."""
SERVICE = "rolebrowser"
"""Whose entries they are, in the keyring's own tools."""
ELSEWHERE = "in the keyring"
_PUBLIC = frozenset(
    {"Expiration", "ProviderType", "expiresAt", "region", "registrationExpiresAt", "startUrl"}
)
"""Keys whose values may lie in the file beside."""


class Vault:
    """The keyring's part of one cache directory (`~/.aws/cli/cache` …).

    Raises:
        ConfigError: the package isn't installed.
    """

    def __init__(self, directory: Path) -> None:
        try:
            self._keyring: Any = import_module("keyring")
            self._failures: Any = import_module("keyring.errors").KeyringError
        except ImportError:
            raise ConfigError(
                'session_store is "keyring", but the package keyring is not installed.',
                fix="pip install 'rolebrowser[keyring]', or take session_store out of config.toml.",
            ) from None
        self._directory = directory
        self._beside = beside(directory)

    def read(self, key: str) -> dict[str, Any] | None:
        """An entry's body; None when there is none, or it makes no sense.

        Raises OSError when the keyring doesn't answer.
        """
        # The file first: an entry that was never made must not open the keyring.
        if not self.holds(key):
            return None
        with self._as_os_error():
            text = self._keyring.get_password(SERVICE, self._name(key))
        try:
            body = json.loads(text or "null")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def write(self, key: str, text: str) -> None:
        """Keep an entry. Raises OSError."""
        with self._as_os_error():
            self._keyring.set_password(SERVICE, self._name(key), text)
        private_file.replace(self._beside / f"{key}.json", json.dumps(public(json.loads(text))))

    def remove(self, key: str) -> None:
        """Drop an entry; one that isn't there is no error. Raises OSError when it stays."""
        if not self.holds(key):
            return
        with self._as_os_error():
            # Some keyrings refuse to delete what isn't there: somebody took it out by hand.
            if self._keyring.get_password(SERVICE, self._name(key)) is not None:
                self._keyring.delete_password(SERVICE, self._name(key))
        with contextlib.suppress(FileNotFoundError):
            (self._beside / f"{key}.json").unlink()

    def holds(self, key: str) -> bool:
        """Whether there is such an entry; the keyring isn't opened."""
        return (self._beside / f"{key}.json").is_file()

    def names(self) -> Iterator[str]:
        """All entries."""
        with contextlib.suppress(OSError):
            yield from (each.stem for each in self._beside.glob("*.json"))

    def _name(self, key: str) -> str:
        return str(self._directory / key)

    @contextlib.contextmanager
    def _as_os_error(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            said = str(error).rstrip(".") or type(error).__name__
            raise OSError(f"the keyring says: {said}") from None


def beside(directory: Path) -> Path:
    """Where the files without secrets lie: under `~/.aws/rolebrowser`, not among the CLI's own."""
    return directory.parent.parent / "rolebrowser" / directory.parent.name / directory.name


def public(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with nothing left in it but its ends. Pure."""
    return {
        key: public(value) if isinstance(value, Mapping) else value if key in _PUBLIC else ELSEWHERE
        for key, value in body.items()
    }
