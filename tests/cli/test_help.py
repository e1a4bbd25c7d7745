"""Each command's help fits, its examples have options that exist; the man page says the same."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess

import click
import pytest
from click.testing import CliRunner

from rolebrowser.cli.examples import EXAMPLES
from rolebrowser.cli.main import COMMANDS, cli
from tests import manual

CONTEXT = click.Context(cli, info_name="rolebrowser")


def command(name: str) -> click.Command:
    """A command by its name."""
    found = cli.get_command(CONTEXT, name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_eighty_columns_and_ends_with_examples(name: str) -> None:
    done = CliRunner().invoke(cli, [*([name] if name else []), "--help"], terminal_width=80)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert max(map(len, lines)) <= 80
    assert name == "" or any(line.strip() in ("Example:", "Examples:") for line in lines)


@pytest.mark.parametrize(("name", "line"), [(n, e) for n in EXAMPLES for e in EXAMPLES[n]])
def test_an_example_has_options_that_exist(name: str, line: str) -> None:
    words = shlex.split(re.split(r'\)"| [|>] ', line.partition("rolebrowser ")[2])[0])
    assert words[0] == name
    found = command(name)
    context = click.Context(found, info_name=name, parent=CONTEXT)
    options, arguments, _ = found.make_parser(context).parse_args(words[1:])
    assert len(options) + len(arguments) > 0 or len(words) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_profile_is_a_usage_error(name: str) -> None:
    """A script's variable that isn't set must not mean the default profile."""
    known = {option for each in command(name).params for option in each.opts}
    if "-p" not in known:
        assert "--profile" not in known
        return
    done = CliRunner().invoke(cli, [name, "-p", "", "target"])
    assert done.exit_code == 2
    assert "it is empty" in done.output


def test_every_command_has_an_example_and_nothing_else_has() -> None:
    assert list(EXAMPLES) == list(COMMANDS)


def test_the_man_page_is_as_the_commands_make_it() -> None:
    kept = manual.PAGE.read_text(encoding="utf-8")
    assert kept == manual.page(), "python tests/manual.py writes it anew"


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff reads man pages")
def test_the_man_page_can_be_read() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-rLL=80n", str(manual.PAGE)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    seen = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)
    assert "rolebrowser sql orders -c '\\du'" in seen
    assert "--policy-file PATH" in seen
