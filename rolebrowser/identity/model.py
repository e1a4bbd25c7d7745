"""The nouns of identity: Profile, Lifetime, Session, Role. Pure: shapes and words only."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from rolebrowser.frozen import dataclass
from rolebrowser.safetext import Secret


class Kind(StrEnum):
    """How a profile comes by credentials, in the words of `rolebrowser profiles --json`."""

    STATIC = "static"
    SESSION_KEYS = "session-keys"
    """Keys with a session token written into a file."""
    ROLE = "role"
    """role_arn with source_profile or credential_source."""
    WEB_IDENTITY = "web-identity"
    SSO = "sso"
    PROCESS = "process"
    LOGIN = "login"
    """`aws login` (login_session)."""
    ENVIRONMENT = "environment"
    """Not a section: keys in the environment."""
    NONE = "none"
    """No credentials of its own: botocore falls through to container or instance metadata."""
    BROKEN = "broken"


class State(StrEnum):
    """What is known of a session's life without asking anybody."""

    VALID = "valid"
    EXPIRING = "expiring"
    """Under 10 minutes left."""
    EXPIRED = "expired"
    NEEDS_LOGIN = "needs-login"
    NEEDS_MFA = "needs-mfa"
    NOT_STARTED = "not-started"
    """Nothing cached: choosing the profile gets a session without asking the person."""
    NONE = "none"
    """Static keys: they don't expire."""
    UNKNOWN = "unknown"
    """There is an expiry, but nothing on this machine says when."""
    AUTO = "auto"
    """Refreshed by the machine (instance or container metadata)."""
    MISSING = "no-credentials"
    """No keys anywhere: neither in the profile nor from instance or container metadata."""
    BROKEN = "broken"
    REFUSED = "refused"
    """AWS refused to give one when it was last asked, in this run of the program."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a profile can't work, or what is odd about it."""

    text: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file and self.line else ""
        return where + self.text


@dataclass(frozen=True, slots=True)
class SsoSession:
    """A section `[sso-session NAME]`: one login for every profile that refers to it.

    Attributes:
        scopes: sso_registration_scopes.
        settings: all its keys and values.
    """

    name: str
    start_url: str = ""
    region: str = ""
    scopes: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile as the config files describe it; nothing resolved.

    Attributes:
        source: what its credentials come from: the source profile's name, a credential_source,
            an sso-session's name or start URL; empty for keys of its own.
        account: 12 digits where the config tells (role_arn, sso_account_id, aws_account_id).
        chain: profile names from this one down to the one that holds credentials; the parent of
            a row in a tree is chain[1], where there is one (an sso-session may share its name).
        chained: its role is assumed with a role's session: AWS's 1 h cap applies.
        problem: set when the profile can't work (kind BROKEN or a broken link in its chain).
        warnings: what works but surprises (a dropped duration_seconds …).
        settings: its keys and values, the credentials file's merged over the config's,
            secrets left out.
    """

    name: str
    kind: Kind
    region: str = ""
    source: str = ""
    account: str = ""
    role_arn: str = ""
    mfa_serial: str = ""
    chain: tuple[str, ...] = ()
    chained: bool = False
    problem: Problem | None = None
    warnings: tuple[Problem, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0

    def setting(self, key: str) -> str:
        """The value of `key`, or an empty string."""
        return dict(self.settings).get(key, "")


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What is known of how long a session lives. Times are aware, UTC.

    Attributes:
        expires_at: of the credentials; None when none or unknown.
        portal_expires_at: SSO's other clock: the portal token's.
    """

    state: State
    expires_at: datetime | None = None
    portal_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who STS says a session is (GetCallerIdentity)."""

    account: str
    arn: str
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials with what is known of their end; held in memory only.

    Attributes:
        expires_at: aware UTC; None when they don't expire or nobody can say.
        refreshable: can be renewed without a person.
        role: ARN of the role assumed on top of the profile; empty for the profile's own.
        method: botocore's word for the provider that gave them ("assume-role", "sso", "env" …).
        warnings: sentences about what works but surprises (environment keys left aside …).
    """

    profile: str
    region: str
    access_key: str
    secret_key: Secret
    token: Secret | None = None
    expires_at: datetime | None = None
    refreshable: bool = False
    role: str = ""
    identity: Identity | None = None
    method: str = ""
    warnings: tuple[str, ...] = ()


class Verdict(StrEnum):
    """An answer that never pretends: unknown is not deny."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"
    CONDITIONAL = "conditional"
    """Possible if something is supplied: an MFA code, an ExternalId …"""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that may be assumable from an identity.

    Attributes:
        trusted_entity: "AWS service", "AWS account", "web identity", "SAML 2.0", or "" unknown.
        source: where we heard of it: "config", "iam:ListRoles", "sso" …
        profile: the profile that names it as role_arn, if any.
        needs_mfa: the trust policy or the profile asks for MFA.
        trust: the trust policy as JSON text; empty when it wasn't read.
        last_used: aware UTC; None when unknown, or not within the 400 days AWS looks back.
    """

    arn: str
    verdict: Verdict = Verdict.UNKNOWN
    reasons: tuple[str, ...] = ()
    trusted_entity: str = ""
    source: str = ""
    profile: str = ""
    needs_mfa: bool = False
    max_session_seconds: int = 0
    tags: tuple[tuple[str, str], ...] = field(default=())
    trust: str = field(default="", repr=False)
    last_used: datetime | None = None

    @property
    def name(self) -> str:
        """The role's own name, without path."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def account(self) -> str:
        """The 12 digits of the account that owns the role."""
        parts = self.arn.split(":")
        return parts[4] if len(parts) > 5 else ""
