"""`python tests/mysql_servers.py DIR`: a MySQL into DIR, to test on; nothing else is touched.

From Debian's unstable suite, the only one that has MySQL, at the mirror that this machine's apt is
set up with: apt resolves and downloads into a state of its own, down to the C library, and the
programs run with the loader and libraries beside them. Prints the line that makes the tests find
them. What is there already isn't fetched again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGES = ("mysql-server-core", "mysql-client-core")
PROGRAMS = {"mysqld": "sbin", "mysql": "bin"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

_WRAPPER = """#!/bin/sh
exec "{loader}" --library-path "{libraries}" "{usr}/{place}/{program}" "$@" {more}
"""
_SERVER = (
    '--basedir="{usr}" --plugin-dir="{usr}/lib/mysql/plugin" --secure-file-priv=NULL'
    ' --lc-messages-dir="{usr}/share/mysql"'
)
_BOTH = '--character-sets-dir="{usr}/share/mysql/charsets"'


def main(directory: Path) -> None:
    """Fetch, unpack, wrap."""
    home = directory.resolve() / "mysql"
    if not (home / "bin" / "mysqld").exists():
        for package in fetch(home / "apt"):
            subprocess.run(["dpkg-deb", "-x", str(package), str(home / "root")], check=True)
        wrap(home)
    print(f"export ROLEBROWSER_TEST_MYSQL={home / 'bin'}")


def fetch(state: Path) -> list[Path]:
    """The packages and all that they need."""
    archives = state / "cache" / "archives"
    for each in (state / "lists" / "partial", archives / "partial"):
        each.mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} sid main\n")
    options = (
        f"Dir::State={state}",
        f"Dir::State::status={state / 'status'}",
        f"Dir::Cache={state / 'cache'}",
        f"Dir::Etc::sourcelist={state / 'sources.list'}",
        "Dir::Etc::sourceparts=-",
        "APT::Sandbox::User=root",
    )
    apt = ["apt-get", "-q", "-y", *(word for each in options for word in ("-o", each))]
    wanted = ["--no-install-recommends", "--download-only", "install", *PACKAGES]
    for asked in (["update"], wanted):
        subprocess.run([*apt, *asked], check=True, stdout=sys.stderr)
    return sorted(archives.glob("*.deb"))


def mirror() -> str:
    """Where this machine's apt has Debian from."""
    asked = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)"]
    lines = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    found = [line.removeprefix("Debian ") for line in lines if line.startswith("Debian ")]
    main_archive = [each for each in found if "security" not in each]
    if not main_archive:
        sys.exit("apt knows no mirror of Debian here (apt-get update makes it known).")
    return main_archive[0]


def wrap(home: Path) -> None:
    """Programs in `home / "bin"` that run with their own loader and libraries."""
    usr = home / "root" / "usr"
    loader = next(usr.glob("lib*/ld-linux-*.so.*"), None) or next(usr.glob("lib/*/ld-linux-*.so.*"))
    libraries = ":".join(str(each) for each in (*usr.glob("lib/*-linux-gnu"), usr / "lib"))
    (home / "bin").mkdir(exist_ok=True)
    for program, place in PROGRAMS.items():
        more = (f"{_SERVER} {_BOTH}" if program == "mysqld" else _BOTH).format(usr=usr)
        text = _WRAPPER.format(
            loader=loader, libraries=libraries, usr=usr, place=place, program=program, more=more
        )
        (home / "bin" / program).write_text(text)
        (home / "bin" / program).chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
