"""GRANT and REVOKE as values: the SQL of them, and what they do to facts.

Pure. `apply` says what the server would have after them, so that a suggestion can be tried on the
model before anybody runs it. Rules: PostgreSQL's aclinsert/recursive_revoke (utils/adt/acl.c) and
ExecGrant_Relation (a table's REVOKE takes the columns' privileges along).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rolebrowser.connection.names import quoted
from rolebrowser.frozen import dataclass
from rolebrowser.grants import acl
from rolebrowser.grants.acl import Acl, Entry
from rolebrowser.grants.facts import Facts, Membership, Securable
from rolebrowser.grants.membership import OPTIONS_FROM
from rolebrowser.grants.privileges import PUBLIC, RELATIONS, WORDS, Kind, bits

_BOOTSTRAP = 10
"""The oid of the superuser that a cluster begins with; grants by superusers count as its."""
_ON = dict.fromkeys(RELATIONS, "TABLE") | {Kind.COLUMN: "TABLE"}


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT privileges ON securable TO grantee, as the owner."""

    securable: Securable
    privileges: int
    grantee: int


@dataclass(frozen=True, slots=True)
class Revoke:
    """REVOKE privileges ON securable FROM grantee, as who granted them.

    Attributes:
        cascade: also what the grantee passed on.
    """

    securable: Securable
    privileges: int
    grantee: int
    grantor: int
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """GRANT role TO member."""

    role: int
    member: int


@dataclass(frozen=True, slots=True)
class Leave:
    """REVOKE role FROM member, as one grantor made it.

    Attributes:
        cascade: also what the member passed on (16 and later keep account of it).
    """

    role: int
    member: int
    grantor: int
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Inherit:
    """ALTER ROLE member INHERIT: of weight before 16 only, where it decides all its memberships."""

    member: int


Operation = Grant | Revoke | Join | Leave | Inherit


def sql(facts: Facts, operation: Operation) -> str:
    """The statements, each ended by a semicolon; more than one where a REVOKE must be another's."""
    match operation:
        case Grant():
            to = _grantee(facts, operation.grantee)
            return f"GRANT {_on(facts, operation.securable, operation.privileges)} TO {to};"
        case Revoke():
            return _revoke(facts, operation)
        case Join():
            role, member = (_name(facts, each) for each in (operation.role, operation.member))
            option = " WITH INHERIT TRUE" if _says_inherit(facts, operation) else ""
            return f"GRANT {role} TO {member}{option};"
        case Leave():
            return _leave(facts, operation)
        case Inherit():
            return f"ALTER ROLE {_name(facts, operation.member)} INHERIT;"


def _revoke(facts: Facts, operation: Revoke) -> str:
    securable = operation.securable
    what = _on(facts, securable, operation.privileges)
    cascade = " CASCADE" if operation.cascade else ""
    statement = f"REVOKE {what} FROM {_grantee(facts, operation.grantee)}{cascade};"
    if operation.grantor == securable.owner:
        return statement
    # A REVOKE takes back what its own grantor gave, the owner's by default.
    return f"SET ROLE {_name(facts, operation.grantor)}; {statement} RESET ROLE;"


def _leave(facts: Facts, operation: Leave) -> str:
    role, member = _name(facts, operation.role), _name(facts, operation.member)
    if facts.version < OPTIONS_FROM:
        return f"REVOKE {role} FROM {member};"
    cascade = " CASCADE" if operation.cascade else ""
    return f"REVOKE {role} FROM {member} GRANTED BY {_name(facts, operation.grantor)}{cascade};"


def _on(facts: Facts, securable: Securable, privileges: int) -> str:
    """`SELECT, INSERT ON TABLE s.t`, `SELECT (c) ON TABLE s.t`, `USAGE ON SCHEMA s`."""
    words = [WORDS[bit] for bit in bits(privileges)]
    label = facts.label(securable)
    if securable.kind is Kind.COLUMN:
        table = facts.relation_by_oid.get(securable.oid)
        label = facts.label(table) if table is not None else str(securable.oid)
        words = [f"{word} ({quoted(securable.name)})" for word in words]
    kind = _ON.get(securable.kind, securable.kind.value.upper())
    return f"{', '.join(words)} ON {kind} {label}"


def _name(facts: Facts, oid: int) -> str:
    return quoted(facts.role_name(oid))


def _grantee(facts: Facts, oid: int) -> str:
    return "PUBLIC" if oid == PUBLIC else _name(facts, oid)


def apply(facts: Facts, operations: Iterable[Operation]) -> Facts:
    """The facts after the operations."""
    for operation in operations:
        match operation:
            case Grant():
                facts = _with_acl(facts, operation.securable, _granting(operation))
            case Revoke():
                facts = _with_acl(facts, operation.securable, _revoking(operation), columns=True)
            case Join():
                facts = _joined(facts, operation)
            case Leave():
                facts = _left(facts, operation)
            case Inherit():
                facts = _inheriting(facts, operation.member)
    return facts


def _says_inherit(facts: Facts, join: Join) -> bool:
    """Whether the grant has to ask for INHERIT, from 16 on: by itself it follows the member's
    attribute, and it leaves the options of a membership that is there already as they are."""
    return facts.version >= OPTIONS_FROM and (
        not facts.role_by_oid[join.member].inherit
        or any((row.role, row.member) == (join.role, join.member) for row in facts.memberships)
    )


def _joined(facts: Facts, operation: Join) -> Facts:
    options = facts.version >= OPTIONS_FROM
    row = Membership(
        operation.member,
        operation.role,
        _BOOTSTRAP,
        False,
        True if options else None,
        True if options else None,
    )
    return replace(facts, memberships=(*facts.memberships, row))


def _inheriting(facts: Facts, member: int) -> Facts:
    roles = tuple(
        each._replace(inherit=True) if each.oid == member else each for each in facts.roles
    )
    return replace(facts, roles=roles)


def _left(facts: Facts, operation: Leave) -> Facts:
    gone = [
        row
        for row in facts.memberships
        if (row.role, row.member) == (operation.role, operation.member)
        and (facts.version < OPTIONS_FROM or row.grantor == operation.grantor)
    ]
    left = tuple(row for row in facts.memberships if row not in gone)
    facts = replace(facts, memberships=left)
    if not operation.cascade or any(
        row.admin and (row.role, row.member) == (operation.role, operation.member) for row in left
    ):
        return facts
    for row in left:
        if row.role == operation.role and row.grantor == operation.member:
            facts = _left(facts, Leave(row.role, row.member, row.grantor, cascade=True))
    return facts


def _with_acl(
    facts: Facts, securable: Securable, change: Callable[[Acl], Acl], *, columns: bool = False
) -> Facts:
    """Change an ACL, and with `columns` those of a table's columns too."""

    def changed(each: Securable) -> Securable:
        before = each.acl
        if before is None:
            before = acl.default(each.kind, each.owner, facts.version)
        after = change(before)
        return each if after == before else each._replace(acl=after)

    def same(each: Securable) -> bool:
        return (each.kind, each.oid, each.attnum) == (
            securable.kind,
            securable.oid,
            securable.attnum,
        )

    of_table = columns and securable.kind in RELATIONS
    return replace(
        facts,
        securables=tuple(changed(e) if same(e) else e for e in facts.securables),
        columns=tuple(
            changed(e) if same(e) or (of_table and e.oid == securable.oid) else e
            for e in facts.columns
        ),
    )


def _granting(operation: Grant) -> Callable[[Acl], Acl]:
    owner = operation.securable.owner

    def change(entries: Acl) -> Acl:
        added = False
        result: list[Entry] = []
        for each in entries:
            if (each.grantee, each.grantor) == (operation.grantee, owner):
                each = each._replace(privileges=each.privileges | operation.privileges)
                added = True
            result.append(each)
        if not added:
            result.append(Entry(operation.grantee, owner, operation.privileges, 0))
        return tuple(result)

    return change


def _revoking(revoke: Revoke) -> Callable[[Acl], Acl]:
    def change(entries: Acl) -> Acl:
        return _taken(entries, revoke.grantee, revoke.grantor, revoke.privileges, revoke)

    return change


def _taken(entries: Acl, grantee: int, grantor: int, privileges: int, revoke: Revoke) -> Acl:
    result: list[Entry] = []
    lost = 0
    for each in entries:
        if (each.grantee, each.grantor) == (grantee, grantor):
            lost |= each.grantable & privileges
            each = each._replace(
                privileges=each.privileges & ~privileges, grantable=each.grantable & ~privileges
            )
        if each.privileges:
            result.append(each)
    after = tuple(result)
    still = 0
    for each in after:
        still |= each.grantable if each.grantee == grantee else 0
    # The owner keeps its grant options whatever is taken from it.
    orphaned = lost & ~still if grantee not in (PUBLIC, revoke.securable.owner) else 0
    if orphaned and revoke.cascade:
        for each in after:
            if each.grantor == grantee and each.privileges & orphaned:
                after = _taken(after, each.grantee, grantee, orphaned, revoke)
    return after
