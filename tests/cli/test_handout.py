"""`rolebrowser exec`, `env` and `credential-process`, held to the programs that take them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]
ALICE = "arn:aws:iam::111111111111:user/alice"
READER = "arn:aws:iam::222222222222:role/team/DatabaseReader"
AWS = str(Path(sys.executable).with_name("aws"))
WHO = (AWS, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
SHOW = (sys.executable, "-c", "import os, json; print(json.dumps(dict(os.environ)))")


def evaluated(lines: str, environ: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a program after a shell evaluated the lines."""
    script = (
        f"{lines}\nexec {sys.executable} -c 'import os, json; print(json.dumps({{**os.environ}}))'"
    )
    out = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **(environ or {})},
    ).stdout
    found: dict[str, str] = json.loads(out)
    return found


@pytest.mark.parametrize(
    ("options", "who"),
    [
        (("-p", "engineer"), ALICE),
        (("-p", "staging"), "arn:aws:sts::222222222222:assumed-role/Developer/"),
        (("-p", "staging", "--role", READER), "arn:aws:sts::222222222222:assumed-role/DatabaseRe"),
        (("-p", "tool"), "arn:aws:iam::111111111111:user/bob"),
    ],
)
def test_the_stock_cli_acts_as_the_profile_or_role_asked_for(
    options: tuple[str, ...], who: str, program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    done = program("exec", *options, "--", *WHO)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(who)


def test_nothing_in_the_childs_environment_names_another_identity(
    program: Rolebrowser, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "forbidden")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "loop-a")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "somebody/else")
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "old")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "stale")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2001-01-01T00:00:00Z")
    done = program("exec", "-p", "engineer", "--", *SHOW)
    seen = json.loads(done.out)
    assert {name for name in seen if name.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_EC2_METADATA_DISABLED",
    }
    assert seen["AWS_ACCESS_KEY_ID"] == "AKIASANDBOXALICE0001"
    assert "AWS_ACCESS_KEY_ID is set" in done.err


def test_the_childs_environment_names_the_end(
    program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    seen = json.loads(program("exec", "-p", "staging", "--", *SHOW).out)
    ends = datetime.fromisoformat(seen["AWS_CREDENTIAL_EXPIRATION"])
    assert 3500 < (ends - datetime.now(UTC)).total_seconds() <= 3600


def test_the_profiles_endpoint_and_ca_file_go_with_the_keys(
    program: Rolebrowser, clean_env: Path
) -> None:
    (clean_env / ".aws").mkdir()
    (clean_env / ".aws" / "config").write_text(
        "[profile far]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n"
        "region = xx-far-1\nendpoint_url = http://far.example:1\nca_bundle = /far.pem\n"
    )
    seen = json.loads(program("exec", "-p", "far", "--", *SHOW).out)
    assert seen["AWS_ENDPOINT_URL"] == "http://far.example:1"
    assert seen["AWS_CA_BUNDLE"] == "/far.pem"
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "xx-far-1"


def test_the_commands_exit_code_is_ours(program: Rolebrowser, sandbox_env: SandboxProcess) -> None:
    assert program("exec", "-p", "engineer", "sh", "-c", "exit 42").code == 42
    assert program("exec", "-p", "engineer", "--", "sh", "-c", "kill -TERM $$").code == -15
    missing = program("exec", "-p", "engineer", "--", "no-such-program")
    assert (missing.code, missing.out) == (127, "")
    assert "no-such-program: No such file" in missing.err
    assert program("exec", "-p", "engineer", "--", "/etc/passwd").code == 126


def test_the_command_keeps_its_own_options(
    program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    done = program("exec", "-p", "engineer", "echo", "-p", "--role", "-h", "--", "x")
    assert done.out == "-p --role -h -- x\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_the_command(number: signal.Signals, sandbox_env: SandboxProcess) -> None:
    script = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *a: (print('got it'), sys.exit(7)))\n"
        "print('ready', flush=True)\ntime.sleep(30)"
    )
    run = [sys.executable, "-m", "rolebrowser", "exec", "-p", "engineer", "--"]
    process = subprocess.Popen(
        [*run, sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (7, "got it\n")


def test_argv_holds_no_secret(sandbox_env: SandboxProcess) -> None:
    run = [sys.executable, "-m", "rolebrowser", "exec", "-p", "staging", "--", "sleep", "20"]
    process = subprocess.Popen(run, cwd=REPOSITORY)
    try:
        ends = time.monotonic() + 60
        shown = b""
        while b"rolebrowser" in shown or not shown:
            shown = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert shown == b"sleep\x0020\x00"
    finally:
        process.kill()
        process.wait()


def test_a_shell_that_evaluates_the_lines_is_the_profile(
    program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    done = program("env", "-p", "staging")
    assert (done.code, done.err) == (0, "")
    old = {"AWS_PROFILE": "forbidden", "AWS_SECURITY_TOKEN": "old"}
    seen = evaluated(done.out, old)
    assert not {"AWS_PROFILE", "AWS_SECURITY_TOKEN"} & set(seen)
    who = subprocess.run(WHO, env=seen, capture_output=True, text=True, check=True).stdout
    assert who.startswith("arn:aws:sts::222222222222:assumed-role/Developer/")
    ours = {name: value for name, value in seen.items() if name.startswith("AWS_")}
    ended = datetime.fromisoformat(ours["AWS_CREDENTIAL_EXPIRATION"])
    assert ended > datetime.now(UTC)
    assert ours["AWS_REGION"] == "eu-west-1"


def test_long_term_keys_take_a_session_of_before_away(
    program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    lines = program("env", "-p", "engineer").out
    seen = evaluated(lines, {"AWS_SESSION_TOKEN": "x", "AWS_CREDENTIAL_EXPIRATION": "y"})
    assert not {"AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"} & set(seen)


def test_json_is_one_object_of_the_variables(in_sandbox: Rolebrowser) -> None:
    found = in_sandbox("env", "-p", "staging", "--shell", "json").json
    assert set(found) == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    }


def test_the_stock_cli_takes_us_as_its_credential_process(
    program: Rolebrowser,
    sandbox_env: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = tmp_path / "config"
    command = f"{sys.executable} -m rolebrowser credential-process -p staging"
    text = Path(os.environ["AWS_CONFIG_FILE"]).read_text(encoding="utf-8")
    own.write_text(f"{text}\n[profile through-us]\ncredential_process = {command}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    monkeypatch.chdir(REPOSITORY)
    done = subprocess.run([*WHO, "--profile", "through-us"], capture_output=True, text=True)
    assert done.stdout.startswith("arn:aws:sts::222222222222:assumed-role/Developer/"), done.stderr
    answer = program("credential-process", "-p", "staging").json
    assert set(answer) == {
        "Version",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
    }
    assert answer["Version"] == 1


def test_a_credential_process_that_asks_for_itself_is_told_so(
    program: Rolebrowser,
    clean_env: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = clean_env / "config"
    command = f"{sys.executable} -m rolebrowser credential-process -p"
    own.write_text(
        f"[profile round]\ncredential_process = {command} about\n"
        f"[profile about]\ncredential_process = {command} round\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    started = time.monotonic()
    done = program("credential-process", "-p", "round")
    assert (done.code, done.out) == (1, "")
    assert "asks for round itself" in done.err or "asks for about itself" in done.err
    assert time.monotonic() - started < 45
    assert program("credential-process").code == 2


@pytest.mark.parametrize("command", ["exec", "env", "credential-process", "console"])
def test_what_is_wrong_is_said_on_stderr_alone(command: str, in_sandbox: Rolebrowser) -> None:
    more = ("--", "true") if command == "exec" else ()
    done = in_sandbox(command, "-p", "forbidden", *more)
    assert (done.code, done.out) == (1, "")
    assert "trust policy" in done.err
    assert in_sandbox(command, "-p", "engineer", "--duration", "13h", *more).code == 2


def test_an_account_that_isnt_the_one_the_profile_names_is_said(
    program: Rolebrowser,
    sandbox_env: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = tmp_path / "config"
    text = Path(os.environ["AWS_CONFIG_FILE"]).read_text(encoding="utf-8")
    own.write_text(
        f"{text}\n[profile claims]\naws_account_id = 999999999999\n"
        'credential_process = printf \'{"Version": 1, "AccessKeyId": "AKIASANDBOXALICE0001", '
        '"SecretAccessKey": "sandbox/alice+secret/key0000000000000001"}\'\n'
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    done = program("exec", "-p", "claims", "--", "true")
    assert done.code == 0
    assert "The profile claims says account 999999999999, AWS says 111111111111." in done.err


@pytest.mark.parametrize(
    "command",
    [
        ("databases", "-p", "staging"),
        ("roles", "-p", "staging"),
        ("sql", "orders-staging", "-c", "SELECT 1"),
        ("grants", "orders-staging"),
        ("shell", "orders-staging", "--print"),
    ],
)
def test_keys_of_the_environment_left_aside_are_spoken_of_everywhere(
    command: tuple[str, ...], in_sandbox: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    done = in_sandbox(*command)
    assert done.code == 0, done.err
    assert "it is left aside for the profile staging" in done.err
