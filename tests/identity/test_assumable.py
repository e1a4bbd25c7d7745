"""Which roles a session may assume, as far as it may look."""

from __future__ import annotations

from dataclasses import replace

from rolebrowser.identity import assumable, one_role, why_lines
from rolebrowser.identity.assumable import DETAILS, Assumable, Outlook
from rolebrowser.identity.model import Role, Verdict
from rolebrowser.identity.roles import list_roles

from .conftest import Machine

PRODUCTION = "arn:aws:iam::333333333333:role/"


def look(machine: Machine, profile: str, **more: object) -> tuple[Outlook, list[str]]:
    said: list[str] = []
    session = machine.resolve(profile)
    return assumable.find(session, machine.profiles, partial=said.append, **more), said  # type: ignore[arg-type]


def by_name(outlook: Outlook) -> dict[str, Assumable]:
    return {each.role.name: each for each in outlook.roles}


def test_an_account_that_may_be_read_is_decided_whole(machine: Machine) -> None:
    outlook, said = look(machine, "staging")
    found = by_name(outlook)
    assert said == []
    assert found["DatabaseReader"].role.verdict is Verdict.ALLOW
    assert [each.role.name for each in outlook.roles[:2]] == ["Contractor", "DatabaseReader"]
    assert {each.role.verdict for each in outlook.roles[2:]} == {Verdict.DENY}
    assert found["DatabaseReader"].role.profile == "staging-reader"
    assert found["WebServer"].role.max_session_seconds == 6 * 3600
    assert found["LambdaRunner"].role.source == DETAILS
    assert ("note", "[red]not markup[/red]") in found["LambdaRunner"].role.tags


def test_roles_of_other_accounts_are_unknown_until_their_trust_policy_is_read(
    machine: Machine,
) -> None:
    outlook, _ = look(machine, "engineer")
    assert by_name(outlook)["OnCall"].role.verdict is Verdict.UNKNOWN
    text = why_lines.plain(outlook.why(by_name(outlook)["OnCall"]))
    assert "iam:GetRole in account 333333333333" in text
    elsewhere = {
        role.arn: role
        for profile in ("staging", "production-readonly")
        for role in list_roles(machine.resolve(profile))
    }
    found = by_name(look(machine, "engineer", trusts=elsewhere)[0])
    assert found["OnCallReadOnly"].role.verdict is Verdict.ALLOW
    assert found["OnCall"].role.verdict is Verdict.CONDITIONAL
    assert found["OnCall"].assessment.supply == ("an MFA code",)
    assert found["Developer"].role.verdict is Verdict.ALLOW
    assert found["Forbidden"].role.verdict is Verdict.DENY


def test_the_external_id_of_the_profile_that_names_a_role_is_sent(machine: Machine) -> None:
    elsewhere = {role.arn: role for role in list_roles(machine.resolve("staging"))}
    vendor = by_name(look(machine, "engineer", trusts=elsewhere)[0])["Vendor"]
    assert (vendor.role.profile, vendor.role.verdict) == ("vendor", Verdict.ALLOW)
    assert vendor.sent["sts:ExternalId"] == "vendor-7f3a"


def test_one_role_by_itself_is_decided_as_among_all(machine: Machine) -> None:
    """As it is known from disk: without its trust policy, its tags and its verdict."""
    whole, _ = look(machine, "staging")
    session = machine.resolve("staging")
    for each in whole.roles:
        kept = replace(each.role, trust="", tags=(), verdict=Verdict.UNKNOWN, reasons=())
        found = one_role.find(session, machine.profiles, kept)
        assert found is not None
        (alone,) = found.roles
        assert alone.role == replace(each.role, source=kept.source), each.role.name
        assert alone.assessment == each.assessment
    gone = one_role.find(session, machine.profiles, Role("arn:aws:iam::222222222222:role/Gone"))
    assert gone is not None
    assert gone.roles == ()
    # Who may not read itself may know more by the account's lists.
    reader = machine.resolve("staging-reader")
    assert one_role.find(reader, machine.profiles, whole.roles[0].role) is None


def test_a_session_at_hand_reads_what_this_one_may_not(machine: Machine) -> None:
    """The Vendor's ExternalId is named only for who doesn't send it."""
    outlook, _ = look(machine, "engineer")
    readers = [lambda: machine.resolve("staging-reader"), lambda: machine.resolve("staging")]
    found = by_name(one_role.learn(outlook, readers))
    assert found["Developer"].role.verdict is Verdict.ALLOW
    assert found["OnCall"].role.verdict is Verdict.UNKNOWN  # of an account nobody is in
    assert found["Vendor"].role.verdict is Verdict.ALLOW
    vendor = Role(found["Vendor"].role.arn, source="config", profile="vendor-without-id")
    session = machine.resolve("engineer")
    alone = one_role.find(session, machine.profiles, vendor, readers=readers)
    assert alone is not None
    (lacking,) = alone.roles
    assert lacking.role.verdict is Verdict.CONDITIONAL
    assert lacking.assessment.supply == ("ExternalId vendor-7f3a",)


def test_one_who_may_read_nothing_is_told_each_permission_and_nothing_is_claimed(
    machine: Machine,
) -> None:
    outlook, said = look(machine, "staging-reader")
    assert outlook.roles == ()
    text = "\n".join(said)
    assert outlook.missing == tuple(said)
    for action in (DETAILS, "iam:ListRoles", "iam:GetRole", "iam:ListRolePolicies"):
        assert action in text


def test_without_the_details_the_roles_and_own_policies_decide_the_same(
    machine: Machine,
) -> None:
    whole, _ = look(machine, "staging")
    session = machine.resolve("staging")
    caller = assumable.own_policies.read(session, whole.caller.principal.text)
    pieces = assumable.weigh(replace(caller, mfa=False), list_roles(session))
    assert {(e.role.arn, e.role.verdict) for e in pieces} == {
        (e.role.arn, e.role.verdict) for e in whole.roles
    }
