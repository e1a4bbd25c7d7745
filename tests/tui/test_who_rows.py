"""The rows of the left column: a tree of chains, every hop with its own state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rolebrowser.fuzzy import Finder
from rolebrowser.identity import account_names, production
from rolebrowser.identity.model import Lifetime, Role, State, Verdict
from rolebrowser.identity.profiles import parse
from rolebrowser.identity.sso import Door
from rolebrowser.identity.sso_accounts import Account, Accounts, KnownAccounts
from rolebrowser.settings import Config, Guard
from rolebrowser.target import Bookmark, Target
from rolebrowser.tui.line import fit
from rolebrowser.tui.role_holdings import Looked
from rolebrowser.tui.rows import lives, who, who_detail, who_finding, who_lines

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONFIG = """
[profile base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = x
[profile staging]
role_arn = arn:aws:iam::222222222222:role/Developer
source_profile = base
[profile staging-reader]
role_arn = arn:aws:iam::222222222222:role/team/Reader
source_profile = staging
[profile production]
role_arn = arn:aws:iam::333333333333:role/OnCall
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/me
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-west-1
[profile corp-dev]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Developer
[profile corp-ops]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = Ops
[profile on-corp]
role_arn = arn:aws:iam::222222222222:role/Deeper
source_profile = corp-dev
[profile orphan]
role_arn = arn:aws:iam::222222222222:role/Developer
source_profile = gone
"""


class Known:
    """Lives that are given by hand."""

    def __init__(
        self,
        states: Mapping[str, Lifetime] | None = None,
        config: Config | None = None,
        account_names: Mapping[str, str] | None = None,
    ) -> None:
        self.account_names = account_names or {}
        self._states = states or {}
        self._config = config or Config()

    def guarded(self, target: Target, *, bookmark: Bookmark | None = None) -> bool:
        profile = parse(CONFIG).get(target.profile)
        return production.guarded(self._config, target, profile, bookmark=bookmark)

    def lifetime(self, profile: str, role: str) -> Lifetime:
        return self._states.get(role or profile, Lifetime(State.NOT_STARTED))

    def portal(self, sso_session: str) -> Lifetime:
        return self._states.get(sso_session, Lifetime(State.NEEDS_LOGIN))


def drawn(rows: list[who.WhoRow], known: Known | None = None, width: int = 60) -> list[str]:
    lines = [who_lines.draw(row, NOW, known or Known()) for row in rows]
    return ["".join(span.text for span in fit(line, width)).rstrip() for line in lines]


def finder(
    text: str,
    bookmarks: tuple[Bookmark, ...] = (),
    visits: Mapping[str, float] | None = None,
    account_names: Mapping[str, str] | None = None,
) -> Finder[who.WhoRow]:
    profiles = parse(text)
    rows = who.build(profiles, bookmarks, {})
    return who_finding.finder(rows, profiles, visits or {}, account_names or {})


def test_profiles_hang_under_what_they_take_their_credentials_from() -> None:
    rows = who.build(parse(CONFIG), (), {})
    assert [text.split("  ")[0] for text in drawn(rows)] == [
        "PROFILES",
        "base",
        "├ staging",
        "│ └ staging-reader",
        "└ production",
        "corp",
        "├ corp-dev",
        "│ └ on-corp",
        "└ corp-ops",
        "orphan",
    ]


def test_every_hop_shows_its_own_state_and_an_sso_login_its_clock() -> None:
    life = {
        "base": Lifetime(State.NONE),
        "staging": Lifetime(State.VALID, NOW + timedelta(minutes=52)),
        "production": Lifetime(State.NEEDS_MFA),
        "corp": Lifetime(State.VALID, NOW + timedelta(hours=7, minutes=4)),
        "corp-dev": Lifetime(State.EXPIRING, NOW + timedelta(seconds=432)),
    }
    rows = who.build(parse(CONFIG), (), {})
    text = "\n".join(drawn(rows, Known(life)))
    for expected in ("static ∞", "52m ●", "needs MFA #", "7h 04m ●", "7m 12s ◐"):
        assert expected in text


def test_roles_found_hang_under_their_profile_before_its_followers() -> None:
    found = Role("arn:aws:iam::222222222222:role/Found", Verdict.ALLOW)
    rows = who.build(parse(CONFIG), (), {"staging": [found]})
    names = [text.split("  ")[0] for text in drawn(rows)]
    assert names[2:5] == ["├ staging", "│ ├ ✓ Found", "│ └ staging-reader"]


@pytest.mark.parametrize(
    ("left", "shape"),
    [(3600, "●"), (599, "◐"), (119, "◔"), (0, "○")],
)
def test_the_shape_follows_the_clock_though_the_row_stays(left: int, shape: str) -> None:
    life = Lifetime(State.VALID, NOW + timedelta(hours=2))
    later = NOW + timedelta(hours=2) - timedelta(seconds=left)
    assert lives.mark(life, later)[0] == shape


def test_every_state_has_a_shape_of_its_own() -> None:
    shapes = [shape for shape, _ in lives.MARKS.values()]
    assert set(lives.MARKS) == set(State)
    assert len({*shapes, lives.URGENT_MARK[0]}) == len(shapes) + 1


@pytest.mark.parametrize("typed", ["staging-reader", "Reader", "222222222222 reader", "stgrdr"])
def test_a_profile_is_found_by_name_role_account_and_letters_in_order(typed: str) -> None:
    best = finder(CONFIG).find(typed)[0]
    assert isinstance(best, who.ProfileRow)
    assert best.profile.name == "staging-reader"


def test_what_surprises_in_a_profile_is_marked_in_its_row() -> None:
    text = "[profile odd]\naws_access_key_id = a\naws_secret_access_key = b\nmfa_serial = c\n"
    rows = who.build(parse(text), (), {})
    assert drawn(rows)[1].startswith("odd !")


def test_of_equal_hits_the_profile_used_more_comes_first() -> None:
    found = finder(CONFIG, visits={"corp-ops": 2.0}).find("corp-")
    names = [row.profile.name for row in found if isinstance(row, who.ProfileRow)]
    assert names[0] == "corp-ops"


def test_an_account_number_finds_the_profiles_and_the_bookmarks_of_that_account() -> None:
    bookmarks = (
        Bookmark("pay", Target(profile="production", database="pay")),
        Bookmark("deep", Target("base", role="arn:aws:iam::333333333333:role/Deep")),
        Bookmark("dev", Target(profile="staging", database="pay")),
    )
    names = {"333333333333": "Payments Ledger"}
    found = finder(CONFIG, bookmarks, account_names=names)
    expected = {("bookmark", "pay"), ("bookmark", "deep"), ("profile", "production")}
    assert {who.identify(row) for row in found.find("333333333333")} == expected
    assert {who.identify(row) for row in found.find("ledger")} == expected


def test_a_bookmark_used_all_day_stands_behind_a_better_match() -> None:
    bookmark = Bookmark("cloud-orders-prod", Target(profile="production", database="orders"))
    found = finder(CONFIG, (bookmark,), visits={"production": 500.0}).find("corp")
    assert who.identify(found[0]) == ("sso-session", "corp")
    assert who.identify(found[-1]) == ("bookmark", "cloud-orders-prod")


def test_a_broken_profile_is_found_by_that_word() -> None:
    assert [who.identify(row) for row in finder(CONFIG).find("broken")] == [("profile", "orphan")]


def test_what_other_tools_write_beside_a_profile_finds_it() -> None:
    text = "[profile a]\nregion = eu-west-1\n[profile b]\nsso_account_name = Payments Production\n"
    (found,) = finder(text).find("payments prod")
    assert isinstance(found, who.ProfileRow)
    assert found.profile.name == "b"


def test_a_secret_is_never_looked_through() -> None:
    text = "[profile a]\naws_access_key_id = AKIATHIS\naws_secret_access_key = hidden\n"
    assert not finder(text).find("akiathis")
    assert not finder(text).find("hidden")


def test_a_bookmark_of_a_guarded_account_is_marked_whatever_its_names() -> None:
    bookmark = Bookmark("payments", Target(profile="staging", database="pay"))
    config = Config(guard=Guard(accounts=("222222222222",)), bookmarks=(bookmark,))
    text = "\n".join(drawn(who.build(parse(CONFIG), (bookmark,), {}), Known(config=config)))
    assert re.search(r"1 payments .*▲prod", text)
    assert re.search(r"├ staging .*▲prod", text)
    assert not re.search(r"corp-ops .*▲prod", text)


def test_an_account_is_found_by_the_name_the_sso_portal_gives_it(tmp_path: Path) -> None:
    door = Door("https://corp.example/start", "eu-west-1", name="corp")
    known = KnownAccounts(tmp_path)
    known.keep(door, Accounts((Account("444444444444", "Payments Ledger", "x@y.example"),), NOW))
    names = account_names.read(tmp_path)
    role = Role("arn:aws:iam::444444444444:role/Found", Verdict.ALLOW)
    rows = who.build(parse(CONFIG), (), {"staging": [role]})
    found = who_finding.finder(rows, parse(CONFIG), {}, names).find("payments ledg")
    assert {who.identify(each) for each in found} == {
        ("profile", "corp-ops"),
        ("role", "staging", role.arn),
    }
    shown = drawn(rows, Known(account_names=names), 80)
    assert any("corp-ops  Ops  444444444444  Payments Ledger" in each for each in shown)


def test_account_names_of_a_file_that_is_broken_are_none(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"version": 1, "answers": {"a": {"at": "x", "body": 1}}}'):
        (tmp_path / account_names.FILE).write_text(text)
        assert account_names.read(tmp_path) == {}


@pytest.mark.parametrize("width", range(24, 70))
def test_a_sentence_below_the_list_is_whole_at_any_width(width: int) -> None:
    text = "The AWS session of the profile expired-keys has expired. Write new keys."
    keys = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n"
    row = who.ProfileRow("p", "", parse(f"[profile p]\n{keys}"))
    lines = who_detail.lines(row, Looked(NOW, False, (text,)), NOW, width)
    shown = "".join(span.text for each in lines for span in fit(each, width - 2))
    assert "".join(shown.split()).endswith("?" + "".join(text.split()))
