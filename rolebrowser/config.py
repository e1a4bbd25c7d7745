"""config.toml → a frozen `Config`. Reading only; `bookmarks.py` edits the file.

The file: `$ROLEBROWSER_CONFIG`, else `$XDG_CONFIG_HOME/rolebrowser/config.toml`
(`~/.config/rolebrowser/config.toml`). A missing file is an empty one.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rolebrowser.errors import ConfigError, nearest
from rolebrowser.route import Route, problem
from rolebrowser.target import Bookmark, Target

SYSTEM = "system"
"""For `proxy_ca_bundle`: what the system trusts."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """`[timeouts]`, in seconds; 0 = none for the two server-side ones."""

    aws: float = 15.0
    """For one AWS API call, retries included."""
    connect: float = 10.0
    """For DNS, TCP, TLS and login together."""
    route: float = 30.0
    """For a route's own program (ssh, session-manager-plugin …) to be ready."""
    statement: float = 60.0
    idle_in_transaction: float = 300.0


@dataclass(frozen=True, slots=True)
class Guard:
    """`[guard]`: what counts as production. Globs, case-insensitive."""

    patterns: tuple[str, ...] = ("*prod*",)
    """Over profile name, role name, database id and bookmark name."""
    accounts: tuple[str, ...] = ()
    """Account ids."""
    except_patterns: tuple[str, ...] = ("*nonprod*", "*non-prod*", "*preprod*", "*pre-prod*")

    def covers(self, *names: str, account: str = "") -> bool:
        """True when any of the names or the account is production."""
        if account and account in self.accounts:
            return True
        for name in (name.lower() for name in names if name):
            excepted = any(fnmatchcase(name, pattern.lower()) for pattern in self.except_patterns)
            if not excepted and any(fnmatchcase(name, p.lower()) for p in self.patterns):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. Each field is the key of the same name in config.toml.

    Attributes:
        read_only: open connections read-only (the default).
        theme: a Textual theme's name; empty = rolebrowser's own, dark or light.
        ca_bundle: PEM file to trust for RDS endpoints instead of the fetched RDS bundle.
        proxy_ca_bundle: PEM file to trust for RDS Proxy, whose certificates are not RDS's, or
            "system": the system's, which is the default unless `ca_bundle` names a file.
        page_rows: rows fetched at a time.
        audit_log: keep a line of each statement run in `state_dir`/audit.jsonl.
        aws_dir: the AWS CLI's directory with its caches; default `~/.aws`.
        state_dir: recents, history and the audit log; default `$XDG_STATE_HOME/rolebrowser`.
        cache_dir: fetched CA bundles; default `$XDG_CACHE_HOME/rolebrowser`.
        path: the file it was read from.
    """

    read_only: bool = True
    theme: str = ""
    ca_bundle: str = ""
    proxy_ca_bundle: str = ""
    page_rows: int = 500
    audit_log: bool = True
    aws_dir: Path = field(default_factory=lambda: Path.home() / ".aws")
    state_dir: Path = field(default_factory=lambda: _xdg("XDG_STATE_HOME", ".local/state"))
    cache_dir: Path = field(default_factory=lambda: _xdg("XDG_CACHE_HOME", ".cache"))
    timeouts: Timeouts = field(default_factory=Timeouts)
    guard: Guard = field(default_factory=Guard)
    routes: tuple[Route, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    path: Path = field(default_factory=lambda: config_path(os.environ))

    def bookmark(self, name: str) -> Bookmark | None:
        """The bookmark of that name, or of that digit ("1" to "9")."""
        for bookmark in self.bookmarks:
            if bookmark.name == name:
                return bookmark
        if name in tuple("123456789") and int(name) <= len(self.bookmarks):
            return self.bookmarks[int(name) - 1]
        return None

    def guarded(
        self, target: Target, *, bookmark: Bookmark | None = None, account: str = ""
    ) -> bool:
        """True when the target counts as production."""
        if bookmark is not None and bookmark.guarded is not None:
            return bookmark.guarded
        role_name = target.role.rsplit("/", 1)[-1]
        names = (target.profile, role_name, target.database, bookmark.name if bookmark else "")
        return self.guard.covers(*names, account=account)


def _xdg(variable: str, fallback: str) -> Path:
    base = os.environ.get(variable, "")
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / fallback
    return root / "rolebrowser"


def config_path(environ: Mapping[str, str]) -> Path:
    """Where config.toml is looked for, whether or not it is there."""
    explicit = environ.get("ROLEBROWSER_CONFIG", "")
    if explicit:
        return Path(explicit).expanduser()
    return _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read config.toml.

    Raises:
        ConfigError: unreadable, not TOML (line named), or a key or value that isn't understood.
            A file named by ROLEBROWSER_CONFIG that doesn't exist is an error too.
    """
    environ = os.environ if environ is None else environ
    path = config_path(environ)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if environ.get("ROLEBROWSER_CONFIG"):
            raise ConfigError(
                f"ROLEBROWSER_CONFIG names {path}, which doesn't exist.",
                fix="Create the file, or unset ROLEBROWSER_CONFIG.",
            ) from None
        return Config(path=path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read.", why=str(error)) from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """`Config` of a config.toml's text. Raises ConfigError as `load` does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML.", why=str(error)) from None
    reader = _Reader(path, text)
    settings = reader.table(document, Config, _CONVERT, "")
    return Config(path=path, **settings)


class _Reader:
    """Turns tables into keyword arguments; every complaint names file, line and key."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def fail(self, key: str, why: str, fix: str = "") -> ConfigError:
        leaf = key.rsplit(".", 1)[-1]
        pattern = re.compile(rf"^\s*\[*\s*(?:[\w.-]+\.)?[\"']?{re.escape(leaf)}[\"']?\s*[\]=]")
        line = next((n for n, text in enumerate(self._lines, 1) if pattern.match(text)), 0)
        where = f"{self._path}:{line}" if line else str(self._path)
        return ConfigError(f"{where}: the key {key!r} {why}", fix=fix)

    def table(
        self, table: Mapping[str, Any], shape: type, convert: _Converters, prefix: str
    ) -> dict[str, Any]:
        known = {f.name for f in fields(shape)} & set(convert)
        result: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                close = nearest(key, known)
                fix = f"Did you mean {close[0]!r}?" if close else ""
                fix = fix or "Known keys: " + ", ".join(sorted(known)) + "."
                raise self.fail(prefix + key, "is not known.", fix)
            result[key] = convert[key](self, prefix + key, value)
        return result


_Converter = Callable[[_Reader, str, Any], Any]
_Converters = Mapping[str, _Converter]


def _typed(kind: type, word: str) -> _Converter:
    def convert(reader: _Reader, key: str, value: Any) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise reader.fail(key, f"must be {word}, not {value!r}.")
        return value

    return convert


_string = _typed(str, "a string")
_boolean = _typed(bool, "true or false")


def _rows(reader: _Reader, key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100_000:
        raise reader.fail(key, f"must be a whole number from 1 to 100000, not {value!r}.")
    return value


def _seconds(reader: _Reader, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise reader.fail(key, f"must be seconds from 0 to 86400, not {value!r}.")
    return float(value)


def _strings(reader: _Reader, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise reader.fail(key, f"must be a list of strings, not {value!r}.")
    return tuple(value)


def _directory(reader: _Reader, key: str, value: Any) -> Path:
    return Path(_string(reader, key, value)).expanduser()


def _file(reader: _Reader, key: str, value: Any) -> str:
    return str(Path(_string(reader, key, value)).expanduser())


def _file_or_system(reader: _Reader, key: str, value: Any) -> str:
    return SYSTEM if value == SYSTEM else _file(reader, key, value)


def _section(shape: type, convert: _Converters) -> _Converter:
    def read(reader: _Reader, key: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise reader.fail(key, f"must be a table: [{key}].")
        return shape(**reader.table(value, shape, convert, f"{key}."))

    return read


def _sections(item: _Converter) -> _Converter:
    def read(reader: _Reader, key: str, value: Any) -> Any:
        if not isinstance(value, list):
            raise reader.fail(key, f"must be a list of tables: [[{key}]].")
        return tuple(item(reader, key, each) for each in value)

    return read


_ROUTE: _Converters = {f.name: _string for f in fields(Route)} | {"command": _strings}


def _route(reader: _Reader, key: str, value: Any) -> Route:
    if not isinstance(value, dict):
        raise reader.fail(key, "must be a table.")
    route = Route(**reader.table(value, Route, _ROUTE, f"{key}."))
    why = problem(route)
    if why:
        raise reader.fail(key, why)
    return route


_TARGET: _Converters = {f.name: _string for f in fields(Target)}


def _bookmark(reader: _Reader, key: str, value: Any) -> Bookmark:
    if not isinstance(value, dict):
        raise reader.fail(key, "must be a table.")
    rest = dict(value)
    name = _string(reader, f"{key}.name", rest.pop("name", ""))
    guarded = rest.pop("guarded", None)
    if guarded is not None:
        guarded = _boolean(reader, f"{key}.guarded", guarded)
    target = Target(**reader.table(rest, Target, _TARGET, f"{key}."))
    if not name or not (target.database or target.url):
        raise reader.fail(key, "needs a name, and a database or a url.")
    return Bookmark(name=name, target=target, guarded=guarded)


_TIMEOUTS = {f.name: _seconds for f in fields(Timeouts)}
_GUARD = {f.name: _strings for f in fields(Guard)}
_CONVERT: _Converters = {
    "read_only": _boolean,
    "theme": _string,
    "ca_bundle": _file,
    "proxy_ca_bundle": _file_or_system,
    "page_rows": _rows,
    "audit_log": _boolean,
    "aws_dir": _directory,
    "state_dir": _directory,
    "cache_dir": _directory,
    "timeouts": _section(Timeouts, _TIMEOUTS),
    "guard": _section(Guard, _GUARD),
    "routes": _sections(_route),
    "bookmarks": _sections(_bookmark),
}
