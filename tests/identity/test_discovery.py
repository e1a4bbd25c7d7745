"""Roles of many profiles at once, and what is kept of them on disk."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled, MfaRequired
from rolebrowser.identity import discovery, policy_principal, roles
from rolebrowser.identity.assumable import Outlook, weigh
from rolebrowser.identity.discovery import KnownRoles, Progress
from rolebrowser.identity.model import Role, Session, Verdict
from rolebrowser.identity.policy_document import parse as document
from rolebrowser.identity.profiles import Profiles, parse
from rolebrowser.identity.trust import Caller
from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Machine

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONFIG = """
[profile base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = x
[profile staging]
role_arn = arn:aws:iam::222222222222:role/Developer
source_profile = base
external_id = hush-7731
"""
ALICE = "arn:aws:iam::111111111111:user/alice"
TRUST = """{"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:user/alice"},
    "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "hush-7731"}}
}]}"""


def outlook() -> Outlook:
    allow = {"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}
    caller = Caller(policy_principal.parse(ALICE), [document("all", allow)])
    role = Role("arn:aws:iam::111111111111:role/team/Guarded", trust=TRUST, last_used=NOW)
    weighed = weigh(caller, [role, Role("arn:aws:iam::333333333333:role/Hidden")])
    return Outlook(caller, weighed, ("iam:ListRoles is not allowed.",))


def test_what_is_kept_comes_back_without_policies_and_external_ids(tmp_path: Path) -> None:
    profiles, found = parse(CONFIG), outlook()
    assert {each.role.verdict for each in found.roles} == {Verdict.CONDITIONAL, Verdict.UNKNOWN}
    kept = KnownRoles(tmp_path)
    kept.keep(profiles.named("staging"), profiles, found, NOW)
    known = kept.recall(profiles.named("staging"), profiles)
    assert known is not None
    assert (known.caller, known.missing, known.at) == (ALICE, found.missing, NOW)
    assert [(r.arn, r.verdict, r.last_used) for r in known.roles] == [
        (each.role.arn, each.role.verdict, each.role.last_used) for each in found.roles
    ]
    assert known.roles[0].reasons == ("needs an ExternalId",)
    (path,) = (tmp_path / "roles").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    for secret in ("hush-7731", "AKIAEXAMPLE", "Statement"):
        assert secret not in path.read_text()


def test_a_profile_that_was_changed_since_has_nothing_kept(tmp_path: Path) -> None:
    profiles = parse(CONFIG)
    KnownRoles(tmp_path).keep(profiles.named("staging"), profiles, outlook(), NOW)
    for old, new in (("Developer", "Other"), ("AKIAEXAMPLE", "AKIAANOTHER")):
        changed = parse(CONFIG.replace(old, new))
        assert KnownRoles(tmp_path).recall(changed.named("staging"), changed) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1, "answers": {"K": {"at": "x"}}}'])
def test_a_file_that_is_broken_counts_as_nothing(tmp_path: Path, text: str) -> None:
    profiles, kept = parse(CONFIG), KnownRoles(tmp_path)
    kept.keep(profiles.named("staging"), profiles, outlook(), NOW)
    (path,) = (tmp_path / "roles").iterdir()
    path.write_text(text.replace("K", path.stem))
    assert kept.recall(profiles.named("staging"), profiles) is None
    body = '{"caller": "x", "roles": [{"arn": 1}], "missing": []}'
    answers = f'{{"{path.stem}": {{"at": "{NOW.isoformat()}", "body": {body}}}}}'
    path.write_text(f'{{"version": 1, "answers": {answers}}}')
    assert kept.recall(profiles.named("staging"), profiles) is None


def test_the_oldest_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "KEPT", 3)
    kept, profiles = KnownRoles(tmp_path), parse(CONFIG)
    for number in range(5):
        profiles = parse(CONFIG.replace("Developer", f"Role{number}"))
        kept.keep(profiles.named("staging"), profiles, outlook(), NOW)
    assert len(list((tmp_path / "roles").iterdir())) == 3
    assert kept.recall(profiles.named("staging"), profiles) is not None


def needs_a_code() -> Session:
    raise MfaRequired("An MFA code is needed.")


def test_profiles_are_asked_at_once_and_each_is_told_as_it_ends(machine: Machine) -> None:
    """Both wait for each other: were they asked one after the other, neither would ever end."""
    together = threading.Barrier(2, timeout=20)

    def opener(name: str) -> Session:
        together.wait()
        return machine.resolve(name)

    openers = {
        "staging": lambda: opener("staging"),
        "engineer": lambda: opener("engineer"),
        "production": needs_a_code,
    }
    told: list[Progress] = []
    found = discovery.everywhere(openers, machine.profiles, progress=told.append)
    assert set(found) == {"staging", "engineer"}
    assert [(each.done, each.total) for each in told] == [(1, 3), (2, 3), (3, 3)]
    assert {each.profile: each.problem for each in told if each.problem} == {
        "production": "An MFA code is needed."
    }
    developer = next(each for each in found["engineer"].roles if each.role.name == "Developer")
    assert developer.role.verdict is Verdict.ALLOW


def test_no_more_than_a_few_are_asked_at_once() -> None:
    at_once, most, lock = [0], [0], threading.Lock()
    enough = threading.Event()

    def opener() -> Session:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            if at_once[0] == discovery.WORKERS:
                enough.set()
        assert enough.wait(20)
        with lock:
            at_once[0] -= 1
        return needs_a_code()

    discovery.everywhere({str(n): opener for n in range(20)}, Profiles())
    assert most[0] == discovery.WORKERS


def test_whoever_gives_up_is_not_kept_waiting_by_a_profile_that_hangs() -> None:
    cancel, hang = Cancel(), threading.Event()
    told: list[Progress] = []

    def hanging() -> Session:
        hang.wait(30)
        return needs_a_code()

    def stop(progress: Progress) -> None:
        told.append(progress)
        cancel.cancel()

    openers = {"quick": needs_a_code, "hanging": hanging}
    with pytest.raises(Cancelled):
        discovery.everywhere(openers, Profiles(), cancel=cancel, progress=stop)
    hang.set()
    assert [each.profile for each in told] == ["quick"]


def test_where_aws_throttles_discovery_slows_down_and_goes_on(
    machine: Machine, sandbox_env: SandboxProcess
) -> None:
    session = machine.resolve("staging")
    sandbox_env.control("throttle", requests=5)
    assert any(role.name == "Forbidden" for role in roles.list_roles(session, seconds=60))


def test_profiles_that_cant_work_are_not_asked() -> None:
    profiles = parse(CONFIG + "[profile bad]\nrole_arn = x\n[profile none]\nregion = x\n")
    assert [each.name for each in discovery.askable(profiles)] == ["base", "staging"]
