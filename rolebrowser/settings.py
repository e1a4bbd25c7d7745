"""What can be set in config.toml: names, kinds, defaults, and what each is for.

The field's metadata says what it is for; `rolebrowser config` and the README's reference are made
from it. Pure: `config.py` reads the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path

from rolebrowser.frozen import dataclass
from rolebrowser.route import Route
from rolebrowser.target import Bookmark

STORES = ("files", "keyring")
"""What session_store may say."""
SYSTEM = "system"
"""For `proxy_ca_bundle`: what the system trusts."""


def _for(text: str) -> dict[str, str]:
    """What a setting is for."""
    return {"help": text}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """`[timeouts]`, in seconds."""

    aws: float = field(default=15.0, metadata=_for("Seconds for one AWS call, retries included."))
    credential_process: float = field(
        default=120.0,
        metadata=_for(
            "Seconds for a profile's credential_process, which may wait for you in a browser; "
            "where nobody is to be asked it has timeouts.aws."
        ),
    )
    connect: float = field(
        default=10.0, metadata=_for("Seconds for DNS, TCP, TLS and login together; 0 = no limit.")
    )
    route: float = field(
        default=30.0, metadata=_for("Seconds for a route's program (ssh, session-manager-plugin).")
    )
    statement: float = field(
        default=60.0,
        metadata=_for("Seconds a statement may run, kept by the server; 0 = no limit."),
    )
    idle_in_transaction: float = field(
        default=300.0,
        metadata=_for("Seconds a transaction may idle, kept by the server; 0 = no limit."),
    )


@dataclass(frozen=True, slots=True)
class Guard:
    """`[guard]`: what counts as production. Globs, case-insensitive."""

    patterns: tuple[str, ...] = field(
        default=("*prod*",),
        metadata=_for("Globs over names of profile, role, database and bookmark: production."),
    )
    accounts: tuple[str, ...] = field(default=(), metadata=_for("Account ids: production."))
    except_patterns: tuple[str, ...] = field(
        default=("*nonprod*", "*non-prod*", "*preprod*", "*pre-prod*"),
        metadata=_for("Globs: not production after all."),
    )

    def covers(self, *names: str, account: str = "") -> bool:
        """True when any of the names or the account is production."""
        if account and account in self.accounts:
            return True
        for name in (name.lower() for name in names if name):
            excepted = any(fnmatchcase(name, pattern.lower()) for pattern in self.except_patterns)
            if not excepted and any(fnmatchcase(name, p.lower()) for p in self.patterns):
                return True
        return False


def xdg(variable: str, fallback: str) -> Path:
    """`$variable/rolebrowser`, or `~/fallback/rolebrowser` (XDG Base Directory Specification:
    a relative path in the variable is to be ignored)."""
    base = os.environ.get(variable, "")
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / fallback
    return root / "rolebrowser"


def config_path(environ: Mapping[str, str]) -> Path:
    """Where config.toml is looked for, whether or not it is there."""
    explicit = environ.get("ROLEBROWSER_CONFIG", "")
    if explicit:
        return Path(explicit).expanduser()
    return xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. Each field but `path` is the key of the same name in config.toml.

    Attributes:
        path: the file it was read from, whether or not it is there.
    """

    read_only: bool = field(default=True, metadata=_for("Open connections read-only."))
    theme: str = field(
        default="",
        metadata=_for(
            "rolebrowser-dark, rolebrowser-light or any of Textual's themes; empty = dark."
        ),
    )
    ca_bundle: str = field(
        default="",
        metadata=_for(
            "PEM file to trust for RDS endpoints; empty = RDS's own bundle, fetched once."
        ),
    )
    proxy_ca_bundle: str = field(
        default="",
        metadata=_for(
            'PEM file to trust for RDS Proxy, whose certificates are not RDS\'s; "system" = the '
            "system's, which is also the default unless ca_bundle names a file."
        ),
    )
    page_rows: int = field(default=500, metadata=_for("Rows fetched at a time."))
    row_limit: int = field(
        default=0,
        metadata=_for(
            "Rows of a result that the SQL page loads; the others stay at the server, but for an "
            "export. rolebrowser sql prints them all: scripts count on that. 0 = no limit."
        ),
    )
    history: int = field(
        default=5000, metadata=_for("Statements kept in state_dir/history.jsonl; 0 = none.")
    )
    audit_log: bool = field(
        default=True, metadata=_for("Keep a line of each statement run in state_dir/audit.jsonl.")
    )
    session_store: str = field(
        default="files",
        metadata=_for(
            'Where AWS sessions are kept: "files" = the AWS CLI\'s own, shared with it; "keyring" '
            "= the operating system's keyring (pip install 'rolebrowser[keyring]'), where the CLI "
            "doesn't see them."
        ),
    )
    aws_dir: Path = field(
        default_factory=lambda: Path.home() / ".aws",
        metadata=_for("The AWS CLI's directory, with its caches."),
    )
    state_dir: Path = field(
        default_factory=lambda: xdg("XDG_STATE_HOME", ".local/state"),
        metadata=_for("Recents, history and the audit log; $XDG_STATE_HOME."),
    )
    cache_dir: Path = field(
        default_factory=lambda: xdg("XDG_CACHE_HOME", ".cache"),
        metadata=_for("Fetched CA bundles, lists with their age; $XDG_CACHE_HOME."),
    )
    keymap: tuple[tuple[str, str], ...] = field(
        default=(),
        metadata=_for(
            'Other keys for actions: "browser.refresh" = "ctrl+r"; `?` shows what holds.'
        ),
    )
    timeouts: Timeouts = field(default_factory=Timeouts, metadata=_for("How long to wait."))
    guard: Guard = field(default_factory=Guard, metadata=_for("What counts as production."))
    routes: tuple[Route, ...] = field(
        default=(), metadata=_for("Ways to endpoints that can't be reached directly.")
    )
    bookmarks: tuple[Bookmark, ...] = field(
        default=(), metadata=_for("Named targets; the first nine are on the digits.")
    )
    path: Path = field(default_factory=lambda: config_path(os.environ))

    def bookmark(self, name: str) -> Bookmark | None:
        """The bookmark of that name, or of that digit ("1" to "9")."""
        for bookmark in self.bookmarks:
            if bookmark.name == name:
                return bookmark
        if name in tuple("123456789") and int(name) <= len(self.bookmarks):
            return self.bookmarks[int(name) - 1]
        return None
