"""CONTRIBUTING names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHECKS = re.compile(r"\bassert\b|\.(?:sees|hears|until|wait_for)\(")


def test_every_test_that_is_named_is_there_and_asserts_something() -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT)
    assert len(named) > 30
    assert TEXT.count("::test_") == len(named)
    missing = [f"{file}::{name}" for file, name in named if not _asserts(TESTS / file, name)]
    assert missing == []


def _asserts(file: Path, name: str) -> bool:
    """Whether a file has a test of that name that can fail: it asserts, or waits for something."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for each in body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name:
            return CHECKS.search(ast.unparse(each)) is not None
    return False
