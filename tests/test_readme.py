"""The README says what the code says: keys, settings, commands, causes, and its example config."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rolebrowser import config

from . import readme

TEXT = readme.README.read_text(encoding="utf-8")


def test_what_is_made_from_the_code_is_as_the_code_makes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "ROLEBROWSER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    assert readme.renewed(TEXT) == TEXT, "python tests/readme.py writes it anew"


def test_every_example_of_a_config_is_a_config() -> None:
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
    assert examples
    for example in examples:
        config.parse(example, Path("README.md"))


def test_every_picture_is_there() -> None:
    pictures = re.findall(
        r"\]\((screenshots/[^)]+)\)|(?:src|srcset)=\"(screenshots/[^\"]+)\"", TEXT
    )
    assert pictures
    for picture in (one or other for one, other in pictures):
        assert (readme.README.parent / picture).is_file(), picture
