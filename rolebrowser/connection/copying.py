"""Parts of a loaded result as text for the clipboard, and the table an INSERT would go to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rolebrowser.connection.encode import Form, encoded
from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.connection.loaded import Loaded, Place
from rolebrowser.connection.protocol import Row
from rolebrowser.target import Engine


class Part(StrEnum):
    """What of a result is copied."""

    CELL = "cell"
    ROW = "row"
    COLUMN = "column"
    ALL = "all loaded rows"


def copied(
    loaded: Loaded,
    place: Place,
    part: Part,
    form: Form,
    *,
    table: str = "",
    engine: Engine = Engine.POSTGRES,
) -> str:
    """A part of a result in a form, rows in the order they are shown in.

    Args:
        place: the cell that names the row and the column.
        table, engine: as `encode.encoder` takes them.
    """
    columns = loaded.columns
    rows: Iterable[Row] = loaded
    if part in (Part.CELL, Part.ROW):
        rows = [loaded.row(place[0])]
    if part in (Part.CELL, Part.COLUMN):
        number = place[1]
        columns = columns[number : number + 1]
        rows = (row[number : number + 1] for row in rows)
    text = encoded(form, columns, rows, table=table, engine=engine)
    return text.removesuffix("\n") if part in (Part.CELL, Part.ROW) else text


def table_of(statement: str, dialect: Engine = Engine.POSTGRES) -> str:
    """The one table a SELECT reads, as it is written there; empty when it isn't one."""
    meant = [t for t in tokens(statement, dialect) if t.kind not in (Kind.SPACE, Kind.COMMENT)]
    froms = [n for n, token in enumerate(meant) if token.keyword == "FROM"]
    if len(froms) != 1 or any(token.keyword in _OTHERS for token in meant):
        return ""
    name = ""
    for token in meant[froms[0] + 1 :]:
        dotted = name.endswith(".") or not name
        if token.text == "(" or (token.text == "," and name):
            return ""
        if (token.text == ".") == dotted:
            break
        name += token.text
    return name.removesuffix(".")


_OTHERS = frozenset(("JOIN", "UNION", "INTERSECT", "EXCEPT", "USING"))
