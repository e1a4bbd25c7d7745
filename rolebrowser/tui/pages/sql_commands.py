r"""Commands: what psql's client commands mean on the SQL page: `\x`, `\e`, `\copy` …

Those that run statements (`\i`, `\g`, `\watch`) are the Runner's; how a line is taken apart is
connection/client_command.py's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from rolebrowser.connection import client_command as client
from rolebrowser.connection.client_command import ClientCommand
from rolebrowser.connection.statements import Statement, split
from rolebrowser.errors import StatementError
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.pages.sql_editors import Editors


class Commands:
    """Not a widget: a page's switches, and what sets them.

    Args:
        page: whose connection they mean.
        editors: where `\\e` finds the text.

    Attributes:
        records: `\\x` is on: results to come are shown as records.
    """

    def __init__(self, page: Page, editors: Editors) -> None:
        self._page = page
        self._editors = editors
        self._what: Mapping[str, Callable[[ClientCommand, Statement], Awaitable[str]]] = {
            "c": self._connect,
            "e": self._edit,
            "echo": self._echo,
            "q": self._quit,
            "timing": self._timing,
            "x": self._records,
        }
        self.records = False

    async def carry_out(self, command: ClientCommand, statement: Statement) -> str:
        """Do what a command says.

        Args:
            statement: where it stands.

        Returns:
            A sentence to show.

        Raises:
            RolebrowserError: it can't be done; in psql's words where it has some.
        """
        do = self._what.get(command.name)
        if do is None:
            raise StatementError(
                f"\\{command.name} isn't done on this page.", fix="rolebrowser sql does it."
            )
        return await do(command, statement)

    async def included(self, command: ClientCommand) -> list[Statement]:
        """The statements of the file that a `\\i` names.

        Raises:
            StatementError: no file is named, or it can't be read.
        """
        path = named(command)
        try:
            text = await in_thread(lambda cancel: _read(path), name="include")
        except (OSError, UnicodeDecodeError) as error:
            raise StatementError(f"{path}: {reason(error)}") from None
        return split(text, self._page.audited.info.engine)

    async def _records(self, command: ClientCommand, _: Statement) -> str:
        choices = "Available values are: on, off. A result on the screen: x switches it."
        self.records = client.switched(command, self.records, "expanded", choices)
        return f"Expanded display is {'on' if self.records else 'off'}."

    async def _timing(self, command: ClientCommand, _: Statement) -> str:
        client.switched(command, now=False)
        return "Timing is always on here: the line under a result says how long it took."

    async def _echo(self, command: ClientCommand, _: Statement) -> str:
        return " ".join(command.arguments)

    async def _connect(self, command: ClientCommand, _: Statement) -> str:
        raise StatementError(
            "\\c isn't done here: a connection stays with its database and its user.",
            fix="Esc goes back to the databases, where Enter opens another connection beside it.",
        )

    async def _quit(self, command: ClientCommand, _: Statement) -> str:
        raise StatementError("\\q isn't done here.", fix="Ctrl+Q quits.")

    async def _edit(self, command: ClientCommand, statement: Statement) -> str:
        """The editor's text, without the command, in the person's own editor."""
        if command.arguments:
            raise StatementError(
                "\\e edits what stands in the editor here, no file.",
                fix="\\i FILE runs a file's statements.",
            )
        editor = self._editors.active
        before, behind = editor.text[: statement.start], editor.text[statement.end :]
        if editor.text[statement.start : statement.end] == statement.text:
            editor.put(f"{before.rstrip()}\n{behind.lstrip()}".strip())
        self._editors.action_outside()
        return "Edited. Nothing was run."


def named(command: ClientCommand) -> Path:
    """The file that a command's first argument names.

    Raises:
        StatementError: there is none, or it is a program.
    """
    if not command.arguments:
        raise StatementError(f"\\{command.name}: missing required argument")
    return Path(command.arguments[0]).expanduser()


def reason(error: OSError | UnicodeDecodeError) -> str:
    """Why a file could not be read or written, in a few words."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not UTF-8 text"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")
