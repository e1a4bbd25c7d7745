"""The files of the sandbox's person: AWS config, credentials, rolebrowser's config.toml. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rolebrowser.sandbox.world import (
    ALICE_MFA,
    EXTERNAL_ID,
    HOME_REGION,
    PRODUCTION,
    STAGING,
    USERS,
)

EXPIRED_KEY = "ASIASANDBOXEXPIRED01"
EXPIRED_SECRET = "sandbox/expired+secret/key00000000000001"
EXPIRED_TOKEN = "sandbox-session-token-that-is-over"


def aws_config(directory: str, python: str, run: str) -> str:
    """~/.aws/config: a profile of every kind, the broken ones included.

    Args:
        directory: the sandbox's, for the files some profiles name.
        python: an interpreter, for the credential_process.
        run: a name of this sandbox's own for role sessions: AWS tools name their cached sessions
            by it, and must not take those of a sandbox that is gone for this one's.
    """
    plain_role = "role_arn = arn:aws:iam::"
    role = f"role_session_name = {run}\n{plain_role}"
    return f"""\
[profile engineer]
region = {HOME_REGION}

[profile staging]
{role}{STAGING}:role/Developer
source_profile = engineer
region = {HOME_REGION}

[profile staging-reader]
{role}{STAGING}:role/team/DatabaseReader
source_profile = staging
region = {HOME_REGION}

[profile production-readonly]
{role}{PRODUCTION}:role/OnCallReadOnly
source_profile = engineer
region = {HOME_REGION}

[profile production]
{role}{PRODUCTION}:role/OnCall
source_profile = engineer
mfa_serial = {ALICE_MFA}
region = {HOME_REGION}

[profile vendor]
{role}{STAGING}:role/Vendor
source_profile = engineer
external_id = {EXTERNAL_ID}
region = {HOME_REGION}

[profile vendor-without-id]
{plain_role}{STAGING}:role/Vendor
source_profile = engineer
role_session_name = {run}-without-id
region = {HOME_REGION}

[profile forbidden]
{role}{STAGING}:role/Forbidden
source_profile = engineer
region = {HOME_REGION}

[profile expired-keys]
region = {HOME_REGION}

[profile ci-environment]
{role}{STAGING}:role/Developer
credential_source = Environment
region = {HOME_REGION}

[profile web-identity]
{role}{STAGING}:role/GithubDeploy
web_identity_token_file = {directory}/web-identity-token
region = {HOME_REGION}

[profile tool]
credential_process = {python} {directory}/credential_process.py
region = {HOME_REGION}

[sso-session corp]
sso_start_url = https://corp.awsapps.example/start
sso_region = {HOME_REGION}
sso_registration_scopes = sso:account:access

[profile corp-dev]
sso_session = corp
sso_account_id = {STAGING}
sso_role_name = Developer
region = {HOME_REGION}

[profile corp-prod]
sso_session = corp
sso_account_id = {PRODUCTION}
sso_role_name = OnCall
region = {HOME_REGION}

[profile legacy-sso]
sso_start_url = https://legacy.awsapps.example/start
sso_region = {HOME_REGION}
sso_account_id = {STAGING}
sso_role_name = Developer

[profile no-credentials]
region = us-east-1

[profile loop-a]
{role}{STAGING}:role/Developer
source_profile = loop-b

[profile loop-b]
{role}{STAGING}:role/Developer
source_profile = loop-a

[profile orphan]
{role}{STAGING}:role/Developer
source_profile = gone

[profile both-sources]
{role}{STAGING}:role/Developer
source_profile = engineer
credential_source = Environment

[profile evil\u202e[bold]x\x1b]0;owned\x07]
{role}{STAGING}:role/[@click=app.quit]x[/]
source_profile = engineer
"""


def aws_credentials() -> str:
    """~/.aws/credentials."""
    alice = USERS[0]
    return f"""\
[engineer]
aws_access_key_id = {alice.access_key}
aws_secret_access_key = {alice.secret_key}

[expired-keys]
aws_access_key_id = {EXPIRED_KEY}
aws_secret_access_key = {EXPIRED_SECRET}
aws_session_token = {EXPIRED_TOKEN}
"""


def credential_process() -> str:
    """A credential_process: prints bob's keys."""
    bob = USERS[1]
    return (
        "import json\n"
        'print(json.dumps({"Version": 1, '
        f'"AccessKeyId": "{bob.access_key}", "SecretAccessKey": "{bob.secret_key}"}}))\n'
    )


def config_toml(
    ca_bundle: str, proxy_ca_bundle: str, *, proxies: Mapping[str, int], inventory: bool
) -> str:
    """rolebrowser's config.toml.

    Args:
        proxies: where each proxy's endpoint is really listened for, on this machine.
        inventory: the MariaDB is there.
    """
    there = "".join(
        f'[[routes]]\nendpoint = "{host}"\naddress = "127.0.0.1:{port}"\n\n'
        for host, port in proxies.items()
    )
    return f"""\
# Made by the rolebrowser sandbox; it goes when the sandbox goes.
ca_bundle = "{ca_bundle}"
proxy_ca_bundle = "{proxy_ca_bundle}"

[guard]
accounts = ["{PRODUCTION}"]

{there}[[routes]]
name = "sandbox"
endpoint = "*.rds.amazonaws.com"
address = "127.0.0.1"

[[routes]]
name = "bastion"
ssm = "auto"

[[bookmarks]]
name = "orders-production"
profile = "production-readonly"
database = "orders-production"
user = "app_oncall"
dbname = "orders"

[[bookmarks]]
name = "orders-staging"
profile = "staging"
database = "orders-staging"
user = "app_oncall"
dbname = "orders_staging"

[[bookmarks]]
name = "orders-production-admin"
profile = "production"
database = "orders-production"
user = "dbadmin"
dbname = "orders"

[[bookmarks]]
name = "billing"
profile = "staging"
database = "billing"
user = "billing_app"
dbname = "billing"

[[bookmarks]]
name = "legacy"
profile = "staging"
database = "legacy"
user = "legacy_app"
dbname = "legacy"

[[bookmarks]]
name = "orders-production-reader"
profile = "production-readonly"
database = "orders-production"
endpoint = "reader"
user = "app_oncall_ro"
dbname = "orders"
{_INVENTORY if inventory else ""}"""


_INVENTORY = """
[[bookmarks]]
name = "inventory"
profile = "staging"
database = "inventory"
user = "app_oncall"
dbname = "inventory"
"""
