"""What config.toml names and the UI doesn't know: actions in the keymap, a theme. Pure."""

from __future__ import annotations

from collections.abc import Collection

from rolebrowser.config import Config
from rolebrowser.errors import nearest
from rolebrowser.tui.actions import BY_ID


def strangers(config: Config, themes: Collection[str]) -> list[str]:
    """A sentence on each, with the nearest name that is known; the keymap's first.

    Args:
        themes: names of those there are.
    """
    names = [name for name in dict(config.keymap) if name not in BY_ID]
    found = [(f"keymap.{name}", name, list(BY_ID)) for name in names]
    if config.theme and config.theme not in themes:
        found.append(("theme", config.theme, list(themes)))
    return [_told(config, *each) for each in found]


def _told(config: Config, key: str, name: str, known: list[str]) -> str:
    close = nearest(name, known)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{config.path}: {key}: there is no {name!r}.{hint}"
