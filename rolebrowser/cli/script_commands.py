"""What backslash commands do to a run: `\\x`, `\\timing`, `\\o`, `\\i`, `\\copy`, `\\c` …"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rolebrowser import private_file
from rolebrowser.cli import results
from rolebrowser.cli.results import Sink
from rolebrowser.connection import client_command as client
from rolebrowser.connection import pset
from rolebrowser.connection.client_command import ClientCommand
from rolebrowser.connection.copy_csv import copy_csv, copyable, refused_unrun
from rolebrowser.errors import StatementError

if TYPE_CHECKING:
    from rolebrowser.cli.script import Run
    from rolebrowser.connection.statements import Statement

_CHUNK = 65_536


class Stopped(Exception):
    """`\\q`, or an error in a file that was to stop the script. `code` is the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def carry_out(run: Run, command: ClientCommand) -> None:
    """Do what a command says.

    Raises:
        StatementError: it can't be done; in psql's words where it has some.
        script.Stopped: `\\q`.
    """
    _WHAT[command.name](run, command)


def _records(run: Run, command: ClientCommand) -> None:
    sink = run.sink
    if command.arguments[:1] == ("auto",):
        sink.records, sink.auto = False, True
        sink.text("Expanded display is used automatically.\n")
        return
    choices = "Available values are: on, off, auto."
    sink.records, sink.auto = client.switched(command, sink.records, "expanded", choices), False
    sink.text(f"Expanded display is {'on' if sink.records else 'off'}.\n")


def _pset(run: Run, command: ClientCommand) -> None:
    sink = run.sink
    name, value = pset.option(command)
    forms = {"aligned": None, "csv": "csv"}
    if name == pset.EXPANDED:
        _records(run, pset.expanded(value))
        return
    if name == pset.FORMAT and value is not None:
        if value not in forms:
            raise StatementError(f"\\pset: allowed formats here are {', '.join(forms)}")
        sink.form = forms[value]
    if name == pset.NULL and value is not None:
        sink.null = value
    expanded = "auto" if sink.auto else "on" if sink.records else "off"
    shown = {
        pset.EXPANDED: (expanded, ""),
        pset.FORMAT: (form := sink.form or "aligned", f"Output format is {form}."),
        pset.NULL: (f"'{sink.null}'", f'Null display is "{sink.null}".'),
        # There is none, whatever is asked for: results go where the output goes.
        pset.PAGER: ("0", "Pager usage is off."),
    }
    every = "".join(f"{each:<24} {now}\n" for each, (now, _) in shown.items())
    sink.text(f"{shown[name][1]}\n" if name else every)


def _timing(run: Run, command: ClientCommand) -> None:
    run.timing = client.switched(command, run.timing)
    run.sink.text(f"Timing is {'on' if run.timing else 'off'}.\n")


def _out(run: Run, command: ClientCommand) -> None:
    name = client.file_named(command)
    file = _opened(name) if name else None
    if run.sink.file is not None:
        run.sink.file.close()
    run.sink.file = file


def _include(run: Run, command: ClientCommand) -> None:
    name = client.file_named(command)
    if not name:
        raise StatementError("\\i: missing required argument")
    try:
        text = Path(name).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StatementError(f"{name}: {_reason(error)}") from None
    run.include(text, name)


def _copy(run: Run, command: ClientCommand) -> None:
    wanted = client.copy(command)
    if not wanted.file:
        copy_to_output(run, wanted.statement, run.sink)
        return
    path = Path(wanted.file).expanduser()
    try:
        with open(path, "wb", opener=private_file.opener) as file:
            status = run.connection.copy_out(wanted.statement, file.write).result()
    except OSError as error:
        raise StatementError(f"{wanted.file}: {_reason(error)}") from None
    run.sink.text(f"{status.status}\n")


def copy_to_output(run: Run, statement: str, sink: Sink) -> None:
    """A COPY … TO STDOUT into where results go."""
    out = sink.bytes()
    with _reader_gone():
        run.connection.copy_out(statement, out.write).result()
    with contextlib.suppress(OSError):
        out.flush()


def copy_from_script(run: Run, statement: Statement) -> None:
    """A COPY … FROM STDIN: its data are the lines below it, those of a -c our standard input."""
    data: Iterable[bytes] = ((statement.data or "").encode(errors="surrogateescape"),)
    if statement.data is None and run.together:
        data = iter(partial(sys.stdin.buffer.read, _CHUNK), b"")
    outcome = run.connection.copy_in(statement.text, data).result()
    results.notices(outcome)
    run.sink.text(f"{outcome.status}\n")


def query_as_csv(run: Run, statement: str, sink: Sink) -> int | None:
    """A query's rows as the server's own CSV; how many. None where it has to be run as it is.

    What a person looks at is cleaned row by row, so it isn't copied.
    """
    ours = sink.form != "csv" or sink.screen or sink.null
    copy = "" if ours else copyable(run.connection, statement)
    if not copy:
        return None
    out = sink.bytes()
    try:
        with _reader_gone():
            outcome = copy_csv(run.connection, copy, out.write)
    except StatementError as error:
        if refused_unrun(error):
            return None
        raise
    out.flush()
    results.notices(outcome)
    return outcome.rowcount or 0


@contextmanager
def _reader_gone() -> Iterator[None]:
    """Nobody reading our output any more is no fault of the statement's."""
    try:
        yield
    except StatementError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise error.__cause__ from None
        raise


def _echo(run: Run, command: ClientCommand) -> None:
    run.sink.text(" ".join(command.arguments) + "\n")


def _connect(run: Run, command: ClientCommand) -> None:
    dbname, user, *_ = (*command.arguments, "", "")
    run.connect(*("" if each == "-" else each for each in (dbname, user)))


def _quit(run: Run, command: ClientCommand) -> None:
    raise Stopped(0)


def _edit(run: Run, command: ClientCommand) -> None:
    raise StatementError("\\e needs an editor and a person.", fix="It works in the terminal UI.")


def _restrict(run: Run, command: ClientCommand) -> None:
    if not command.arguments:
        raise StatementError("\\restrict: missing required argument")
    run.key = command.arguments[0]


def _unrestrict(run: Run, command: ClientCommand) -> None:
    if not command.arguments:
        raise StatementError("\\unrestrict: missing required argument")
    if not run.key:
        raise StatementError("\\unrestrict: not currently in restricted mode")
    if run.key != command.arguments[0]:
        raise StatementError("\\unrestrict: wrong key")
    run.key = ""


def check_restriction(run: Run, text: str) -> None:
    """Refuse a command inside a dump's `\\restrict`, where the dump itself has none.

    Raises:
        StatementError: in psql's words.
    """
    word = text.removeprefix("\\").split(None, 1)[0]
    if run.key and word != "unrestrict":
        raise StatementError("backslash commands are restricted; only \\unrestrict is allowed")


_WHAT: Mapping[str, Callable[[Run, ClientCommand], None]] = {
    "c": _connect,
    "copy": _copy,
    "e": _edit,
    "echo": _echo,
    "i": _include,
    "o": _out,
    "pset": _pset,
    "q": _quit,
    "restrict": _restrict,
    "timing": _timing,
    "unrestrict": _unrestrict,
    "x": _records,
}


@contextmanager
def results_file(ending: ClientCommand, sink: Sink) -> Iterator[TextIO | None]:
    """Where a `\\g FILE` writes; without a file, where the others go."""
    name = client.file_named(ending)
    if not name:
        yield sink.file
        return
    with _opened(name) as file:
        yield file


def _opened(name: str) -> TextIO:
    try:
        path = Path(name).expanduser()
        return open(
            path, "w", encoding="utf-8", errors="surrogateescape", opener=private_file.opener
        )
    except OSError as error:
        raise StatementError(f"{name}: {_reason(error)}") from None


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not UTF-8 text"
