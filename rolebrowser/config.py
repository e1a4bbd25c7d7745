"""config.toml → a frozen `Config`. Reading only; `bookmarks.py` edits the file.

The file: `$ROLEBROWSER_CONFIG`, else `$XDG_CONFIG_HOME/rolebrowser/config.toml`
(`~/.config/rolebrowser/config.toml`). A missing file is an empty one. What can be set is in
`settings.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolebrowser.errors import ConfigError, nearest
from rolebrowser.route import Route, problem
from rolebrowser.settings import STORES, SYSTEM, Config, Guard, Timeouts, config_path
from rolebrowser.target import Bookmark, Target

if TYPE_CHECKING:
    from rolebrowser.config_lines import Place


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
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}: this is not UTF-8 text.", fix="Save it as UTF-8."
        ) from None
    except OSError as error:
        why = f"{error.strerror or error}."
        raise ConfigError(
            f"{path} can't be read.", why=why, fix="Is it a file that you may read?"
        ) from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """`Config` of a config.toml's text. Raises ConfigError as `load` does."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # tomllib lets through what Python says of numbers of thousands of digits, and of depth.
        raise ConfigError(f"{path} is not valid TOML.", why=str(error)) from None
    reader = _Reader(path, text)
    settings = reader.table(document, Config, _CONVERT, ())
    return Config(path=path, **settings)


class _Reader:
    """Turns tables into keyword arguments; every complaint names file, line and key."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def fail(self, place: Place, why: str, fix: str = "") -> ConfigError:
        from rolebrowser.config_lines import line_of, lines

        line = line_of(place, lines(self._text))
        where = f"{self._path}:{line}" if line else str(self._path)
        key = ".".join(part for part in place if isinstance(part, str))
        return ConfigError(f"{where}: the key {key!r} {why}", fix=fix)

    def table(
        self, table: Mapping[str, Any], shape: type, convert: _Converters, place: Place
    ) -> dict[str, Any]:
        known = {f.name for f in fields(shape)} & set(convert)
        result: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                close = nearest(key, known)
                fix = f"Did you mean {close[0]!r}?" if close else ""
                fix = fix or "Known keys: " + ", ".join(sorted(known)) + "."
                raise self.fail((*place, key), "is not known.", fix)
            result[key] = convert[key](self, (*place, key), value)
        return result


_Converter = Callable[[_Reader, "Place", Any], Any]
_Converters = Mapping[str, _Converter]


def _typed(kind: type, word: str) -> _Converter:
    def convert(reader: _Reader, place: Place, value: Any) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise reader.fail(place, f"must be {word}, not {value!r}.")
        return value

    return convert


_string = _typed(str, "a string")
_boolean = _typed(bool, "true or false")


def _whole(least: int) -> _Converter:
    def convert(reader: _Reader, place: Place, value: Any) -> int:
        number = isinstance(value, int) and not isinstance(value, bool)
        if not number or not least <= value <= 100_000:
            raise reader.fail(
                place, f"must be a whole number from {least} to 100000, not {value!r}."
            )
        return value

    return convert


def _seconds(reader: _Reader, place: Place, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise reader.fail(place, f"must be seconds from 0 to 86400, not {value!r}.")
    return float(value)


def _some_seconds(reader: _Reader, place: Place, value: Any) -> float:
    seconds = _seconds(reader, place, value)
    if not seconds:
        raise reader.fail(place, "must be more than 0 seconds: it has no way to have no limit.")
    return seconds


def _store(reader: _Reader, place: Place, value: Any) -> str:
    if value not in STORES:
        raise reader.fail(place, f"must be one of {', '.join(STORES)}, not {value!r}.")
    return str(value)


def _strings(reader: _Reader, place: Place, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise reader.fail(place, f"must be a list of strings, not {value!r}.")
    return tuple(value)


def _directory(reader: _Reader, place: Place, value: Any) -> Path:
    return Path(_string(reader, place, value)).expanduser()


def _file(reader: _Reader, place: Place, value: Any) -> str:
    path = _string(reader, place, value)
    return str(Path(path).expanduser()) if path else ""


def _file_or_system(reader: _Reader, place: Place, value: Any) -> str:
    return SYSTEM if value == SYSTEM else _file(reader, place, value)


def _section(shape: type, convert: _Converters) -> _Converter:
    def read(reader: _Reader, place: Place, value: Any) -> Any:
        if not isinstance(value, dict):
            raise reader.fail(place, f"must be a table: [{place[-1]}].")
        return shape(**reader.table(value, shape, convert, place))

    return read


def _sections(item: _Converter) -> _Converter:
    def read(reader: _Reader, place: Place, value: Any) -> Any:
        if not isinstance(value, list):
            raise reader.fail(place, f"must be a list of tables: [[{place[-1]}]].")
        return tuple(item(reader, (*place, n), each) for n, each in enumerate(value))

    return read


def _keymap(reader: _Reader, place: Place, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise reader.fail(place, f"must be a table: [{place[-1]}].")
    found: list[tuple[str, str]] = []
    for key, each in value.items():
        if isinstance(each, dict):  # browser.refresh = "…" without quotes is a table in TOML
            inner = _keymap(reader, (*place, key), each)
            found += [(f"{key}.{name}", keys) for name, keys in inner]
        else:
            found.append((key, _string(reader, (*place, key), each)))
    return tuple(found)


_ROUTE: _Converters = {f.name: _string for f in fields(Route)} | {"command": _strings}


def _route(reader: _Reader, place: Place, value: Any) -> Route:
    if not isinstance(value, dict):
        raise reader.fail(place, "must be a table.")
    route = Route(**reader.table(value, Route, _ROUTE, place))
    why = problem(route)
    if why:
        raise reader.fail(place, why)
    return route


_TARGET: _Converters = {f.name: _string for f in fields(Target)}


def _bookmark(reader: _Reader, place: Place, value: Any) -> Bookmark:
    if not isinstance(value, dict):
        raise reader.fail(place, "must be a table.")
    rest = dict(value)
    name = _string(reader, (*place, "name"), rest.pop("name", ""))
    guarded = rest.pop("guarded", None)
    if guarded is not None:
        guarded = _boolean(reader, (*place, "guarded"), guarded)
    target = Target(**reader.table(rest, Target, _TARGET, place))
    if not name or not (target.database or target.url):
        raise reader.fail(place, "needs a name, and a database or a url.")
    return Bookmark(name=name, target=target, guarded=guarded)


_TIMEOUTS = {f.name: _seconds for f in fields(Timeouts)}
_TIMEOUTS |= dict.fromkeys(("aws", "credential_process", "route"), _some_seconds)
_GUARD = {f.name: _strings for f in fields(Guard)}
_CONVERT: _Converters = {
    "read_only": _boolean,
    "theme": _string,
    "ca_bundle": _file,
    "proxy_ca_bundle": _file_or_system,
    "page_rows": _whole(1),
    "row_limit": _whole(0),
    "history": _whole(0),
    "session_store": _store,
    "audit_log": _boolean,
    "aws_dir": _directory,
    "state_dir": _directory,
    "cache_dir": _directory,
    "keymap": _keymap,
    "timeouts": _section(Timeouts, _TIMEOUTS),
    "guard": _section(Guard, _GUARD),
    "routes": _sections(_route),
    "bookmarks": _sections(_bookmark),
}
