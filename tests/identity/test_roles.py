"""Roles the config names, and roles an account lists."""

from __future__ import annotations

import json

import pytest

from rolebrowser.errors import AwsError
from rolebrowser.identity.model import Role, Verdict
from rolebrowser.identity.profiles import parse
from rolebrowser.identity.roles import (
    asks_for_mfa,
    config_roles,
    list_roles,
    trust_document,
    trusted_entity,
)

from .conftest import Machine

ARN = "arn:aws:iam::222222222222:role/"


def by_name(roles: tuple[Role, ...]) -> dict[str, Role]:
    return {role.name: role for role in roles}


def test_the_config_names_roles_and_from_where_they_are_assumed(machine: Machine) -> None:
    profiles = machine.profiles
    found = {role.profile: role for role in config_roles(profiles)}
    assert found["staging-reader"].arn == f"{ARN}team/DatabaseReader"
    assert found["production"].needs_mfa
    assert found["production"].verdict is Verdict.CONDITIONAL
    assert found["web-identity"].trusted_entity == "web identity"
    assert not {"loop-a", "orphan", "both-sources", "engineer"} & set(found)
    assert [role.profile for role in config_roles(profiles, "staging")] == ["staging-reader"]


def test_an_account_lists_its_roles_with_whom_they_trust(machine: Machine) -> None:
    found = by_name(list_roles(machine.resolve("staging")))
    assert {name: found[name].trusted_entity for name in found if name != "Nobody"} == {
        "Developer": "AWS account",
        "DatabaseReader": "AWS account",
        "Contractor": "AWS account",
        "Auditor": "AWS account",
        "Vendor": "AWS account",
        "Forbidden": "AWS account",
        "LambdaRunner": "AWS service",
        "WebServer": "AWS service",
        "GithubDeploy": "web identity",
        "CorporateAdmin": "SAML 2.0",
        "AWSReservedSSO_Developer_0123456789abcdef": "SAML 2.0",
        "AWSReservedSSO_DatabaseReader_0123456789abcdef": "SAML 2.0",
    }
    developer = found["Developer"]
    assert developer.max_session_seconds == 4 * 3600
    assert (developer.account, developer.source) == ("222222222222", "iam:ListRoles")
    assert json.loads(developer.trust)["Statement"][0]["Effect"] == "Allow"


def test_a_role_that_wants_mfa_is_marked(machine: Machine) -> None:
    found = by_name(list_roles(machine.resolve("production-readonly")))
    assert (found["OnCall"].needs_mfa, found["OnCallReadOnly"].needs_mfa) == (True, False)


def test_where_listing_is_not_allowed_the_missing_permission_is_named(machine: Machine) -> None:
    session = machine.resolve("tool")
    said: list[str] = []
    assert list_roles(session, partial=said.append) == ()
    assert "iam:ListRoles" in said[0]
    with pytest.raises(AwsError, match="iam:ListRoles"):
        list_roles(session)


def test_broken_profiles_name_no_role() -> None:
    assert config_roles(parse(f"[profile a]\nrole_arn = {ARN}X\n")) == ()


@pytest.mark.parametrize("document", [None, "", "{", "[]", "%7B%7D", {"Statement": 5}, {}])
def test_a_trust_policy_of_any_shape_is_survived(document: object) -> None:
    found = trust_document(document)
    assert trusted_entity(found) == ""
    assert not asks_for_mfa(found)


def test_one_statement_without_mfa_is_a_way_in_without_mfa() -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    guarded = allow | {"Condition": {"Bool": {"AWS:MultiFactorAuthPresent": "true"}}}
    assert asks_for_mfa({"Statement": guarded})
    assert not asks_for_mfa({"Statement": [guarded, allow]})
    assert trusted_entity({"Statement": allow}) == "AWS account"
