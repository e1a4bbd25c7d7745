"""The README's parts that are made from the code: `python tests/readme.py` writes them anew.

Keys from the action table, settings from the schema, commands from the command line,
troubleshooting from the doctor's catalog. `tests/test_readme.py` holds the file to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from rolebrowser.cli.main import COMMANDS
from rolebrowser.doctor.finding import TITLES
from rolebrowser.identity.model import State
from rolebrowser.identity.sessions import WORDS
from rolebrowser.settings import Config
from rolebrowser.tui.keys import keys_table
from rolebrowser.tui.rows.lives import MARKS
from rolebrowser.tui.screens.base import HEADINGS

README = Path(__file__).parent.parent / "README.md"


def keys() -> Iterator[str]:
    """A table of keys for each place."""
    yield "| where | key | does |"
    yield "|---|---|---|"
    for scope, heading in HEADINGS.items():
        where = heading
        for pressed, does in keys_table((scope,)):
            yield f"| {where} | {_cell(pressed)} | {_cell(does)} |"
            where = ""


def settings() -> Iterator[str]:
    """A table of config.toml's keys."""
    yield "| key | default | what it is for |"
    yield "|---|---|---|"
    yield from _settings(Config(), "")


def _settings(table: Any, prefix: str) -> Iterator[str]:
    for each in fields(table):
        if "help" not in each.metadata:
            continue
        value, name = getattr(table, each.name), f"{prefix}{each.name}"
        if is_dataclass(value):
            yield from _settings(value, f"{name}.")
        else:
            yield f"| `{name}` | {_default(value)} | {_cell(each.metadata['help'])} |"


def _default(value: object) -> str:
    if isinstance(value, Path):
        return f"`{str(value).replace(str(Path.home()), '~')}`"
    if value in ("", ()):
        return ""
    if isinstance(value, tuple):
        return " ".join(f"`{each}`" for each in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def commands() -> Iterator[str]:
    """A table of the commands."""
    yield "| `rolebrowser …` | does |"
    yield "|---|---|"
    for name, (_, text) in COMMANDS.items():
        yield f"| `{name}` | {_cell(text)} |"


def states() -> Iterator[str]:
    """What is known of a session's life, in the browser's words and in JSON's."""
    yield "| sign | browser, `profiles` | `profiles --json` | of its session is known |"
    yield "|---|---|---|---|"
    for state in State:
        word = WORDS.get(state, _LEFT.get(state, ""))
        yield f"| {MARKS[state][0]} | {word} | `{state.value}` | {_cell(_KNOWN[state])} |"


_LEFT = {State.VALID: "52m", State.EXPIRING: "7m 12s", State.EXPIRED: "expired 3h ago"}
_KNOWN = {
    State.VALID: "the time left",
    State.EXPIRING: "less than ten minutes are left (◔: less than two)",
    State.EXPIRED: "when it ended",
    State.NEEDS_LOGIN: "an SSO or `aws login` login comes first",
    State.NEEDS_MFA: "an MFA code comes first",
    State.NOT_STARTED: "there is none yet; choosing the profile gets one without asking you",
    State.NONE: "keys of its own, which don't expire",
    State.UNKNOWN: "there may be an end, but nothing on this machine says when",
    State.AUTO: "the machine's own (container, instance), which renews it",
    State.MISSING: "no keys anywhere",
    State.BROKEN: "the profile can't work; the row says why",
    State.REFUSED: "AWS refused one when it was last asked; choosing it asks again",
}


def causes() -> Iterator[str]:
    """What the doctor can name."""
    yield "| `cause` | what it means |"
    yield "|---|---|"
    for cause, title in TITLES.items():
        yield f"| `{cause.value}` | {_cell(title)} |"


BLOCKS: Mapping[str, Callable[[], Iterator[str]]] = {
    "keys": keys,
    "settings": settings,
    "commands": commands,
    "states": states,
    "causes": causes,
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def renewed(text: str) -> str:
    """The README with its made parts made anew.

    Raises:
        ValueError: a part has no place in it.
    """
    for name, block in BLOCKS.items():
        made = f"<!-- {name} -->\n" + "\n".join(block()) + f"\n<!-- /{name} -->"
        pattern = re.compile(f"<!-- {name} -->.*?<!-- /{name} -->", re.S)
        text, count = pattern.subn(lambda _, made=made: made, text)
        if count != 1:
            raise ValueError(f"README.md has {count} places for {name}")
    return text


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
