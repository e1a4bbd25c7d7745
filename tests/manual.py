"""`python tests/manual.py`: writes the man page from the commands' own help. A test holds it to
them; the wheel installs it as share/man/man1/rolebrowser.1."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from rolebrowser import __version__
from rolebrowser.cli.examples import EXAMPLES
from rolebrowser.cli.main import COMMANDS, cli

PAGE = Path(__file__).parents[1] / "man" / "rolebrowser.1"
SUMMARY = "from who am I to what may they do in that database, in one keystroke"
FILES = (
    (
        "~/.config/rolebrowser/config.toml",
        "Settings and bookmarks; `rolebrowser config` shows them.",
    ),
    ("~/.local/state/rolebrowser", "Recents, history of statements, saved queries, the audit log."),
    ("~/.cache/rolebrowser", "The CA bundle, lists with their age."),
    ("~/.aws", "The AWS CLI's configuration and caches, shared with it."),
)
STATUS = (
    ("0", "Done."),
    ("1", "Failed; a sentence on standard error says what, why, and what to do next."),
    ("2", "Wrong usage. Of `sql`, as of psql: the connection was lost."),
    ("3", "Of `sql`, as of psql: a script was stopped by ON_ERROR_STOP."),
)


def page() -> str:
    """The man page, in man(7)'s macros."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield f'.TH ROLEBROWSER 1 "" "rolebrowser {__version__}" "User Commands"'
    yield from (".SH NAME", f"rolebrowser \\- {_text(SUMMARY)}")
    yield from (".SH SYNOPSIS", ".B rolebrowser", "[\\fICOMMAND\\fR [\\fIOPTIONS\\fR]]")
    yield ".SH DESCRIPTION"
    yield _text(
        "Without a command the terminal UI begins: AWS profiles with the life of their sessions, "
        "the databases of the chosen one, whom to log in as; then an SQL editor and the grants. "
        "? or F1 lists the keys of where one is. The commands do the same for scripts: data on "
        "standard output, everything else on standard error."
    )
    yield ".SH COMMANDS"
    for name in COMMANDS:
        yield from _command(name)
    yield from _listed("EXIT STATUS", STATUS)
    yield from _listed("FILES", FILES)
    yield from (".SH SEE ALSO", ".BR aws (1),", ".BR psql (1),", ".BR mysql (1)")


def _command(name: str) -> Iterator[str]:
    context = click.Context(cli, info_name="rolebrowser")
    command = cli.get_command(context, name)
    assert command is not None
    inner = click.Context(command, info_name=name, parent=context)
    yield f".SS {_text(' '.join([name, *command.collect_usage_pieces(inner)]))}"
    for number, paragraph in enumerate(inspect.cleandoc(command.help or "").split("\n\n")):
        yield from ([".PP"] if number else [])
        yield _text(" ".join(paragraph.split()))
    for parameter in command.params:
        record = parameter.get_help_record(inner)
        if record is not None:
            yield from (".TP", f".B {_text(record[0])}", _text(record[1]))
    yield from (".PP", ".EX", *(_text(line) for line in EXAMPLES[name]), ".EE")


def _listed(title: str, items: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {title}"
    for name, text in items:
        yield from (".TP", f".B {_text(name)}", _text(text))


def _text(text: str) -> str:
    """Escaped for roff: a backslash, a minus that is to be pasted, a dot or quote in front."""
    escaped = text.replace("\\", "\\(rs").replace("-", "\\-").replace("`", "")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
