"""Commands that answer, fail, babble, wait for ever or aren't there."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rolebrowser.cancel import Cancel, Limit
from rolebrowser.errors import Cancelled, CredentialsError, ProfileError, TimedOut
from rolebrowser.identity.credential_process import LimitedProcess, Runs
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import LoginRequest

from .conftest import Machine

GOOD = {"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s", "SessionToken": "t"}
END = "2126-11-23T20:00:00Z"


def write(bare: Machine, script: str) -> None:
    """A profile `tool` with a Python script as its credential_process."""
    program = bare.home / "tool.py"
    program.write_text(script)
    command = shlex.join([sys.executable, str(program)])
    (bare.home / "config").write_text(f"[profile tool]\ncredential_process = {command}\n")
    bare.patch.setenv("AWS_CONFIG_FILE", str(bare.home / "config"))


def run(
    bare: Machine,
    script: str,
    *,
    cancel: Cancel | None = None,
    seconds: float = 10.0,
    at_browser: Callable[[LoginRequest], object] | None = None,
) -> Session:
    write(bare, script)
    return bare.resolve("tool", cancel=cancel, seconds=seconds, at_browser=at_browser)


def test_its_keys_and_their_end_become_the_session(bare: Machine) -> None:
    session = run(bare, f"print({json.dumps(GOOD | {'Expiration': END})!r})")
    assert (session.access_key, session.method) == ("AKIAPROCESS", "custom-process")
    assert session.expires_at is not None
    assert session.expires_at.isoformat() == "2126-11-23T20:00:00+00:00"
    assert not session.refreshable


def test_without_an_end_none_is_known(bare: Machine) -> None:
    assert run(bare, f"print({json.dumps(GOOD)!r})").expires_at is None


def test_what_it_says_on_failing_is_shown_without_secrets(bare: Machine) -> None:
    script = (
        "import sys; sys.stderr.buffer.write(b'vault is sealed \\xff aws_session_token=HUSHHUSH');"
        "sys.exit(3)"
    )
    with pytest.raises(CredentialsError, match="vault is sealed") as caught:
        run(bare, script)
    assert "HUSH" not in str(caught.value)
    assert caught.value.what == "The credential_process of tool failed."


def test_failing_in_silence_tells_the_exit_code(bare: Machine) -> None:
    with pytest.raises(CredentialsError, match="exit code 3"):
        run(bare, "raise SystemExit(3)")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("HUSH not json", "no JSON object"),
        ("[]", "no JSON object"),
        ('{"Version": 2}', "Version other than 1"),
        ('{"Version": 1, "AccessKeyId": "HUSH"}', "no SecretAccessKey"),
        (json.dumps(GOOD | {"SecretAccessKey": "HUSH", "Expiration": "soon"}), "soon"),
        (json.dumps(GOOD | {"Expiration": "2020-01-01T00:00:00Z"}), "still expired"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_a_sentence_without_the_answer(
    bare: Machine, output: str, words: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        run(bare, f"print({output!r})")
    assert words in str(caught.value)
    assert "HUSH" not in str(caught.value)


def test_the_profile_whose_command_fails_is_named_not_the_one_on_top(bare: Machine) -> None:
    (bare.home / "config").write_text(
        "[profile tool]\ncredential_process = false\n"
        "[profile top]\nsource_profile = tool\nrole_arn = arn:aws:iam::222222222222:role/R\n"
    )
    bare.patch.setenv("AWS_CONFIG_FILE", str(bare.home / "config"))
    with pytest.raises(CredentialsError) as caught:
        bare.resolve("top")
    assert caught.value.what == "The credential_process of tool failed."
    assert "top" not in str(caught.value)


def test_a_command_that_is_not_there_is_named(bare: Machine) -> None:
    (bare.home / "config").write_text("[profile tool]\ncredential_process = /no/such/tool x\n")
    bare.patch.setenv("AWS_CONFIG_FILE", str(bare.home / "config"))
    with pytest.raises(CredentialsError, match="/no/such/tool"):
        bare.resolve("tool")


def test_quotes_that_do_not_close_are_a_sentence(bare: Machine) -> None:
    (bare.home / "config").write_text("[profile tool]\ncredential_process = tool 'x\n")
    bare.patch.setenv("AWS_CONFIG_FILE", str(bare.home / "config"))
    with pytest.raises(CredentialsError, match="quotation"):
        bare.resolve("tool")


def test_an_empty_command_is_a_broken_profile(bare: Machine) -> None:
    (bare.home / "config").write_text("[profile tool]\ncredential_process =\n")
    bare.patch.setenv("AWS_CONFIG_FILE", str(bare.home / "config"))
    with pytest.raises(ProfileError, match="empty"):
        bare.resolve("tool")


WAITS = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "600"])
open(sys.argv[0] + ".pids", "w").write(f"{os.getpid()} {child.pid}")
sys.stderr.write("opening a browser"); sys.stderr.flush()
time.sleep(600)
"""


def pids(home: Path) -> list[int]:
    path = home / "tool.py.pids"
    for _ in range(1000):
        if path.exists() and len(found := path.read_text().split()) == 2:
            return [int(each) for each in found]
        time.sleep(0.05)
    raise AssertionError("it never started")


def gone(pid: int) -> bool:
    """True once no such process runs (a zombie waits for its parent, which may be init)."""
    for _ in range(1000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_one_that_waits_for_ever_is_ended_with_its_children(bare: Machine) -> None:
    with pytest.raises(TimedOut, match="opening a browser"):
        run(bare, WAITS, seconds=5)
    assert all(gone(pid) for pid in pids(bare.home))


SLOW = """
import sys, time
sys.stderr.write("open https://idp.example/ABC"); sys.stderr.flush()
time.sleep(4)
print({!r})
"""


def test_one_that_waits_for_a_person_has_time_and_is_heard(bare: Machine) -> None:
    script = SLOW.format(json.dumps(GOOD))
    session = run(bare, script, seconds=1, at_browser=lambda request: None)
    assert session.access_key == "AKIAPROCESS"
    assert bare.person.told == ["tool: open https://idp.example/ABC"]


def test_one_that_is_quick_is_not_spoken_of(bare: Machine) -> None:
    script = f"import sys; sys.stderr.write('chatter'); print({json.dumps(GOOD)!r})"
    run(bare, script, at_browser=lambda request: None)
    assert bare.person.told == []


def test_one_that_goes_on_talking_is_heard_ever_more_rarely(bare: Machine) -> None:
    bare.patch.setattr("rolebrowser.identity.credential_process._BRIEF", 0.05)
    script = (
        "import sys, time\n"
        "for n in range(400): print('line', n, file=sys.stderr, flush=True); time.sleep(0.01)\n"
        f"print({json.dumps(GOOD)!r})"
    )
    run(bare, script, seconds=30, at_browser=lambda request: None)
    # At 0.05, 0.15, 0.35, 0.75, and every 0.4 s from then on; every 0.05 s would be eighty times.
    assert 4 <= len(bare.person.told) <= 16


def test_who_cannot_be_told_does_not_leave_it_running(bare: Machine) -> None:
    def broken(profile: str, text: str) -> None:
        raise RuntimeError("the screen has gone")

    runs = Runs(Cancel(), 30.0, Limit(30.0), broken)
    write(bare, WAITS)
    command = [sys.executable, str(bare.home / "tool.py")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = LimitedProcess(command, profile="tool", runs=runs, **pipes)
    with pytest.raises(RuntimeError, match="the screen has gone"):
        process.communicate()
    assert all(gone(pid) for pid in pids(bare.home))


def test_how_long_a_person_has_is_in_the_config(bare: Machine) -> None:
    own = bare.home / "rolebrowser.toml"
    own.write_text("[timeouts]\ncredential_process = 3\n")
    bare.patch.setenv("ROLEBROWSER_CONFIG", str(own))
    with pytest.raises(TimedOut, match="stopped after 3 seconds") as caught:
        run(bare, WAITS, seconds=1, at_browser=lambda request: None)
    assert caught.value.why == "opening a browser"
    assert "timeouts.credential_process" in caught.value.fix
    assert all(gone(pid) for pid in pids(bare.home))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_ends_us_ends_it_with_its_children(bare: Machine, number: signal.Signals) -> None:
    write(bare, WAITS)
    command = [sys.executable, "-m", "rolebrowser", "env", "-p", "tool"]
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        started = pids(bare.home)
        program.send_signal(number)
        assert program.wait(60) == 128 + number
        assert all(gone(pid) for pid in started)
    finally:
        program.kill()
        program.wait()


def test_stop_ends_it_at_once(bare: Machine) -> None:
    cancel = Cancel()

    def stop() -> None:
        pids(bare.home)
        cancel.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Cancelled):
        run(bare, WAITS, cancel=cancel, seconds=50)
    stopper.join()
    assert all(gone(pid) for pid in pids(bare.home))


def test_it_gets_no_terminal_and_no_input(bare: Machine) -> None:
    script = (
        "import os, sys\n"
        "try: os.open('/dev/tty', os.O_RDWR)\n"
        "except OSError: pass\n"
        "else: sys.exit('it has a terminal')\n"
        f"assert sys.stdin.read() == ''\nprint({json.dumps(GOOD)!r})"
    )
    assert run(bare, script).access_key == "AKIAPROCESS"


def test_listing_profiles_never_runs_it(bare: Machine) -> None:
    marker = bare.home / "ran"
    (bare.home / "config").write_text(f"[profile tool]\ncredential_process = touch {marker}\n")
    bare.patch.setenv("AWS_CONFIG_FILE", str(bare.home / "config"))
    assert bare.profiles.named("tool").problem is None
    assert bare.cached().roles == {}
    assert not marker.exists()
