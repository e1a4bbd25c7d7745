"""Backslash commands that the server never hears of: `\\x`, `\\timing`, `\\o`, `\\copy` … Pure.

Taken apart here; the command line (cli/script.py) and the SQL page carry them out, each in its own
way. Source: the manual, psql, "Meta-Commands".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.connection.statements import Statement
from rolebrowser.errors import StatementError
from rolebrowser.frozen import dataclass

NAMES: dict[str, str] = {
    "c": "\\c [DBNAME [USER]]: connect to another database, or as somebody else (command line)",
    "copy": "\\copy {TABLE | (QUERY)} to {'FILE' | stdout} [OPTIONS]: COPY into a file here "
    "(stdout: command line)",
    "e": "\\e: edit the statement in $EDITOR",
    "echo": "\\echo [TEXT]: write text to standard output",
    "g": "\\g [FILE]: run the statement before it; its result goes to the file",
    "gx": "\\gx [FILE]: the same, as records",
    "i": "\\i FILE: run the statements of a file",
    "o": "\\o [FILE]: write results to a file from now on; without, no longer",
    "pset": "\\pset [null TEXT | expanded [on|off] | format aligned|csv]: how results look",
    "q": "\\q: stop (command line)",
    "restrict": "\\restrict KEY: take no command but \\unrestrict from here on",
    "timing": "\\timing [on|off]: say how long each statement took",
    "unrestrict": "\\unrestrict KEY: end that",
    "watch": "\\watch [[i=]SECONDS] [c=TIMES] [m=ROWS]: run the statement again and again",
    "x": "\\x [on|off|auto]: show rows as records",
}
"""What there is, with its help."""
ENDINGS = frozenset(("g", "gx", "watch"))
"""Those that may stand behind a statement in place of its semicolon."""
_STEERING = frozenset(
    ("if", "elif", "else", "endif", "set", "unset", "gset", "gexec", "bind", "parse")
)
"""psql's commands that decide what is run behind them, or with which values; not done here."""
_ALIASES = {"G": "gx", "connect": "c", "edit": "e", "include": "i", "out": "o", "quit": "q"}
_ARGUMENT = re.compile(r"""(?:'(?:[^'\\]|''|\\.)*(?:'|$)|"(?:[^"]|"")*(?:"|$)|[^\s'"])+""")


@dataclass(frozen=True, slots=True)
class ClientCommand:
    """A command taken apart.

    Attributes:
        name: a key of `NAMES`.
        rest: what stands behind it, as it is.
    """

    name: str
    rest: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments, without their quotes."""
        return tuple(_unquoted(each) for each in _ARGUMENT.findall(self.rest))


def client_command(text: str) -> ClientCommand | None:
    """The command in a line; None when it is one for the server, or none at all."""
    word, _, rest = text.strip().removeprefix("\\").partition(" ")
    name = word.rstrip(";")
    name = _ALIASES.get(name, name)
    return ClientCommand(name, rest.strip().rstrip(";").rstrip()) if name in NAMES else None


def steering(text: str) -> str:
    """The name of a command that steers a script and isn't done here; else an empty string."""
    word = text.strip().removeprefix("\\").partition(" ")[0].rstrip(";")
    return word if word in _STEERING else ""


def on_error_stop(text: str) -> bool | None:
    """What `\\set ON_ERROR_STOP [VALUE]` says; None of any other text.

    Raises:
        StatementError: neither on nor off; in psql's words.
    """
    words = text.strip().rstrip(";").split()
    if words[:2] == ["\\unset", "ON_ERROR_STOP"]:
        return False
    if words[:2] != ["\\set", "ON_ERROR_STOP"]:
        return None
    return boolean("".join(words[2:]).strip("'\""), "ON_ERROR_STOP")


def boolean(text: str, name: str) -> bool:
    """A variable's value as psql reads it: on, off, or the beginning of true, false, yes or no.

    Raises:
        StatementError: in psql's words.
    """
    word = text.lower()
    if word in ("on", "1", "") or "true".startswith(word) or "yes".startswith(word):
        return True
    if word in ("off", "of", "0") or "false".startswith(word) or "no".startswith(word):
        return False
    raise StatementError(f'unrecognized value "{text}" for "{name}": Boolean expected')


def _unquoted(argument: str) -> str:
    if argument[:1] == "'":
        return argument[1:].removesuffix("'").replace("''", "'").replace("\\'", "'")
    if argument[:1] == '"':
        return argument[1:].removesuffix('"').replace('""', '"')
    return argument


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with one statement.

    Attributes:
        ending: the `\\g`, `\\gx` or `\\watch` that stood behind it in place of a semicolon.
    """

    statement: Statement
    ending: ClientCommand | None = None


def steps(statements: Sequence[Statement]) -> list[Step]:
    """Statements with the commands that end them.

    A statement that nothing has ended yet waits for the commands behind it, as in psql's buffer:
    `INSERT … \\x \\g` is one INSERT, shown as records.
    """
    found: list[Step] = []
    waiting = -1
    """Place of the statement that nothing has ended; behind it are commands alone."""
    for statement in statements:
        command = client_command(statement.text) if statement.backslash else None
        if command is not None and command.name in ENDINGS and waiting >= 0:
            found.append(Step(found.pop(waiting).statement, command))
            waiting = -1
            continue
        found.append(Step(statement))
        if not statement.backslash:
            waiting = -1 if statement.complete else len(found) - 1
    return found


def steps_at(script: Sequence[Statement], chosen: Statement) -> list[Statement]:
    """A statement with the one that it ends, or the command that ends it."""
    place = script.index(chosen)
    for step in steps(script[max(0, place - 1) : place + 2]):
        if step.ending is not None:
            first = script.index(step.statement)
            if place in (first, first + 1):
                return list(script[first : first + 2])
    return [chosen]


def switched(command: ClientCommand, now: bool, name: str = "", choices: str = "") -> bool:
    """A switch's new position: `\\timing on`, or the other one.

    Args:
        name, choices: of the setting, where psql names them in its refusal.

    Raises:
        StatementError: neither on nor off; in psql's words.
    """
    if not command.arguments:
        return not now
    word = command.arguments[0].lower()
    if word in ("on", "true", "yes", "1"):
        return True
    if word in ("off", "false", "no", "0"):
        return False
    if name:
        raise StatementError(f'unrecognized value "{word}" for "{name}"', why=choices)
    raise StatementError(f'unrecognized value "{word}" for "\\{command.name}": Boolean expected')


def file_named(command: ClientCommand) -> str:
    """The file a command names, `\\o`, `\\g`, `\\i`; empty = none.

    Raises:
        StatementError: it names a program, or is followed by more than a file; psql overwrites a
            file called SELECT for `\\g SELECT 2`, and says that 2 was ignored.
    """
    name, *more = (*command.arguments, "")
    if name.startswith("|"):
        raise StatementError("Results aren't piped into programs here.", fix="Name a file.")
    if name.startswith("("):
        raise StatementError(f"\\{command.name} takes no options here.", fix="Name a file only.")
    if more and more[0]:
        raise StatementError(
            f'\\{command.name}: extra argument "{more[0]}"',
            fix="A further statement goes on a line of its own, or behind \\\\.",
        )
    return name


@dataclass(frozen=True, slots=True)
class Watch:
    """`\\watch`: how often, how many times (0 = until stopped), and the fewest rows to go on."""

    seconds: float = 2.0
    times: int = 0
    rows: int = 0


def watch(command: ClientCommand) -> Watch:
    """The arguments of a `\\watch`.

    Raises:
        StatementError: in psql's words.
    """
    seconds, times, rows = 2.0, 0, 0
    for argument in command.arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            name, value = "i", argument
        key = {"i": "i", "interval": "i", "c": "c", "count": "c", "m": "m", "min_rows": "m"}.get(
            name
        )
        try:
            if key == "i":
                seconds = _not_negative(float(value))
            elif key == "c":
                times = int(_not_negative(int(value)))
            elif key == "m":
                rows = int(_not_negative(int(value)))
            else:
                raise StatementError(f'\\watch: unrecognized parameter "{name}"')
        except ValueError:
            what = {"i": "interval", "c": "iteration count", "m": "minimum row count"}[key or "i"]
            raise StatementError(f'\\watch: incorrect {what} value "{value}"') from None
    return Watch(seconds, times, rows)


def _not_negative(value: float) -> float:
    if not 0 <= value < 1_000_000:
        raise ValueError(value)
    return value


@dataclass(frozen=True, slots=True)
class Copy:
    """`\\copy … to`: the COPY to send, and the file; empty = standard output."""

    statement: str
    file: str = ""


def copy(command: ClientCommand) -> Copy:
    """The parts of a `\\copy`.

    Raises:
        StatementError: it can't be understood, or goes the other way.
    """
    pieces = [each for each in tokens(command.rest) if each.kind is not Kind.COMMENT]
    depth, place = 0, -1
    for number, piece in enumerate(pieces):
        depth += (piece.text == "(") - (piece.text == ")")
        if depth == 0 and piece.keyword in ("TO", "FROM"):
            place = number
            break
    what = "".join(piece.text for piece in pieces[:place]).strip() if place > 0 else ""
    behind = [piece for piece in pieces[place + 1 :] if piece.kind is not Kind.SPACE]
    if not what or not behind:
        raise StatementError("\\copy: parse error at end of line")
    if pieces[place].keyword == "FROM":
        raise StatementError(
            "\\copy … from isn't done here: it writes.", fix="Use psql: rolebrowser shell."
        )
    options = command.rest[behind[0].end :].strip()
    statement = f"COPY {what} TO STDOUT {options}".rstrip()
    goal = behind[0]
    if goal.keyword in ("STDOUT", "PSTDOUT"):
        return Copy(statement)
    if goal.keyword == "PROGRAM":
        raise StatementError("\\copy … to program isn't done here.", fix="Write to stdout.")
    if goal.kind is Kind.STRING:
        return Copy(statement, _unquoted(goal.text))
    # An unquoted name goes on to the next blank.
    name = command.rest[goal.start :].split()[0]
    rest = command.rest[goal.start + len(name) :].strip()
    return Copy(f"COPY {what} TO STDOUT {rest}".rstrip(), name)


def timing(seconds: float) -> str:
    """The line of `\\timing`, as psql writes it: "Time: 12.345 ms"."""
    milliseconds = seconds * 1000
    if milliseconds < 1000:
        return f"Time: {milliseconds:.3f} ms"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"Time: {milliseconds:.3f} ms ({int(minutes):02d}:{rest:06.3f})"
    hours, minutes = divmod(int(minutes), 60)
    if hours < 24:
        return f"Time: {milliseconds:.3f} ms ({hours:02d}:{minutes:02d}:{rest:06.3f})"
    days, hours = divmod(hours, 24)
    return f"Time: {milliseconds:.3f} ms ({days} d {hours:02d}:{minutes:02d}:{rest:06.3f})"
