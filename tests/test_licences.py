"""CONTRIBUTING lists the licence of everything that is installed with rolebrowser."""

from __future__ import annotations

import re

from tests import licences


def test_every_dependency_that_is_declared_is_listed_with_a_licence() -> None:
    text = licences.CONTRIBUTING.read_text(encoding="utf-8")
    rows = dict(
        re.findall(
            r"^\| ([\w.-]+)(?: \(\w+\))? \| (.+) \|$", text.partition("<!-- licences -->")[2], re.M
        )
    )
    listed = {licences.bare(name) for name in rows}
    declared = licences.required("rolebrowser")
    for extra in ("demo", "keyring"):
        declared += licences.required("rolebrowser", extra)
    assert "psycopg[binary]" in declared
    assert "psycopg-binary" in listed
    for name in declared:
        assert licences.bare(name) in listed
    assert all(licence.strip() for licence in rows.values())
