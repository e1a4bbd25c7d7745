"""Databases found all over an organization: rows, and whose session leads to one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rolebrowser.database.org_search import Hit
from rolebrowser.fuzzy import ranked
from rolebrowser.identity.model import Profile
from rolebrowser.tui.line import Line, line, span


def filtered(rows: Sequence[Hit], pattern: str) -> list[Hit]:
    """The rows that match, best first; all for an empty pattern."""
    return ranked(pattern, rows, (_haystack(row) for row in rows))


def _haystack(hit: Hit) -> str:
    return "\n".join((hit.id, hit.kind, hit.account, hit.region, hit.profile)).casefold()


def identify(hit: Hit) -> object:
    """What makes a row the same one after a refresh."""
    return hit.account, hit.region, hit.kind, hit.id


def draw(hit: Hit, account_names: Mapping[str, str]) -> Line:
    """The line of a row."""
    account = f"{account_names.get(hit.account, '')} {hit.account}".strip()
    through = f"as {hit.profile}" if hit.profile else hit.source
    return line(
        span(hit.id, "strong"),
        span(f"  {hit.kind}  {hit.region}  {account}", "dim"),
        right=(span(through, "dim"),),
    )


def leading(
    hit: Hit, profiles: Iterable[Profile], visits: Mapping[str, float]
) -> tuple[Profile, ...]:
    """The profiles whose sessions see the database: those of its account, and the one that listed
    it. The most used first; of those used alike the one that listed it, then by name.

    Args:
        visits: weights by profile name.
    """
    found = (
        each
        for each in profiles
        if each.problem is None
        and (each.name == hit.profile or (each.account and each.account == hit.account))
    )
    return tuple(
        sorted(
            found,
            key=lambda each: (-visits.get(each.name, 0.0), each.name != hit.profile, each.name),
        )
    )


def acts_as(profile: Profile) -> str:
    """What tells profiles of one account apart: the role they act as, else their kind."""
    role = profile.setting("role_arn").rpartition("/")[2] or profile.setting("sso_role_name")
    return f"as {role}" if role else profile.kind.value


def merged(rows: Iterable[Hit], come: Iterable[Hit]) -> list[Hit]:
    """All of them, each database once, by account, region and id."""
    found = {(each.account, each.region, each.id): each for each in (*come, *rows)}
    return [found[key] for key in sorted(found)]
