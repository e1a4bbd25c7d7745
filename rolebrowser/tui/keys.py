"""What follows from the action table: Textual's bindings, and keys as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding

from rolebrowser.tui.action import Action
from rolebrowser.tui.actions import scope


def bindings(name: str) -> list[Binding]:
    """Textual bindings of one scope; their ids are the actions', for the keymap in config.toml."""
    return [
        Binding(
            action.key,
            action.call,
            action.label,
            show=action.footer > 0,
            key_display=shown(action.key.split(",")[0]) if action.footer else None,
            priority=action.priority,
            tooltip=action.help,
            id=action.id,
        )
        for action in scope(name)
    ]


_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "ctrl+@": "^Space",
    "left_square_bracket": "[",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "left": "←",
    "right": "→",
}


def shown(key: str) -> str:
    """A Textual key name as people write it: "ctrl+j" → "^J", "f5" → "F5"."""
    if key in _NAMES:
        return _NAMES[key]
    for modifier in ("alt+", "shift+"):
        if key.startswith(modifier):
            return modifier.capitalize() + shown(key.removeprefix(modifier)).capitalize()
    if key.startswith("ctrl+"):
        rest = key.removeprefix("ctrl+")
        return "^" + (rest.upper() if len(rest) == 1 else rest.capitalize())
    return key.upper() if key[0] == "f" and key[1:].isdigit() else key


def keys_of(action: Action, keymap: Mapping[str, str]) -> str:
    """Textual's names of the keys that do it, comma-separated: the person's own, or the table's."""
    return keymap.get(action.id, action.key)


def keys_table(
    scopes: Iterable[str], keymap: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """(keys, help) of the given scopes for `?` and the README; the digits in one row.

    Args:
        keymap: the person's own keys by action id.
    """
    rows: list[tuple[str, str]] = []
    for name in scopes:
        for action in scope(name):
            if action.name.removeprefix("open_").isdigit():
                if action.name == "open_1":
                    rows.append(("1 … 9", "Connect to that bookmark, or go there if it is open"))
                continue
            keys = keys_of(action, keymap or {}).split(",")
            # Ctrl+Space is two keys to Textual, and one to a person.
            written = dict.fromkeys(shown(key.strip()) for key in keys)
            rows.append((" ".join(written), action.help))
    return rows
