"""SqlCompletion: what an editor's completion knows of the connection's names."""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.connection import backslash
from rolebrowser.connection.catalog_reader import CatalogReader
from rolebrowser.connection.completion import Completion, complete
from rolebrowser.connection.effects import classify
from rolebrowser.connection.protocol import Connection
from rolebrowser.connection.statements import Statement

_RENAMING = frozenset(("CREATE", "ALTER", "DROP", "RENAME", "IMPORT"))
_MOVING = frozenset(("SET", "RESET", "USE", "DISCARD"))


class SqlCompletion:
    """Not a widget. The names are read when somebody first types, and again when they changed."""

    def __init__(self) -> None:
        self._reader: CatalogReader | None = None
        self._commands: tuple[tuple[str, str], ...] = ()
        self._begun = False

    def connected(self, connection: Connection) -> None:
        """There is somebody to ask, when the time comes."""
        self.stop()
        self._reader = CatalogReader(connection)
        self._commands = backslash.commands(connection.info.engine)
        self._begun = False

    def complete(self, text: str, offset: int, asked: bool) -> Completion | None:
        """What may stand at an offset of a text; None while the names are being read.

        Args:
            asked: a person asked for it.
        """
        reader = self._reader
        if reader is None:
            return None
        if not self._begun:
            self._begun = True
            reader.read()
        found = complete(text, offset, reader.catalog, self._commands, asked=asked)
        return found if found.candidates or reader.whole or not reader.reading else None

    def ran(self, statements: Sequence[Statement]) -> None:
        """Statements were run: names may have changed, or what they mean."""
        if self._reader is None or not self._begun:
            return
        engine = self._reader.catalog.engine
        commands = {classify(each.text, engine).command for each in statements}
        if commands & _RENAMING or not (self._reader.whole or self._reader.reading):
            self._reader.read()
        elif commands & _MOVING:
            self._reader.read_path()

    def stop(self) -> None:
        """Ask nothing more."""
        if self._reader is not None:
            self._reader.stop()
