"""ACLs as PostgreSQL prints them: `{alice=arwdDxt/alice,"=r/alice"}`.

Pure. Source: aclitemout, putid, acldefault in PostgreSQL's utils/adt/acl.c; array_out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from rolebrowser.grants.privileges import LETTERS, PUBLIC, Kind, of_kind, to_public


class Entry(NamedTuple):
    """One line of an ACL.

    Attributes:
        grantee: a role's oid, or PUBLIC.
        grantor: a role's oid.
        privileges: what the grantee may do, a set of bits.
        grantable: which of these it may pass on.
    """

    grantee: int
    grantor: int
    privileges: int
    grantable: int


Acl = tuple[Entry, ...]

_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",{}]+)', re.S)
_NAME = r'((?:"(?:[^"]|"")*"|[^"=/])*)'
_ITEM = re.compile(rf"{_NAME}=([a-zA-Z*]*)/{_NAME}", re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)


class Reader:
    """Reads the ACLs of one database; what repeats, and most of it does, is read once.

    Args:
        roles: oid by name. A grantee that isn't there is a role that was dropped: PostgreSQL
            prints its number.
    """

    def __init__(self, roles: Mapping[str, int]) -> None:
        self._roles = roles
        self._acls: dict[str, Acl] = {}
        self._items: dict[str, Entry] = {}

    def read(self, text: str) -> Acl:
        """The entries of an `aclitem[]` in text form.

        Raises:
            ValueError: it isn't an ACL.
        """
        known = self._acls.get(text)
        if known is None:
            items = text[1:-1].split(",") if '"' not in text else _elements(text)
            known = tuple([self._entry(item) for item in items if item])
            self._acls[text] = known
        return known

    def _entry(self, item: str) -> Entry:
        known = self._items.get(item)
        if known is None:
            known = self._items[item] = _item(item, self._roles)
        return known


def _elements(text: str) -> list[str]:
    return [
        _ESCAPE.sub(r"\1", found[1]) if found[1] is not None else found[2]
        for found in _ELEMENT.finditer(text)
    ]


def _item(item: str, roles: Mapping[str, int]) -> Entry:
    found = _ITEM.fullmatch(item)
    if found is None:
        raise ValueError(f"not an ACL item: {item!r}")
    grantee, granted, grantor = found.groups()
    privileges = grantable = last = 0
    for letter in granted:
        if letter == "*":
            grantable |= last
        else:
            last = LETTERS[letter]
            privileges |= last
    return Entry(_oid(grantee, roles), _oid(grantor, roles), privileges, grantable)


def _oid(name: str, roles: Mapping[str, int]) -> int:
    if not name:
        return PUBLIC
    # A quote opens and closes anywhere; inside, two of them are one.
    if '"' in name:
        name = re.sub(r'"((?:[^"]|"")*)"', lambda found: found[1].replace('""', '"'), name)
    oid = roles.get(name)
    if oid is None:
        return int(name) if name.isdigit() else -1
    return oid


def default(kind: Kind, owner: int, version: int) -> Acl:
    """What a NULL ACL stands for: the owner everything, everybody what the kind gives them."""
    if kind in (Kind.COLUMN, Kind.PARAMETER):
        return ()
    public = to_public(kind)
    own = Entry(owner, owner, of_kind(kind, version), 0)
    return (Entry(PUBLIC, owner, public, 0), own) if public else (own,)
