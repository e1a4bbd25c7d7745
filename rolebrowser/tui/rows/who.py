"""The left column's rows: bookmarks, then profiles as a tree of their chains. Pure.

An SSO login is a link of the chain like any other: profiles hang under their sso-session. How a
row looks is in who_lines.py, how it is found in who_finding.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rolebrowser.config import Config
from rolebrowser.identity import production
from rolebrowser.identity.model import Kind, Lifetime, Profile, Role, SsoSession
from rolebrowser.identity.profiles import Profiles
from rolebrowser.target import Bookmark, Target


class Lives(Protocol):
    """What is known of the life of each session."""

    def lifetime(self, profile: str, role: str) -> Lifetime:
        """Of a profile's session, or of one of a role (ARN) on top of it."""
        ...

    def portal(self, sso_session: str) -> Lifetime:
        """Of an SSO login."""
        ...


@dataclass(frozen=True, slots=True)
class Heading:
    """A title between groups; the cursor skips it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookmarkRow:
    """A bookmark; digit 0 = beyond the ninth."""

    digit: int
    bookmark: Bookmark
    guarded: bool
    lifetime: Lifetime


@dataclass(frozen=True, slots=True)
class PortalRow:
    """An SSO login: one for all the profiles under it."""

    session: SsoSession
    count: int
    lifetime: Lifetime


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile, under the one or the SSO login it takes its credentials from.

    Attributes:
        branch: the lines of the tree before it.
        account_name: as an SSO portal calls the account; empty where none told.
    """

    profile: Profile
    branch: str
    guarded: bool
    lifetime: Lifetime
    account_name: str = ""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role assumable, or not, from the profile above it."""

    role: Role
    profile: str
    branch: str
    guarded: bool
    lifetime: Lifetime
    account_name: str = ""


WhoRow = Heading | BookmarkRow | PortalRow | ProfileRow | RoleRow


def build(
    profiles: Profiles,
    config: Config,
    roles: Mapping[str, Sequence[Role]],
    lives: Lives,
    account_names: Mapping[str, str] | None = None,
) -> list[WhoRow]:
    """All rows in order.

    Args:
        roles: by profile name: the roles found for it beyond those the config names.
        account_names: by account number.
    """
    tree = _Tree(profiles, config, roles, lives, account_names or {})
    heading = Heading("PROFILES", str(len(profiles)))
    return [*_bookmarks(profiles, config, lives), heading, *tree.rows()]


def _bookmarks(profiles: Profiles, config: Config, lives: Lives) -> Iterator[WhoRow]:
    if config.bookmarks:
        yield Heading("BOOKMARKS")
    for place, bookmark in enumerate(config.bookmarks, 1):
        target = bookmark.target
        guarded = production.guarded(
            config, target, profiles.get(target.profile), bookmark=bookmark
        )
        life = lives.lifetime(target.profile, target.role)
        yield BookmarkRow(place if place <= 9 else 0, bookmark, guarded, life)


_Limb = tuple[Profile | RoleRow, str, str]


@dataclass
class _Tree:
    """Profiles under what they hang on."""

    profiles: Profiles
    config: Config
    roles: Mapping[str, Sequence[Role]]
    lives: Lives
    account_names: Mapping[str, str]
    _children: dict[str, list[Profile]] = field(default_factory=dict)
    _roots: dict[str, Profile | SsoSession] = field(default_factory=dict)

    def rows(self) -> Iterator[WhoRow]:
        """In the files' order; below each what takes its credentials from it."""
        for profile in self.profiles:
            self._hang(profile)
        for key, root in self._roots.items():
            below = self._children.get(key, [])
            if isinstance(root, SsoSession):
                yield PortalRow(root, len(below), self.lives.portal(root.name))
                yield from self._below(_limbs("", below))
            else:
                yield from self._below([(root, "", "")])

    def _hang(self, profile: Profile) -> None:
        parent = _profile_key(profile.source)
        if profile.problem is not None or profile.source == profile.name:
            parent = ""
        elif profile.kind is Kind.SSO:
            session = self.profiles.sso_sessions.get(profile.setting("sso_session"))
            parent = f"sso-session {session.name}" if session is not None else ""
            if session is not None:
                self._roots.setdefault(parent, session)
        elif self.profiles.get(profile.source) is None:
            parent = ""
        if parent:
            self._children.setdefault(parent, []).append(profile)
        else:
            self._roots[_profile_key(profile.name)] = profile

    def _below(self, limbs: list[_Limb]) -> Iterator[WhoRow]:
        stack = limbs[::-1]
        while stack:
            hop, branch, trunk = stack.pop()
            if isinstance(hop, RoleRow):
                yield replace(hop, branch=branch)
                continue
            yield self._profile(hop, branch)
            below = self._children.get(_profile_key(hop.name), [])
            stack.extend(_limbs(trunk, [*self._found(hop), *below])[::-1])

    def _profile(self, profile: Profile, branch: str) -> ProfileRow:
        guarded = production.guarded(self.config, Target(profile=profile.name), profile)
        life, called = self.lives.lifetime(profile.name, ""), self.account_names
        return ProfileRow(profile, branch, guarded, life, called.get(profile.account, ""))

    def _found(self, profile: Profile) -> Iterator[RoleRow]:
        for role in self.roles.get(profile.name, ()):
            guarded = self.config.guard.covers(role.name, account=role.account)
            life = self.lives.lifetime(profile.name, role.arn)
            called = self.account_names.get(role.account, "")
            yield RoleRow(role, profile.name, "", guarded, life, called)


def _limbs(trunk: str, hops: Sequence[Profile | RoleRow]) -> list[_Limb]:
    """Each with the lines before it, and those before what hangs on it."""
    last = len(hops) - 1
    return [
        (hop, trunk + ("├ " if place < last else "└ "), trunk + ("│ " if place < last else "  "))
        for place, hop in enumerate(hops)
    ]


def _profile_key(name: str) -> str:
    return f"profile {name}"


def role_name(profile: Profile) -> str:
    """The role a profile's session is of, without path; empty for other kinds."""
    return profile.role_arn.rsplit("/", 1)[-1] or profile.setting("sso_role_name")


def identify(row: WhoRow) -> object:
    """What makes a row the same one after a refresh."""
    match row:
        case BookmarkRow():
            return ("bookmark", row.bookmark.name)
        case PortalRow():
            return ("sso-session", row.session.name)
        case ProfileRow():
            return ("profile", row.profile.name)
        case RoleRow():
            return ("role", row.profile, row.role.arn)
        case Heading():
            return ("heading", row.text)


def selectable(row: WhoRow) -> bool:
    """Headings aren't."""
    return not isinstance(row, Heading)
