"""Names of accounts, as SSO portals told them when they were last asked; reads one small file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rolebrowser.kept import Kept

FILE = "sso-accounts.json"
"""In the cache directory: what `sso_accounts.KnownAccounts` keeps."""


def read(cache_dir: Path) -> Mapping[str, str]:
    """Names by account number, of every login that was asked; later answers win."""
    names: dict[str, str] = {}
    for answer in Kept(cache_dir / FILE).answers():
        accounts = answer.body if isinstance(answer.body, list) else []
        for each in accounts:
            if isinstance(each, dict) and isinstance(each.get("id"), str):
                names[each["id"]] = str(each.get("name") or "")
    return names
