"""The left column's rows: bookmarks, then profiles as a tree of their chains. Pure.

An SSO login is a link of the chain like any other: profiles hang under their sso-session. How a
row looks, and what is known of it at that time, is in who_lines.py, how it is found in
who_finding.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from rolebrowser.frozen import dataclass
from rolebrowser.identity import durations
from rolebrowser.identity.model import Profile, Role, SsoSession
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

    name: str
    branch: str
    profiles: Profiles = field(repr=False)

    @property
    def profile(self) -> Profile:
        """What is known of it, worked out when it is first asked for."""
        return self.profiles.named(self.name)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role assumable, or not, from the profile above it."""

    role: Role
    profile: str
    branch: str
    profiles: Profiles = field(repr=False, compare=False)

    @property
    def longest(self) -> int:
        """Seconds a session of it may last from this profile; 0 = not known."""
        most = self.role.max_session_seconds
        if not most:
            return 0
        return durations.limits(self.profiles.get(self.profile), self.role.arn, most).longest


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


_Hop = str | tuple[Role, str]
"""A profile by its name, or a role and the profile that it was found for: thousands, maybe."""
_Limb = tuple[_Hop, str, str]


@dataclass(slots=True)
class _Tree:
    """Profiles under what they hang on."""

    profiles: Profiles
    roles: Mapping[str, Sequence[Role]]
    _roots: list[str | SsoSession] = field(default_factory=list)
    _children: dict[str, list[str]] = field(default_factory=dict)
    _behind: dict[str, list[str]] = field(default_factory=dict)

    def rows(self) -> Iterator[WhoRow]:
        """In the files' order; below each what takes its credentials from it."""
        for name in self.profiles.names:
            self._hang(name)
        for root in self._roots:
            if isinstance(root, SsoSession):
                below = self._behind[root.name]
                yield PortalRow(root, len(below))
                yield from self._below(_limbs("", below))
            else:
                yield from self._below([(root, "", "")])

    def _hang(self, name: str) -> None:
        parent = self.profiles.parent(name)
        if parent is None:
            self._roots.append(name)
        elif isinstance(parent, str):
            self._children.setdefault(parent, []).append(name)
        else:
            if parent.name not in self._behind:
                self._roots.append(parent)
            self._behind.setdefault(parent.name, []).append(name)

    def _below(self, limbs: list[_Limb]) -> Iterator[WhoRow]:
        stack = limbs[::-1]
        while stack:
            hop, branch, trunk = stack.pop()
            if not isinstance(hop, str):
                yield RoleRow(*hop, branch, self.profiles)
                continue
            yield ProfileRow(hop, branch, self.profiles)
            below = [*self._found(hop), *self._children.get(hop, ())]
            if below:
                stack.extend(_limbs(trunk, below)[::-1])

    def _found(self, profile: str) -> Iterator[_Hop]:
        return ((role, profile) for role in self.roles.get(profile, ()))


def _limbs(trunk: str, hops: Sequence[_Hop]) -> list[_Limb]:
    """Each with the lines before it, and those before what hangs on it."""
    inner, after = (trunk + "├ ", trunk + "│ "), (trunk + "└ ", trunk + "  ")
    return [*((hop, *inner) for hop in hops[:-1]), *((hop, *after) for hop in hops[-1:])]


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
            return ("profile", row.name)
        case RoleRow():
            return ("role", row.profile, row.role.arn)
        case Heading():
            return ("heading", row.text)


def selectable(row: WhoRow) -> bool:
    """Headings aren't."""
    return not isinstance(row, Heading)
