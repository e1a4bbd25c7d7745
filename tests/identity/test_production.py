"""What counts as production, by any of its names or by whose account it is."""

from __future__ import annotations

import pytest

from rolebrowser.identity.production import guarded
from rolebrowser.identity.profiles import parse
from rolebrowser.settings import Config, Guard
from rolebrowser.target import Bookmark, Target

PROFILES = parse("""
[profile keys]
aws_access_key_id = A
aws_secret_access_key = x
[profile pay]
role_arn = arn:aws:iam::333333333333:role/Payments
source_profile = keys
[profile dev]
role_arn = arn:aws:iam::222222222222:role/live-admin
source_profile = keys
[profile portal]
sso_start_url = https://corp/start
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = ProdReader
""")
CONFIG = Config(guard=Guard(accounts=("333333333333",), patterns=("*prod*", "live-*")))


@pytest.mark.parametrize(
    ("target", "account", "expected"),
    [
        (Target(profile="keys", database="orders"), "", False),
        (Target(profile="keys", database="orders-prod"), "", True),
        (Target(profile="keys", database="orders"), "333333333333", True),
        (Target(profile="pay", database="orders"), "", True),
        (Target(profile="dev"), "", True),
        (Target(profile="portal"), "", True),
        (Target(profile="keys", role="arn:aws:iam::333333333333:role/x"), "", True),
        (Target(profile="keys", role="arn:aws:iam::222222222222:role/x"), "", False),
        (Target(profile="nowhere"), "", False),
    ],
)
def test_a_name_or_an_account_is_enough(target: Target, account: str, expected: bool) -> None:
    profile = PROFILES.get(target.profile)
    assert guarded(CONFIG, target, profile, account=account) is expected


def test_the_account_of_a_role_on_top_counts_not_that_of_the_profile_below() -> None:
    target = Target(profile="pay", role="arn:aws:iam::222222222222:role/x")
    assert not guarded(CONFIG, target, PROFILES.get("pay"))


@pytest.mark.parametrize("said", [True, False])
def test_a_bookmark_may_say_it_itself(said: bool) -> None:
    target = Target(profile="pay", database="orders-prod")
    bookmark = Bookmark("x", target, guarded=said)
    assert guarded(CONFIG, target, PROFILES.get("pay"), bookmark=bookmark) is said
