"""What changed between two looks at one database.

Pure. Every fact is turned into a sentence; what was said before and isn't any more has gone, and
the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.grants.facts import Facts, Membership, Role, Securable
from rolebrowser.grants.listing import object_name
from rolebrowser.grants.privileges import letters


class Change(NamedTuple):
    """Something that isn't as it was.

    Attributes:
        what: "role", "membership", "object", "grant", "owner", "row security", "policy",
            "default privileges".
        added: True came, False went; a thing that changed gives one of each.
    """

    what: str
    added: bool
    sentence: str


def changes(before: Facts, after: Facts) -> tuple[Change, ...]:
    """What happened between two looks at one database, as sentences; empty when nothing did."""
    if before == after:
        return ()
    old, new = dict(_statements(before)), dict(_statements(after))
    gone = [Change(what, False, text) for (what, text) in old if (what, text) not in new]
    come = [Change(what, True, text) for (what, text) in new if (what, text) not in old]
    return tuple(gone + come)


def _statements(facts: Facts) -> Iterator[tuple[tuple[str, str], None]]:
    """Every fact as a sentence."""
    for role in facts.roles:
        yield ("role", _role(role)), None
    for each in facts.memberships:
        yield ("membership", _membership(facts, each)), None
    for each in (*facts.securables, *facts.columns):
        for what, sentence in _securable(facts, each):
            yield (what, sentence), None
    for policy in facts.policies:
        table = facts.relation_by_oid.get(policy.table)
        on = facts.label(table) if table is not None else str(policy.table)
        to = ", ".join(_name(facts, oid) for oid in policy.roles)
        kind = "permissive" if policy.permissive else "restrictive"
        sentence = (
            f"{kind} policy {quoted(policy.name)} on {on} for {policy.command} to {to}"
            f" using {policy.using or '-'} check {policy.check or '-'}"
        )
        yield ("policy", sentence), None
    for each in facts.default_acls:
        where = quoted(facts.schema_names.get(each.schema, str(each.schema))) if each.schema else ""
        for entry in each.acl:
            sentence = (
                f"what {_name(facts, each.creator)} makes{' in ' + where if where else ''}"
                f" ({each.kind}): {_given(entry.privileges, entry.grantable)}"
                f" to {_name(facts, entry.grantee)}"
            )
            yield ("default privileges", sentence), None


def _role(role: Role) -> str:
    flags = {
        "superuser": role.superuser,
        "no inherit": not role.inherit,
        "createrole": role.createrole,
        "createdb": role.createdb,
        "login": role.login,
        "replication": role.replication,
        "bypassrls": role.bypassrls,
        f"{role.connection_limit} connections": role.connection_limit >= 0,
        f"valid until {role.valid_until}": bool(role.valid_until),
    }
    words = ", ".join(word for word, holds in flags.items() if holds)
    return f"{quoted(role.name)}{': ' + words if words else ''}"


def _membership(facts: Facts, each: Membership) -> str:
    options = {"admin": each.admin, "inherit": each.inherit, "set": each.set}
    shown = ", ".join(
        f"{name} {value}".lower() for name, value in options.items() if value is not None
    )
    return (
        f"{_name(facts, each.member)} in {_name(facts, each.role)}"
        f" ({shown}) by {_name(facts, each.grantor)}"
    )


def _securable(facts: Facts, each: Securable) -> Iterator[tuple[str, str]]:
    name = object_name(facts, each)
    if not each.attnum:
        yield "object", name
        yield "owner", f"{_name(facts, each.owner)} owns {name}"
    if each.rls:
        yield "row security", f"on for {name}{', its owner too' if each.force_rls else ''}"
    if each.acl is None:
        return
    if not each.acl:
        yield "grant", f"nobody has anything on {name}"
    for entry in each.acl:
        given = _given(entry.privileges, entry.grantable)
        sentence = (
            f"{given} on {name} to {_name(facts, entry.grantee)} by {_name(facts, entry.grantor)}"
        )
        yield "grant", sentence


def _given(privileges: int, grantable: int) -> str:
    return "".join(
        letter + "*" * bool(grantable & 1 << n)
        for letter, n in ((letters(1 << n), n) for n in range(15) if privileges & 1 << n)
    )


def _name(facts: Facts, oid: int) -> str:
    return quoted(facts.role_name(oid)) if oid else "PUBLIC"
