"""`rolebrowser config`: what holds, and where each setting comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click

from rolebrowser import config as configuration
from rolebrowser.cli import output
from rolebrowser.config_lines import Place, lines
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import clean
from rolebrowser.settings import Config

_TABLES = {"keymap": "[keymap]", "routes": "[[routes]]", "bookmarks": "[[bookmarks]]"}
_VALUES = 40
"""Columns of a value before its comment."""
_VARIABLES = {"state_dir": "XDG_STATE_HOME", "cache_dir": "XDG_CACHE_HOME"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it holds.

    Attributes:
        place: where it stands in config.toml.
        source: "default", "environment NAME", or "FILE:LINE".
    """

    place: Place
    value: object
    source: str
    help: str

    @property
    def key(self) -> str:
        """Dotted, as in config.toml; bookmarks and routes by their numbers, from 1."""
        return ".".join(str(p + 1) if isinstance(p, int) else p for p in self.place)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def config(as_json: bool) -> None:
    """Show the settings that hold, and where each comes from.

    The file is $ROLEBROWSER_CONFIG, else ~/.config/rolebrowser/config.toml. Nothing is changed; a
    mistake in it is named with its line.
    """
    found = configuration.load()
    settings = list(effective(found))
    if as_json:
        output.records([_record(each) for each in settings], (), as_json=True)
        return
    there = "" if found.path.is_file() else " (not there: all defaults)"
    click.echo(clean(f"# {found.path}{there}"))
    for line in shown(settings):
        click.echo(line)


def effective(config: Config) -> Iterator[Setting]:
    """Every setting, in the order of the schema; bookmarks and routes one by one."""
    text = config.path.read_text(encoding="utf-8-sig") if config.path.is_file() else ""
    places = lines(text)
    for name, value, text in _walk(config, ()):
        yield Setting(name, value, _source(config.path, name, places), text)


def _walk(table: Any, place: Place) -> Iterator[tuple[Place, object, str]]:
    for each in fields(table):
        if "help" not in each.metadata:
            continue
        value, here = getattr(table, each.name), (*place, each.name)
        text = str(each.metadata["help"])
        if is_dataclass(value):
            yield from _walk(value, here)
        elif value and isinstance(value, tuple) and is_dataclass(value[0]):
            yield from (((*here, number), item, text) for number, item in enumerate(value))
        elif value and each.name == "keymap":
            yield from (((*here, *key.split(".")), keys, text) for key, keys in value)
        else:
            yield here, value, text


def _source(path: Path, place: Place, places: dict[Place, int]) -> str:
    whole = (*place[:1], ".".join(str(part) for part in place[1:]))  # "a.b" = … under [keymap]
    line = places.get(place) or places.get(whole)
    if line:
        return f"{path}:{line}"
    variable = _VARIABLES.get(str(place[0]), "")
    return f"environment {variable}" if os.environ.get(variable) else "default"


def _record(setting: Setting) -> dict[str, object]:
    return {
        "key": setting.key,
        "value": _plain(setting.value),
        "source": setting.source,
        "help": setting.help,
    }


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        held = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _plain(each) for name, each in held.items() if each not in ("", (), None)}
    return value


def shown(settings: list[Setting]) -> Iterator[str]:
    """A config.toml that says what holds, with where it comes from in comments."""
    table: Place = ()
    for each in settings:
        source = f"  # {each.source}"
        if each.value == () and each.key in _TABLES:
            yield f"\n# no {_TABLES[each.key]}{source}"
        elif is_dataclass(each.value):
            yield f"\n[[{each.place[0]}]]{source}"
            yield from (_pair(name, value) for name, value in _flat(_plain(each.value)))
        else:
            if each.place[:-1] and each.place[:1] != table:
                table = each.place[:1]
                yield f"\n[{table[0]}]"
            name = ".".join(str(part) for part in each.place[1 if table else 0 :])
            yield f"{_pair(name, _plain(each.value)):<{_VALUES}}{source}"


def _flat(record: Any) -> Iterator[tuple[str, object]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _pair(name: str, value: object) -> str:
    import tomlkit

    key = tomlkit.key(name).as_string()
    return f"{key} = {tomlkit.item(value).as_string()}"
