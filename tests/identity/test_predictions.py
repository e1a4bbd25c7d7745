"""What is claimed against what then happens: every role and every user of the sandbox's world.

Callers read what they may, predict, and try for real. An unknown claims nothing; an allow that is
refused, or a denial that lets somebody in, is a contradiction.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import botocore.session
import psycopg
import pymysql
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from rolebrowser.database import login_rights, rds, token
from rolebrowser.database.model import Database, Endpoint, User
from rolebrowser.database.users import Named
from rolebrowser.errors import AwsError
from rolebrowser.identity import assumable, policy_principal, simulation
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Role, Session, Verdict
from rolebrowser.identity.trust import Caller, assess
from rolebrowser.identity.why import trust_of
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.sandbox.world import MFA_CODE, ROLES, SAML_AUDIENCE, SAML_PROVIDER, USERS
from rolebrowser.target import Engine

from .conftest import Machine

STAGING = "arn:aws:iam::222222222222:role/"
WHO = (
    ("engineer", ""),
    ("tool", ""),
    ("staging", ""),
    ("staging", f"{STAGING}team/Contractor"),
    ("staging-reader", ""),
    ("production-readonly", ""),
    ("production", ""),
    ("vendor", ""),
    ("web-identity", ""),
)
READERS = ("engineer", "staging", "production-readonly")
"""Who may list the roles of the three accounts."""
SERIAL = "arn:aws:iam::111111111111:mfa/alice"


def session_of(machine: Machine, profile: str, role: str) -> Session:
    return machine.resolve(profile, role, codes=(MFA_CODE,) * 2)


def world_roles(machine: Machine) -> list[Role]:
    """Every role of the world with its trust policy, as those who may read it do."""
    found: dict[str, Role] = {}
    for profile in READERS:
        _, roles = assumable.rights(session_of(machine, profile, ""), None)
        found |= {role.arn: role for role in roles}
    assert len(found) >= 15
    return list(found.values())


def callers(machine: Machine) -> Iterator[tuple[str, Session, Caller]]:
    for profile, role in WHO:
        session = session_of(machine, profile, role)
        caller, _ = assumable.rights(session, machine.profiles.get(profile))
        yield f"{profile} {role}", session, caller


def assumed(session: Session, arn: str, given: dict[str, str]) -> bool:
    """Whether AWS lets a session assume a role, a real attempt."""
    names = {
        "sts:externalid": "ExternalId",
        "sts:rolesessionname": "RoleSessionName",
        "sts:sourceidentity": "SourceIdentity",
    }
    asked = {"RoleSessionName": "prediction"} | {
        names[key.lower()]: value for key, value in given.items() if key.lower() in names
    }
    if any("multifactor" in key.lower() for key in given):
        asked |= {"SerialNumber": SERIAL, "TokenCode": MFA_CODE}
    try:
        session_client(session, "sts").assume_role(RoleArn=arn, **asked)
    except ClientError as error:
        if "AccessDenied" not in str(error):
            raise
        return False
    return True


def test_no_claim_about_a_role_is_contradicted(machine: Machine) -> None:
    roles = world_roles(machine)
    claims: Counter[Verdict] = Counter()
    for who, session, caller in callers(machine):
        for found in assumable.weigh(caller, roles):
            verdict, arn = found.role.verdict, found.role.arn
            claims[verdict] += 1
            if verdict is Verdict.UNKNOWN:
                continue
            assert assumed(session, arn, {}) is (verdict is Verdict.ALLOW), (who, arn)
            if verdict is Verdict.CONDITIONAL:
                assert assumed(session, arn, dict(found.assessment.given)), (who, arn)
    assert min(claims[each] for each in (Verdict.ALLOW, Verdict.CONDITIONAL)) >= 3, claims
    assert claims[Verdict.DENY] > 40, claims


def test_no_role_opens_that_was_told_to_need_more_than_was_sent(machine: Machine) -> None:
    """What a conditional role asks for is needed: each thing left out, and it stays shut."""
    roles = world_roles(machine)
    for _, session, caller in callers(machine):
        for found in assumable.weigh(caller, roles):
            given = dict(found.assessment.given)
            for key in given:
                fewer = {name: value for name, value in given.items() if name != key}
                if not any("multifactor" in name.lower() for name in fewer):
                    assert not assumed(session, found.role.arn, fewer)


def unsigned_sts() -> Any:
    return botocore.session.Session().create_client(
        "sts", region_name="eu-west-1", config=Config(signature_version=UNSIGNED)
    )


@pytest.mark.parametrize("audience", [SAML_AUDIENCE, "https://elsewhere.example.com"])
def test_no_claim_about_somebody_who_comes_through_saml_is_contradicted(
    machine: Machine, sandbox: SandboxProcess, audience: str
) -> None:
    """A really signed assertion that lists every role, at every role; nobody signs such a call."""
    roles = world_roles(machine)
    asked = {"person": "zoe", "roles": [role.arn for role in roles], "audience": audience}
    assertion = sandbox.control("saml", **asked)
    caller = Caller(
        policy_principal.parse(SAML_PROVIDER),
        keys={"saml:aud": audience, "saml:sub": "zoe", "saml:sub_type": "persistent"},
    )
    action = "sts:AssumeRoleWithSAML"
    anonymous = unsigned_sts()
    claims: dict[str, Verdict] = {}
    for role in roles:
        claims[role.name] = assess(caller, role.arn, trust_of(role), action=action).verdict
        given = {"RoleArn": role.arn, "PrincipalArn": SAML_PROVIDER, "SAMLAssertion": assertion}
        if claims[role.name] is Verdict.ALLOW:
            answer = anonymous.assume_role_with_saml(**given)
            assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/CorporateAdmin/zoe")
        else:
            assert claims[role.name] is Verdict.DENY, role.arn
            with pytest.raises(ClientError, match="AccessDenied"):
                anonymous.assume_role_with_saml(**given)
    let_in = {name for name, verdict in claims.items() if verdict is Verdict.ALLOW}
    assert let_in == ({"CorporateAdmin"} if audience == SAML_AUDIENCE else set())


def test_a_role_that_the_assertion_does_not_list_is_refused(
    machine: Machine, sandbox: SandboxProcess
) -> None:
    """What the trust policy allows is not all: the provider must have let them into the role."""
    admin = next(role for role in world_roles(machine) if role.name == "CorporateAdmin")
    assertion = sandbox.control("saml", person="zoe", roles=[f"{admin.arn}2"])
    with pytest.raises(ClientError, match="AccessDenied"):
        unsigned_sts().assume_role_with_saml(
            RoleArn=admin.arn, PrincipalArn=SAML_PROVIDER, SAMLAssertion=assertion
        )


def test_a_role_for_a_service_is_nobodys_who_signs_and_says_so(machine: Machine) -> None:
    """No caller can be a service of AWS: every one is denied, told whom the role is for, and
    refused when it tries."""
    roles = [each for each in world_roles(machine) if each.trusted_entity == "AWS service"]
    assert {each.name for each in roles} >= {"WebServer", "LambdaRunner"}
    for who, session, caller in callers(machine):
        for found in assumable.weigh(caller, roles):
            assert found.role.verdict is Verdict.DENY, (who, found.role.arn)
            assert found.role.reasons[0].startswith("only for service ")
            assert not assumed(session, found.role.arn, {}), (who, found.role.arn)


def test_no_claim_about_a_web_identity_is_contradicted(machine: Machine) -> None:
    """The world's one web identity token, at every role; nobody signs such a call."""
    path = machine.profiles.named("web-identity").setting("web_identity_token_file")
    web_token = Path(path).read_text(encoding="utf-8").strip()
    issuer = web_token.partition("|")[0]
    anonymous = unsigned_sts()
    action = "sts:AssumeRoleWithWebIdentity"
    claims: dict[str, Verdict] = {}
    for role in world_roles(machine):
        provider = f"arn:aws:iam::{role.account}:oidc-provider/{issuer}"
        known = {f"{issuer}:aud": "sts.amazonaws.com"}
        caller = Caller(policy_principal.parse(provider), keys=known)
        verdict = assess(caller, role.arn, trust_of(role), action=action).verdict
        asked = {"RoleArn": role.arn, "RoleSessionName": "try", "WebIdentityToken": web_token}
        if verdict is Verdict.ALLOW:
            assert anonymous.assume_role_with_web_identity(**asked)["Credentials"]
        else:
            assert verdict is Verdict.DENY, role.arn
            with pytest.raises(ClientError, match="AccessDenied"):
                anonymous.assume_role_with_web_identity(**asked)
        claims[role.name] = verdict
    assert claims["GithubDeploy"] is Verdict.ALLOW
    assert sum(each is Verdict.DENY for each in claims.values()) >= 14


def names_in_policies() -> set[str]:
    """Every literal user that a policy of the world names, and some that none does."""
    named: set[str] = {"dbadmin", "nobody", "secret_ro", "any_ro", "o'brien/é"}
    for holder in (*USERS, *ROLES):
        text = json.dumps(list(holder.policies.values()))
        named |= {part.split('"')[0] for part in text.split("dbuser:")[1:]}
    return {name.rpartition("/")[2] for name in named if "*" not in name.rpartition("/")[2]}


def logged_in(session: Session, database: Database, user: str, bundle: str) -> bool:
    """Whether the database lets the session in as a user: a real token, a real login."""
    endpoint = database.endpoint()
    assert endpoint is not None
    signed = token.presign(
        session, endpoint.host, endpoint.port, user, database.region, datetime.now(UTC)
    )
    if database.protocol is Engine.MYSQL:
        return in_mysql(endpoint, user, signed.value.reveal(), bundle)
    options: dict[str, Any] = {"sslmode": "verify-full", "sslrootcert": bundle}
    try:
        psycopg.connect(
            host=endpoint.host,
            hostaddr="127.0.0.1",
            port=endpoint.port,
            user=user,
            password=signed.value.reveal(),
            dbname="postgres",
            connect_timeout=10,
            **options,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def in_mysql(endpoint: Endpoint, user: str, password: str, bundle: str) -> bool:
    secure: Any = {"ssl": ssl.create_default_context(cafile=bundle)}
    connection: Any = pymysql.connect(
        host=endpoint.host,
        port=endpoint.port,
        user=user,
        password=password,
        defer_connect=True,
        **secure,
    )
    try:
        connection.connect(socket.create_connection(("127.0.0.1", endpoint.port), timeout=10))
    except pymysql.OperationalError:
        return False
    connection.close()
    return True


def test_no_claim_about_a_user_is_contradicted(machine: Machine, sandbox: SandboxProcess) -> None:
    bundle = sandbox.exports["SANDBOX_CA_BUNDLE"]
    databases = world_databases(machine)
    known = [Named(name, "typed") for name in sorted(names_in_policies())]
    claims: Counter[Verdict] = Counter()
    in_at_all: Counter[Engine | None] = Counter()
    for (who, session, caller), database in product(callers(machine), databases):
        claimed = [
            each
            for each in login_rights.everybody(caller, database, known)
            if not each.pattern and each.verdict is not Verdict.UNKNOWN
        ]
        if login_rights.obstacle(caller, database):
            claimed = claimed[:2]
        claims.update(each.verdict for each in claimed)
        before = len(sandbox.control("refusals"))
        entered = {each: logged_in(session, database, each.name, bundle) for each in claimed}
        refused = {user: why for _, user, why in sandbox.control("refusals")[before:]}
        in_at_all[database.protocol] += sum(entered.values())
        for user, let_in in entered.items():
            if user.verdict is Verdict.DENY:
                assert not let_in, (who, database.id, user)
            else:
                # IAM's word only: the database may not know them, or not as an IAM user.
                assert user.name not in refused, (who, database.id, user, refused)
    engines = {each.protocol for each in databases}
    assert in_at_all[Engine.POSTGRES] >= 5, claims
    if Engine.MYSQL in engines:
        assert in_at_all[Engine.MYSQL] >= 2, claims
    assert claims[Verdict.ALLOW] >= 10, claims
    assert claims[Verdict.DENY] >= 20, claims


def world_databases(machine: Machine) -> list[Database]:
    """The databases of the world that are there, as those who may look tell; MariaDB's where
    mariadbd is installed."""
    found: list[Database] = []
    for profile in READERS[1:]:
        session = session_of(machine, profile, "")
        found += rds.list_databases(session, ("eu-west-1", "us-east-1"))
    engines = {Engine.POSTGRES, *([Engine.MYSQL] if mariadb.available() else [])}
    return [each for each in found if each.protocol in engines and each.status == "available"]


@pytest.mark.parametrize("user", ["app_oncall", "app_oncall_ro"])
def test_a_boundary_takes_away_what_the_policies_give(machine: Machine, user: str) -> None:
    session = session_of(machine, "staging", f"{STAGING}team/Contractor")
    caller = assumable.own_rights(session, None)
    database = rds.find(session, session.region, "orders-staging")
    why = login_rights.why(caller, database, User(user, Verdict.UNKNOWN, "typed"))
    gates = {step.gate.name: step.verdict for step in why.steps}
    left = Verdict.ALLOW if user == "app_oncall_ro" else Verdict.DENY
    assert gates == {"identity policies": Verdict.ALLOW, "permissions boundary": left}


def test_aws_simulates_what_the_evaluator_says(machine: Machine) -> None:
    """iam:SimulatePrincipalPolicy of the sandbox, asked as the doctor asks."""
    session = session_of(machine, "staging", f"{STAGING}team/Contractor")
    caller = assumable.own_rights(session, None)
    database = rds.find(session, session.region, "orders-staging")
    source = simulation.source_arn(caller, caller.principal.text)
    for user in ("app_oncall", "app_oncall_ro"):
        said = login_rights.decision(caller, database, user).verdict
        arn = login_rights.case(caller, database, user).request.resource
        word = simulation.simulate(session, source, login_rights.ACTION, arn)
        assert (word.decision == "allowed") is (said is Verdict.ALLOW)
    vendor = session_of(machine, "vendor", "")
    with pytest.raises(AwsError, match="SimulatePrincipalPolicy"):
        simulation.simulate(vendor, source, "s3:GetObject", "*")
