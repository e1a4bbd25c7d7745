"""cli/main.py: what holds for every command."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from rolebrowser import __version__
from rolebrowser.cli import main
from rolebrowser.errors import Cancelled, RolebrowserError

Rolebrowser = Callable[..., Any]


def test_help_lists_every_command_that_is_there(rolebrowser: Rolebrowser) -> None:
    done = rolebrowser("--help")
    assert done.code == 0
    for name in ("demo", "profiles", "roles", "databases", "users", "token", "sql", "shell"):
        assert f"\n  {name} " in done.out


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_every_command_that_is_listed_has_help(name: str, rolebrowser: Rolebrowser) -> None:
    if f"\n  {name} " not in rolebrowser("--help").out:
        pytest.skip(f"{name} has not been written yet")
    done = rolebrowser(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: rolebrowser {name}")


def test_the_version_is_told(rolebrowser: Rolebrowser) -> None:
    assert __version__ in rolebrowser("--version").out


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["sql"], ["sql", "1", "--nonsense"], ["token", "1", "2"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str], rolebrowser: Rolebrowser) -> None:
    done = rolebrowser(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Usage" in done.err


def test_no_configuration_at_all_is_fine(rolebrowser: Rolebrowser) -> None:
    done = rolebrowser("profiles", "--json")
    assert (done.code, done.out, done.err) == (0, "[]\n", "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"thme = 'x'", ":2: the key 'thme' is not known.\nDid you mean 'theme'?"),
        (b"theme = x", "line 2"),
        (b"theme = '\xff'", ":2: this is not UTF-8 text."),
    ],
)
def test_a_malformed_configuration_is_a_sentence_with_the_line(
    line: bytes,
    words: str,
    rolebrowser: Rolebrowser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"read_only = true\n" + line)
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(path))
    done = rolebrowser("sql", "1", "-c", "SELECT 1")
    assert (done.code, done.out) == (1, "")
    assert str(path) in done.err
    assert words in done.err


def test_what_nobody_expected_is_still_a_sentence(
    rolebrowser: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise KeyError("secret_access_key=wJalrXUtnFEMI")

    monkeypatch.setattr(main.cli, "main", lambda **arguments: broken())
    done = rolebrowser("profiles")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "KeyError" in done.err
    assert "wJalr" not in done.err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (KeyboardInterrupt(), 130),
        (Cancelled(), 130),
        (click.exceptions.Abort(), 130),
        (RolebrowserError("No."), 1),
    ],
)
def test_exit_codes(
    raised: BaseException,
    code: int,
    rolebrowser: Rolebrowser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(**arguments: object) -> None:
        raise raised

    monkeypatch.setattr(main.cli, "main", stop)
    assert rolebrowser("profiles").code == code


def test_an_error_names_its_fix_and_is_cleaned(
    rolebrowser: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**arguments: object) -> None:
        raise RolebrowserError("What.", why="\x1b]0;owned\x07", fix="Do this.")

    monkeypatch.setattr(main.cli, "main", refuse)
    assert rolebrowser("profiles").err == "What.\n␛]0;owned␇\nDo this.\n"


def test_a_reader_that_goes_away_is_no_failure_worth_a_word(
    clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = clean_env / "config"
    config.write_text("".join(f"[profile p{n}]\nregion = eu-west-1\n" for n in range(3000)))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    command = [sys.executable, "-m", "rolebrowser", "profiles", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        assert done.stdout.read(2) == b"[\n"
        done.stdout.close()
        assert done.stderr.read() == b""


def test_the_interrupt_key_ends_it_quietly(clean_env: Path) -> None:
    """While a server keeps it waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x"
        command = [sys.executable, "-m", "rolebrowser", "sql", url, "-c", "SELECT 1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as waiting:
            knock, _ = silent.accept()
            with knock:
                knock.recv(8)
                waiting.send_signal(signal.SIGINT)
                out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, out, err.strip()) == (130, b"", b"")


INSISTS = """
import os, signal, sys, time
from rolebrowser.cli.main import _told_to_end
first, second = (getattr(signal, name) for name in sys.argv[1:3])
with _told_to_end():
    try:
        os.kill(os.getpid(), first)
        time.sleep(60)
    finally:
        time.sleep(float(sys.argv[3]))
        os.kill(os.getpid(), second)
        time.sleep(0.1)
        print("cleaned up")
"""


@pytest.mark.parametrize(
    ("first", "second", "after", "code", "out"),
    [
        # A terminal that closes is told of by the kernel and by the shell.
        ("SIGHUP", "SIGHUP", 0.5, 128 + signal.SIGHUP, "cleaned up\n"),
        ("SIGTERM", "SIGHUP", 0.5, 128 + signal.SIGTERM, "cleaned up\n"),
        # timeout(1) tells twice in a row.
        ("SIGTERM", "SIGTERM", 0, 128 + signal.SIGTERM, "cleaned up\n"),
        ("SIGTERM", "SIGTERM", 0.5, -signal.SIGTERM, ""),
        ("SIGTERM", "SIGINT", 0.5, -signal.SIGINT, ""),
    ],
)
def test_who_insists_ends_it_at_once_and_a_terminal_that_closes_does_not(
    first: str, second: str, after: float, code: int, out: str
) -> None:
    command = [sys.executable, "-c", INSISTS, first, second, str(after)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (code, out)


def test_output_survives_a_locale_without_the_characters(
    program: Rolebrowser, clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = clean_env / "config"
    config.write_text("[profile 広]\nregion = eu-west-1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    done = program("profiles")
    assert done.code == 0
    assert r"\u5e83" in done.out


def test_without_a_terminal_the_ui_says_so(program: Rolebrowser) -> None:
    for arguments in ([], ["demo"]):
        done = program(*arguments)
        assert done.code == 1
        assert "needs a terminal" in done.err


def test_the_shell_completes_commands_and_bookmarks(
    program: Rolebrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[bookmarks]]\nname = "orders-production"\ndatabase = "orders"\n')
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(config))
    monkeypatch.setenv("_ROLEBROWSER_COMPLETE", "bash_complete")

    def complete(words: str, place: int) -> str:
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(place))
        return program().out.strip()

    assert "plain,profiles" in complete("rolebrowser prof", 1)
    assert "plain,orders-production" in complete("rolebrowser sql ord", 2)
    assert complete("rolebrowser sql nothing", 2) == ""


HEAVY = ("boto3", "botocore", "psycopg", "pymysql", "textual", "rich", "moto")


@pytest.mark.parametrize("arguments", [["--help"], ["profiles", "--json"], ["sql", "--help"]])
def test_a_command_loads_only_what_it_needs(arguments: list[str], clean_env: Path) -> None:
    (clean_env / ".aws").mkdir()
    (clean_env / ".aws" / "config").write_text("[profile a]\nregion = eu-west-1\n")
    script = (
        "import sys\nfrom rolebrowser.cli.main import run\n"
        f"assert run({arguments!r}) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
