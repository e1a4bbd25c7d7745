"""`python tests/licences.py`: writes CONTRIBUTING's table of what is installed with rolebrowser and
under which licence, from the packages' own metadata. A test holds the table to what is declared."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

CONTRIBUTING = Path(__file__).parents[1] / "CONTRIBUTING.md"
START, END = "<!-- licences -->\n", "<!-- /licences -->"


def required(name: str, extra: str = "") -> list[str]:
    """What a distribution requires, as declared: "moto[server]"; with an extra, only of that."""
    found: list[str] = []
    for line in distribution(name).requires or ():
        requirement, _, marker = line.partition(";")
        wanted = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
        if (wanted[1] if wanted else "") == extra and "win32" not in marker:
            found += re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?", requirement.strip())
    return found


def bare(requirement: str) -> str:
    """A requirement's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", requirement.partition("[")[0]).lower()


def closure(requirements: list[str]) -> list[str]:
    """Those and all that they require; what is not installed here is left out."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        if requirement in seen or bare(requirement) == "rolebrowser":
            continue
        seen.add(requirement)
        name, _, extras = requirement.partition("[")
        try:
            found[bare(requirement)] = distribution(name).name
        except PackageNotFoundError:
            continue
        for extra in ("", *extras.rstrip("]").split(",")):
            waiting += required(name, extra)
    return [found[key] for key in sorted(found)]


def licence(package: Distribution) -> str:
    """Its licence: the SPDX expression, else the classifier, else the field."""
    about: Any = package.metadata
    if about.get("License-Expression"):
        return about["License-Expression"]
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    return ", ".join(classified) or (about.get("License") or "").splitlines()[0]


def table() -> str:
    """The table's rows."""
    lines = ["| package | licence |", "|---|---|"]
    lines += [
        f"| {name} | {licence(distribution(name))} |" for name in closure(required("rolebrowser"))
    ]
    for extra in ("demo", "keyring"):
        more = [
            name
            for name in closure(required("rolebrowser", extra))
            if name not in closure(required("rolebrowser"))
        ]
        lines += [f"| {name} ({extra}) | {licence(distribution(name))} |" for name in more]
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """CONTRIBUTING with the table of now."""
    before, _, rest = text.partition(START)
    return before + START + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    CONTRIBUTING.write_text(written(CONTRIBUTING.read_text(encoding="utf-8")), encoding="utf-8")
