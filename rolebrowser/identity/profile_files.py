"""Reads the AWS config and credentials files, wherever the environment says they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rolebrowser.identity import sections
from rolebrowser.identity.model import Problem
from rolebrowser.identity.profiles import Profiles, parse


def load(environ: Mapping[str, str]) -> Profiles:
    """All profiles; never raises: what can't be read is a problem of the result.

    Args:
        environ: AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE and HOME say where to look.
    """
    home = Path(environ.get("HOME") or Path.home())
    config = environ.get("AWS_CONFIG_FILE") or str(home / ".aws" / "config")
    credentials = environ.get("AWS_SHARED_CREDENTIALS_FILE") or str(home / ".aws" / "credentials")
    return parse(_read(config, home), _read(credentials, home), environ)


def _read(name: str, home: Path) -> sections.File:
    path = home / name[2:] if name.startswith("~/") else Path(name)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return sections.File(name)
    except OSError as error:
        text = f"It can't be read: {error.strerror or error}."
        return sections.File(name, problem=Problem(text, name, 0))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return sections.File(name, problem=Problem("It isn't UTF-8 text.", name, line))
    return sections.read(text, str(path))
