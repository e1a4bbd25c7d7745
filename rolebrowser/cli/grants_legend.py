"""A line under a table of grants that says what its words and signs mean."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable

import click

from rolebrowser.cli import folding


def show(cells: Iterable[object]) -> None:
    """On stderr, and only where the table is on a terminal.

    Args:
        cells: of the columns that hold states, and privileges with their `*`; None is the `-`.
    """
    if not sys.stdout.isatty():
        return
    from rolebrowser.grants.report import STATES

    found = set(cells)
    told = [f"{state}: {means}" for state, means in STATES.items() if state in found]
    if any(isinstance(each, str) and "*" in each for each in found):
        told.append("*: may grant it to others")
    if None in found:
        told.append("-: can't")
    if told:
        columns = shutil.get_terminal_size().columns
        for line in folding.folded("; ".join(told) + ".", columns):
            click.echo(line, err=True)
