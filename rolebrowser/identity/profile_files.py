"""Reads the AWS config and credentials files, wherever the environment says they are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from rolebrowser.identity.model import Problem
from rolebrowser.identity.profiles import Profiles, parse

_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})")


def load(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Profiles:
    """All profiles; never raises: what can't be read is among the result's problems.

    Args:
        environ: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say where to look, as in
            botocore ("~" and "$NAME" expanded; set but empty = no file).
        home: the directory "~" stands for; default HOME of `environ`.
    """
    environ = os.environ if environ is None else environ
    home = home or Path(environ.get("HOME") or Path.home())
    problems: list[Problem] = []
    refused: list[Problem] = []
    texts: list[str] = []
    names: list[str] = []
    for variable, usual in (
        ("AWS_CONFIG_FILE", "~/.aws/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    ):
        name = _expand(environ.get(variable, usual), environ, home)
        names.append(name)
        texts.append(_read(name, problems, refused))
    return parse(
        texts[0],
        texts[1],
        config_file=names[0],
        credentials_file=names[1],
        environ=environ,
        problems=tuple(problems),
        refused=refused[0] if refused else None,
    )


def usual(environ: Mapping[str, str]) -> str:
    """The name of the profile that botocore takes when none is named; it may not exist."""
    return environ.get("AWS_DEFAULT_PROFILE") or environ.get("AWS_PROFILE") or "default"


def _expand(name: str, environ: Mapping[str, str], home: Path) -> str:
    name = _VARIABLE.sub(lambda found: environ.get(found[1] or found[2], found[0]), name)
    if name == "~" or name.startswith("~/"):
        return str(home) + name[1:]
    return os.path.expanduser(name)


def _read(name: str, problems: list[Problem], refused: list[Problem]) -> str:
    """The file's text; empty for one that isn't there.

    As botocore (`raw_config_parse`), nothing but regular files is looked at.
    """
    if not name:
        return ""
    path = Path(name)
    try:
        if not path.is_file():
            if path.exists():
                problems.append(Problem(f"{name} is not a file; AWS tools pass over it.", name))
            return ""
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        problems.append(Problem(f"{name} can't be read: {reason}.", name))
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = "AWS tools refuse this file: it is not UTF-8 text."
        refused.append(Problem(text, name, line))
        return data.decode("utf-8", "replace")
