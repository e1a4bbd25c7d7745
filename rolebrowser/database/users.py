"""Users one may try to log in to a database as. Pure.

AWS knows patterns, not names: `rds-db:connect` is allowed on
`arn:P:rds-db:REGION:ACCOUNT:dbuser:ID/USER`, with wildcards anywhere. Whether a user exists in the
database is invisible to AWS. Rules: shared/reference/iam-evaluation.md, "rds-db:connect".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rolebrowser.config import Config
from rolebrowser.database.model import Database, User, partition
from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Verdict
from rolebrowser.target import Target


@dataclass(frozen=True, slots=True)
class Decision:
    """What policies say of one resource."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A user somebody or something named.

    Attributes:
        source: "bookmark", "recent", "master user" or "typed".
    """

    name: str
    source: str


UNREAD = Decision(Verdict.UNKNOWN, ("the policies of this session have not been read",))


_POLICY = "iam policy"


def named(
    config: Config, database: Database, *, recents: Iterable[Target] = (), typed: Iterable[str] = ()
) -> tuple[Named, ...]:
    """The users known by name: typed, of bookmarks, of recents, the master user; each once.

    Args:
        recents: targets opened before, the likeliest first.
    """
    bookmarked = [bookmark.target for bookmark in config.bookmarks]
    found = [Named(name, "typed") for name in typed]
    found += [Named(each.user, "bookmark") for each in bookmarked if _leads_to(each, database)]
    found += [Named(each.user, "recent") for each in recents if _leads_to(each, database)]
    found.append(Named(database.master_user, "master user"))
    return tuple({each.name: each for each in reversed(found) if each.name}.values())[::-1]


def _leads_to(target: Target, database: Database) -> bool:
    same_region = not target.region or target.region == database.region
    return target.database == database.id and same_region


def users(
    database: Database,
    known: Iterable[Named],
    *,
    resources: Iterable[str] = (),
    decide: Callable[[str], Decision] = lambda user: UNREAD,
    decide_pattern: Callable[[str], Decision] = lambda pattern: UNREAD,
) -> tuple[User, ...]:
    """Everybody one may try, each with a verdict.

    Args:
        known: users known by name.
        resources: resource patterns of the statements that allow rds-db:connect to the session;
            those that cannot name this database are passed over.
        decide: what the session's policies, denials included, say of a user.
        decide_pattern: what they say of any user that matches a pattern.

    Returns:
        Literal users first, then patterns ("any user matching …"); each name once, a policy's
        word on it before anybody else's.
    """
    patterns = dict.fromkeys(
        pattern for resource in resources for pattern in user_patterns(resource, database)
    )
    found = {
        pattern: _decided(Named(pattern, _POLICY), decide)
        for pattern in patterns
        if not _wild(pattern)
    }
    for each in known:
        found.setdefault(each.name, _decided(each, decide))
    wide = ((pattern, decide_pattern(pattern)) for pattern in patterns if _wild(pattern))
    return (
        *found.values(),
        *(User(name, said.verdict, _POLICY, True, said.reasons) for name, said in wide),
    )


def _decided(each: Named, decide: Callable[[str], Decision]) -> User:
    decision = decide(each.name)
    return User(each.name, decision.verdict, each.source, False, decision.reasons)


def resource_arn(database: Database, user: str) -> str:
    """What rds-db:connect is asked for when `user` logs in to `database`."""
    return _prefix(database) + user


def _prefix(database: Database) -> str:
    part = partition(database.region)
    where = f"{database.region}:{database.account}:dbuser:{database.resource_id}"
    return f"arn:{part}:rds-db:{where}/"


def user_patterns(resource: str, database: Database) -> tuple[str, ...]:
    """What a resource pattern leaves of the user's name once it named this database.

    `*` and `?` are the only wildcards, and `*` crosses `/` and `:`.

    Returns:
        Patterns over user names ("app", "*_ro", "*"); empty when it is about something else.
    """
    places = _after_stars(resource, {0})
    for char in _prefix(database):
        stepped: set[int] = set()
        for place in places:
            if place < len(resource):
                if resource[place] == "*":
                    stepped.add(place)
                elif resource[place] in ("?", char):
                    stepped.add(place + 1)
        places = _after_stars(resource, stepped)
    rest = {resource[place:] for place in places} - {""}
    if "*" in rest:
        return ("*",)
    # What begins with a star covers the same without it. No user's name has a slash.
    return tuple(sorted(each for each in rest if f"*{each}" not in rest and "/" not in each))


def _after_stars(resource: str, places: set[int]) -> set[int]:
    """`places`, and those behind a star that stands there: it may stand for nothing."""
    found = set(places)
    for place in places:
        while place < len(resource) and resource[place] == "*":
            place += 1
            found.add(place)
    return found


def _wild(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def overlap(one: str, other: str) -> bool:
    """Whether some text matches both of two patterns."""
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        place = waiting.pop()
        if place == (len(one), len(other)):
            return True
        if place not in seen:
            seen.add(place)
            waiting += _steps(one, other, *place)
    return False


def _steps(one: str, other: str, at: int, there: int) -> Iterator[tuple[int, int]]:
    """Where two patterns stand after one more character of a text that matches both."""
    first, second = one[at : at + 1], other[there : there + 1]
    if first == "*":
        yield at + 1, there
    if second == "*":
        yield at, there + 1
    if first and second:
        if first == "*" and second != "*":
            yield at, there + 1
        elif second == "*" and first != "*":
            yield at + 1, there
        elif first == second or "?" in (first, second):
            yield at + 1, there + 1
