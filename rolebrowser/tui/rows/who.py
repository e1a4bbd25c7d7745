"""The left column's rows: bookmarks, then profiles as a tree of their chains. Pure.

An SSO login is a link of the chain like any other: profiles hang under their sso-session. How a
row looks, and what is known of it at that time, is in who_lines.py, how it is found in
who_finding.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rolebrowser.identity.model import Kind, Profile, Role, SsoSession
from rolebrowser.identity.profiles import Profiles
from rolebrowser.target import Bookmark


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


@dataclass(frozen=True, slots=True)
class PortalRow:
    """An SSO login: one for all the profiles under it."""

    session: SsoSession
    count: int


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile, under the one or the SSO login it takes its credentials from.

    Attributes:
        branch: the lines of the tree before it.
    """

    profile: Profile
    branch: str


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role assumable, or not, from the profile above it."""

    role: Role
    profile: str
    branch: str


WhoRow = Heading | BookmarkRow | PortalRow | ProfileRow | RoleRow


def build(
    profiles: Profiles, bookmarks: Sequence[Bookmark], roles: Mapping[str, Sequence[Role]]
) -> list[WhoRow]:
    """All rows in order.

    Args:
        roles: by profile name: the roles found for it beyond those the config names.
    """
    heading = Heading("PROFILES", str(len(profiles)))
    return [*_bookmarks(bookmarks), heading, *_Tree(profiles, roles).rows()]


def _bookmarks(bookmarks: Sequence[Bookmark]) -> Iterator[WhoRow]:
    if bookmarks:
        yield Heading("BOOKMARKS")
    for place, bookmark in enumerate(bookmarks, 1):
        yield BookmarkRow(place if place <= 9 else 0, bookmark)


_Limb = tuple[Profile | RoleRow, str, str]


@dataclass
class _Tree:
    """Profiles under what they hang on."""

    profiles: Profiles
    roles: Mapping[str, Sequence[Role]]
    _children: dict[str, list[Profile]] = field(default_factory=dict)
    _roots: dict[str, Profile | SsoSession] = field(default_factory=dict)

    def rows(self) -> Iterator[WhoRow]:
        """In the files' order; below each what takes its credentials from it."""
        for profile in self.profiles:
            self._hang(profile)
        for key, root in self._roots.items():
            below = self._children.get(key, [])
            if isinstance(root, SsoSession):
                yield PortalRow(root, len(below))
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
            yield ProfileRow(hop, branch)
            below = self._children.get(_profile_key(hop.name), [])
            stack.extend(_limbs(trunk, [*self._found(hop), *below])[::-1])

    def _found(self, profile: Profile) -> Iterator[RoleRow]:
        for role in self.roles.get(profile.name, ()):
            yield RoleRow(role, profile.name, "")


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
