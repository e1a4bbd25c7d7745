"""How a profile comes by credentials, and along which chain: botocore's rules. Pure.

The order is `botocore.credentials.create_credential_resolver`'s for a profile named explicitly
(keys of the environment left out); chains are `AssumeRoleProvider`'s: at the top the role beats
static keys, inside a source profile the keys beat the role.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Kind, Problem
from rolebrowser.identity.sections import RawProfile, Sections

CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
"""What credential_source may say, case included (`CanonicalNameCredentialSourcer`)."""

_MACHINES = ("Ec2InstanceMetadata", "EcsContainer")

CONTAINER_VARIABLES = (
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
LONGEST_CHAIN = 100
"""Each hop is a call to STS inside another; botocore runs out of stack somewhat later."""

_SSO_NEEDS = ("sso_role_name", "sso_account_id", "sso_start_url", "sso_region")
_ACCESS = "aws_access_key_id"
_SECRET = "aws_secret_access_key"
_TOKENS = ("aws_security_token", "aws_session_token")
_CHAINED = frozenset({Kind.ROLE, Kind.WEB_IDENTITY, Kind.SSO, Kind.LOGIN})


@dataclass(frozen=True, slots=True)
class Own:
    """What a profile gives without following source_profile."""

    kind: Kind
    source: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How a profile gets credentials.

    Attributes:
        chain: names from the profile down to the one that holds credentials.
        broken_at: name of the profile the problem is in; empty without a problem.
        chained: the role is assumed with a role's credentials, so that AWS's 1 h cap applies.
    """

    kind: Kind
    source: str
    chain: tuple[str, ...]
    problem: Problem | None = None
    broken_at: str = ""
    chained: bool = False


def is_role(values: Mapping[str, str]) -> bool:
    """True when botocore's AssumeRoleProvider takes the profile."""
    return "role_arn" in values and "web_identity_token_file" not in values


def is_sso(values: Mapping[str, str]) -> bool:
    """True when botocore's SSOProvider takes a profile that isn't a role."""
    web_identity = values.get("web_identity_token_file")
    return not web_identity and ("sso_account_id" in values or "sso_role_name" in values)


def has_keys(values: Mapping[str, str]) -> bool:
    """True when either half of a static key pair is there (`_has_static_credentials`)."""
    return _ACCESS in values or _SECRET in values


class Resolver:
    """Answers for the profiles of one pair of files."""

    def __init__(self, sections: Sections, environ: Mapping[str, str]) -> None:
        self._sections = sections
        self._environ = environ
        self._owns: dict[str, Own] = {}
        self._chains: dict[str, tuple[str, ...]] = {}

    def way(self, raw: RawProfile) -> Way:
        """Kind, source and chain of a profile, and what breaks on the way."""
        if is_role(raw.values):
            return self._role_way(raw)
        own = self._own(raw)
        broken_at = raw.name if own.problem is not None else ""
        return Way(own.kind, own.source, (raw.name,), own.problem, broken_at)

    def holds(self, raw: RawProfile) -> bool:
        """Whether nothing breaks a profile's way; of thousands that share a source, in no time."""
        values = raw.values
        source = values.get("source_profile", "")
        usual = values.get("role_arn") and "credential_source" not in values
        if usual and is_role(values) and source != raw.name and source in self._sections.profiles:
            below = self._below(source)
            return bool(below) and raw.name not in below
        return self.way(raw).problem is None

    def _below(self, source: str) -> tuple[str, ...]:
        """The chain from a profile down that what names it as its source goes on in; empty where
        it gives nothing."""
        known = self._chains.get(source)
        if known is None:
            raw = self._sections.profiles[source]
            if is_role(raw.values) and not has_keys(raw.values):
                way = self.way(raw)
                sound = way.problem is None and len(way.chain) < LONGEST_CHAIN
                known = way.chain if sound else ()
            else:
                own = self._own(raw)
                known = (source,) if own.problem is None and own.kind is not Kind.NONE else ()
            self._chains[source] = known
        return known

    def _role_way(self, top: RawProfile) -> Way:
        chain = [top.name]
        current = top
        # A machine's credentials are a role's session as well.
        chained = top.values.get("credential_source") in _MACHINES
        while True:
            problem = self._link_problem(current, chain)
            source = current.values.get("source_profile")
            if problem is not None or source is None:
                break
            following = self._sections.profiles[source]
            if source != current.name:
                chain.append(source)
            current = following
            if is_role(current.values) and not has_keys(current.values):
                chained = True
                continue
            own = self._own(current)
            chained = chained or own.kind in _CHAINED
            problem = own.problem
            if own.kind is Kind.NONE:
                problem = current.problem("It is a source_profile but has no credentials.")
            break
        if problem is not None and current.values.get("source_profile") == top.name:
            # Every member of a circle may say so of itself, at its own line.
            current, problem = top, top.problem(problem.text, "source_profile")
        values = top.values
        came_from = values.get("source_profile") or values.get("credential_source", "")
        broken_at = current.name if problem is not None else ""
        return Way(Kind.ROLE, came_from, tuple(chain), problem, broken_at, chained)

    def _link_problem(self, raw: RawProfile, chain: list[str]) -> Problem | None:
        values = raw.values
        source = values.get("source_profile")
        place = values.get("credential_source")
        if not values["role_arn"]:
            return raw.problem("role_arn is empty.", "role_arn")
        if source is not None and place is not None:
            text = "It has both source_profile and credential_source; only one may be there."
            return raw.problem(text, "credential_source")
        if place is not None:
            return self._place_problem(raw, place)
        if source is None:
            text = "It has role_arn but neither source_profile nor credential_source."
            return raw.problem(text, "role_arn")
        return self._source_problem(raw, source, chain)

    def _place_problem(self, raw: RawProfile, place: str) -> Problem | None:
        text = ""
        if place not in CREDENTIAL_SOURCES:
            choices = ", ".join(CREDENTIAL_SOURCES)
            text = f"credential_source {place!r} is none of {choices} (case counts)."
        elif place == "Environment":
            missing = [
                name
                for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
                if not self._environ.get(name)
            ]
            if missing:
                text = f"credential_source is Environment, but {missing[0]} is not set."
        elif place == "EcsContainer" and not self._container():
            text = "credential_source is EcsContainer, but this is no container with a role."
        elif place == "Ec2InstanceMetadata" and self._metadata_off():
            text = "credential_source is Ec2InstanceMetadata, but AWS_EC2_METADATA_DISABLED is set."
        return raw.problem(text, "credential_source") if text else None

    def _source_problem(self, raw: RawProfile, source: str, chain: list[str]) -> Problem | None:
        known = self._sections.profiles
        text = ""
        if source not in known:
            text = f"Its source_profile {source!r} doesn't exist."
        elif source == raw.name:
            if not has_keys(raw.values):
                text = "It names itself as source_profile but has no keys of its own."
        elif source in chain:
            loop = " → ".join([*chain[chain.index(source) :], source])
            text = f"Its source_profile goes in a circle: {loop}."
        elif len(chain) >= LONGEST_CHAIN:
            text = f"More than {LONGEST_CHAIN} profiles are chained; no AWS tool follows that far."
        return raw.problem(text, "source_profile") if text else None

    def _own(self, raw: RawProfile) -> Own:
        known = self._owns.get(raw.name)
        if known is None:
            known = self._owns[raw.name] = self._find_own(raw)
        return known

    def _find_own(self, raw: RawProfile) -> Own:
        """In the order of `ProfileProviderBuilder.providers`."""
        values = raw.values
        if values.get("web_identity_token_file"):
            return self._web_identity(raw)
        if is_sso(values):
            return self._sso(raw)
        if raw.credentials is not None and _ACCESS in raw.credentials.values:
            return self._keys(raw, raw.credentials.values)
        if "login_session" in values:
            return Own(Kind.LOGIN, values["login_session"])
        if "credential_process" in values:
            empty = not values["credential_process"].strip()
            text = "credential_process is empty."
            problem = raw.problem(text, "credential_process") if empty else None
            return Own(Kind.PROCESS, problem=problem)
        if raw.config is not None and _ACCESS in raw.config.values:
            return self._keys(raw, raw.config.values)
        return Own(Kind.NONE, self._fallback())

    def _web_identity(self, raw: RawProfile) -> Own:
        source = raw.values["web_identity_token_file"]
        if raw.values.get("role_arn"):
            return Own(Kind.WEB_IDENTITY, source)
        text = "It has web_identity_token_file but no role_arn."
        problem = raw.problem(text, "web_identity_token_file")
        return Own(Kind.WEB_IDENTITY, source, problem)

    def _keys(self, raw: RawProfile, values: Mapping[str, str]) -> Own:
        token = any(values.get(key) for key in _TOKENS)
        kind = Kind.SESSION_KEYS if token else Kind.STATIC
        if _SECRET in values:
            return Own(kind)
        text = f"It has {_ACCESS} but no {_SECRET} beside it."
        return Own(kind, problem=raw.problem(text, _ACCESS))

    def _sso(self, raw: RawProfile) -> Own:
        values = dict(raw.values)
        name = values.get("sso_session")
        source = name or values.get("sso_start_url", "")
        if name is not None:
            session = self._sections.sso_sessions.get(name)
            if session is None:
                text = f"There is no section [sso-session {name}]."
                return Own(Kind.SSO, source, raw.problem(text, "sso_session"))
            for key, value in session.settings:
                if values.setdefault(key, value) != value:
                    text = f"Its {key} differs from the one in [sso-session {name}]."
                    return Own(Kind.SSO, source, raw.problem(text, key))
        missing = [key for key in _SSO_NEEDS if key not in values]
        if not missing:
            return Own(Kind.SSO, source)
        present = "sso_account_id" if "sso_account_id" in values else "sso_role_name"
        text = f"It uses SSO but lacks {', '.join(missing)}."
        return Own(Kind.SSO, source, raw.problem(text, present))

    def _container(self) -> bool:
        return any(name in self._environ for name in CONTAINER_VARIABLES)

    def _fallback(self) -> str:
        """Where botocore goes for a profile that gives nothing."""
        if self._container():
            return "EcsContainer"
        return "" if self._metadata_off() else "Ec2InstanceMetadata"

    def _metadata_off(self) -> bool:
        # Any other word leaves it on: botocore.utils.IMDSFetcher.
        return self._environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
