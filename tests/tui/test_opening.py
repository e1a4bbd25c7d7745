"""Opening the app asks nobody: no process, no connection, no browser, whatever the config names."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from pathlib import Path

import pytest

from rolebrowser import config
from rolebrowser.identity.model import Kind
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.holdings import Holdings
from rolebrowser.tui.screens.browser import BrowserScreen
from tests.person import sit_down

ROLE = "role_arn = arn:aws:iam::222222222222:role/Developer\n"
CONFIG = f"""
[profile static]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = x
[profile session-keys]
aws_access_key_id = ASIAEXAMPLE
aws_secret_access_key = x
aws_session_token = t
[profile role]
source_profile = static
mfa_serial = arn:aws:iam::111111111111:mfa/me
{ROLE}
[profile chained]
source_profile = role
{ROLE}
[profile on-instance]
credential_source = EcsContainer
{ROLE}
[profile web]
web_identity_token_file = token
{ROLE}
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[profile sso]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Developer
[profile legacy]
sso_start_url = https://old.example/start
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = Developer
[profile over-process]
source_profile = process
{ROLE}
[profile login]
login_session = arn:aws:iam::111111111111:user/me
[profile none]
region = eu-west-1
[profile broken]
source_profile = gone
{ROLE}
"""
ASKING = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen",
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "webbrowser.open",
    "urllib.Request",
)  # fmt: skip


class Ears:
    """What this process asks of others, by Python's own audit events (PEP 578).

    What threads ask that were there before is another test's: a call that was given up goes on to
    its own end.
    """

    def __init__(self) -> None:
        here = threading.current_thread()
        self._others = {each.ident for each in threading.enumerate() if each is not here}
        self.open = False
        self.heard: list[tuple[str, object]] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: object) -> None:
        asks = self.open and event in ASKING
        if asks and threading.get_ident() not in self._others:
            self.heard.append((event, arguments))


async def test_opening_the_app_with_profiles_of_every_kind_asks_nobody(
    clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = clean_env / "ran"
    text = f"{CONFIG}[profile process]\ncredential_process = touch {ran}\n"
    (clean_env / ".aws").mkdir()
    (clean_env / ".aws" / "config").write_text(text)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/keys")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    ears = Ears()
    ears.open = True
    try:
        held = Holdings(config.load())
        async with sit_down(RolebrowserApp(held), first="PROFILES") as person:
            assert {each.kind for each in held.profiles} == set(Kind)
            # Over every row, with the clocks ticking and all that is loaded in idle moments.
            for _ in held.profiles:
                await person.press("down")
                await person.rests()
            await person.press("slash")
            await person.type("222222222222")
            await asyncio.sleep(3)
        heard = list(ears.heard)
        with socket.socket() as probe:
            probe.connect_ex(("127.0.0.1", 1))
    finally:
        ears.open = False
    assert heard == []
    assert ears.heard, "the ears are deaf"
    assert not ran.exists()
    assert [each.name for each in (clean_env / ".aws").iterdir()] == ["config"]


async def test_nothing_but_what_shows_profiles_is_made_before_the_first_picture(
    clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clean_env / ".aws").mkdir()
    (clean_env / ".aws" / "config").write_text(CONFIG)
    made: list[tuple[object, bool]] = []
    usual = BrowserScreen._compositor_refresh

    def noted(screen: BrowserScreen) -> None:
        if not screen.seen.is_set():
            made.append((screen.who._finder, screen._checklist.is_attached))
        usual(screen)

    monkeypatch.setattr(BrowserScreen, "_compositor_refresh", noted)
    held = Holdings(config.load())
    held.read_ahead()
    assert held._ahead is not None
    held._ahead.join()
    async with sit_down(RolebrowserApp(held), first="PROFILES") as person:
        screen = person.app.screen
        assert isinstance(screen, BrowserScreen)
        await person.until(lambda: screen.who._finder is not None and screen._checklist.is_attached)
    assert made
    assert set(made) == {(None, False)}
