"""Look: what was last read of a connection's grants, what was read before, and how to look anew."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from rolebrowser.cancel import Cancel
from rolebrowser.connection.protocol import Connection
from rolebrowser.grants.picture import Load, Picture
from rolebrowser.target import Engine
from rolebrowser.tui import departed
from rolebrowser.tui.background import in_thread


def loader(connection: Connection) -> Load:
    """What reads the grants of that engine."""
    if connection.info.engine is Engine.MYSQL:
        from rolebrowser.grants.mysql import picture

        return picture.load
    from rolebrowser.grants import postgres_picture

    return postgres_picture.load


class Look:
    """One for each connection; whoever compares with it from elsewhere shares it.

    Attributes:
        picture: the last look; None before the first.
        before: the look before it.
        at: when the last look was taken (UTC).
    """

    def __init__(self, connection: Connection, load: Load) -> None:
        self._connection = connection
        self._load = load
        self.picture: Picture | None = None
        self.before: Picture | None = None
        self.at = datetime.now(UTC)

    @property
    def engine(self) -> Engine:
        """Of the server: two of one kind can be compared."""
        return self._connection.info.engine

    async def have(self) -> Picture:
        """The last look, else the first one."""
        return self.picture or await self.take()

    async def take(self) -> Picture:
        """Look anew; the connection's owner thread asks, and a thread of its own reads.

        Raises:
            RolebrowserError: the server refused, or is gone; what was seen before stays.
        """
        found = await in_thread(partial(_read, self._connection, self._load), name="grants")
        self.before, self.picture, self.at = self.picture, found, datetime.now(UTC)
        return found


def _read(connection: Connection, load: Load, cancel: Cancel) -> Picture:
    """Load; when it is given up the server is asked to stop, too."""
    forget = cancel.on_cancel(connection.cancel)
    try:
        found = load(connection)
    finally:
        forget()
    departed.still()
    return found
