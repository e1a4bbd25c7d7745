r"""Commands: what psql's client commands mean on the SQL page: `\x`, `\e`, `\copy` …

Those that run statements (`\i`, `\g`, `\watch`) are the Runner's; how a line is taken apart is
connection/client_command.py's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rolebrowser import private_file
from rolebrowser.cancel import Cancel
from rolebrowser.connection import client_command as client
from rolebrowser.connection import pset, psql_file
from rolebrowser.connection.client_command import ClientCommand
from rolebrowser.connection.export import pages
from rolebrowser.connection.protocol import Outcome
from rolebrowser.connection.statements import Statement, split
from rolebrowser.errors import Cancelled, StatementError
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
        null: `\\pset null`: what stands for NULL in the files that `\\o` and `\\g` write.
        out: `\\o FILE`: where results go instead of the screen; None = nowhere.
    """

    def __init__(self, page: Page, editors: Editors) -> None:
        self._page = page
        self._editors = editors
        self._what: Mapping[str, Callable[[ClientCommand, Statement], Awaitable[str]]] = {
            "c": self._connect,
            "copy": self._copy,
            "e": self._edit,
            "echo": self._echo,
            "o": self._out,
            "pset": self._pset,
            "q": self._quit,
            "restrict": self._not_restricted,
            "unrestrict": self._not_restricted,
            "timing": self._timing,
            "x": self._records,
        }
        self.records = False
        self.null = ""
        self.out: Path | None = None

    async def carry_out(self, command: ClientCommand, statement: Statement) -> str:
        """Do what a command says.

        Args:
            statement: where it stands.

        Returns:
            A sentence to show.

        Raises:
            RolebrowserError: it can't be done; in psql's words where it has some.
        """
        return await self._what[command.name](command, statement)

    async def included(self, command: ClientCommand) -> list[Statement]:
        """The statements of the file that a `\\i` names.

        Raises:
            StatementError: no file is named, or it can't be read.
        """
        path = named(command)
        text = await in_thread(lambda cancel: _read(path), name="include")
        return split(text, self._page.audited.info.engine)

    async def write(self, path: Path, outcome: Outcome, *, records: bool, anew: bool) -> str:
        """Write a whole result to a file, as psql prints it; its rows are read to the last.

        Args:
            anew: in place of what the file holds, rather than behind it.

        Returns:
            A sentence to show.

        Raises:
            StatementError: the file can't be written.
            RolebrowserError: as `Connection.more`.
        """
        connection, null = self._page.audited, self.null

        def job(cancel: Cancel) -> int:
            with _told(path), path.open("w" if anew else "a", encoding="utf-8") as file:
                rows = pages(connection, outcome)
                return psql_file.write(file.write, outcome, rows, records=records, null=null)

        count = await in_thread(job, name="results to a file")
        return f"{count:,} row{'' if count == 1 else 's'}: written to {path}."

    async def _copy(self, command: ClientCommand, _: Statement) -> str:
        wanted = client.copy(command)
        if not wanted.file:
            raise StatementError("\\copy … to stdout isn't done here.", fix="Name a file.")
        path, connection = _at_home(wanted.file), self._page.audited

        def job(cancel: Cancel) -> Outcome:
            with _told(path), private_file.replaced(path) as file:
                return connection.copy_out(wanted.statement, file.write).result()

        try:
            outcome = await in_thread(job, name="copy")
        except Cancelled:
            raise Cancelled(f"Cancelled: {path} is as it was.") from None
        return f"{outcome.status}: written to {path}."

    async def _out(self, command: ClientCommand, _: Statement) -> str:
        if not command.arguments:
            self.out = None
            return "Results are shown here again."
        path = named(command)
        await in_thread(lambda cancel: _emptied(path), name="out")
        self.out = path
        return f"Results go to {path} from now on, and no longer here: \\o alone ends that."

    async def _records(self, command: ClientCommand, _: Statement) -> str:
        choices = "Available values are: on, off. A result on the screen: x switches it."
        self.records = client.switched(command, self.records, "expanded", choices)
        return f"Expanded display is {'on' if self.records else 'off'}."

    async def _pset(self, command: ClientCommand, statement: Statement) -> str:
        name, value = pset.option(command)
        if name == pset.EXPANDED:
            return await self._records(pset.expanded(value), statement)
        if name == pset.PAGER:
            return "No pager is needed here: rows come as you scroll."
        if name == pset.FORMAT and value not in (None, "aligned"):
            raise StatementError(
                f"\\pset format {value} isn't done here: results are a grid.",
                fix="c copies and e exports as CSV, JSON and more.",
            )
        if name == pset.NULL and value is not None:
            self.null = value
        format_ = "Results are a grid here; files that \\o and \\g write have psql's tables."
        null = f"NULL is \"{self.null}\" in such files; here it is always told from ''."
        told = {pset.FORMAT: (format_,), pset.NULL: (null,)}
        every = (format_, null, f"Expanded display is {'on' if self.records else 'off'}.")
        return "\n".join(told.get(name, every))

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

    async def _not_restricted(self, command: ClientCommand, _: Statement) -> str:
        raise StatementError(
            f"\\{command.name} isn't done here.",
            fix="It begins a dump: rolebrowser sql TARGET -f FILE runs one.",
        )

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
        StatementError: there is none, or more than one.
    """
    name = client.file_named(command)
    if not name:
        raise StatementError(f"\\{command.name}: missing required argument")
    return _at_home(name)


def _at_home(name: str) -> Path:
    return Path(name).expanduser()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says which file didn't work, and why. Raises StatementError."""
    try:
        yield
    except OSError as error:
        raise StatementError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise StatementError(f"{path}: not UTF-8 text") from None


def _read(path: Path) -> str:
    with _told(path):
        return path.read_text(encoding="utf-8-sig")


def _emptied(path: Path) -> None:
    with _told(path):
        path.write_bytes(b"")
