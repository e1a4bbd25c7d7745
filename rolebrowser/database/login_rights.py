"""What a caller's policies say of logging in to a database: rds-db:connect. Pure.

RDS has no resource policies: identity policies, boundary, session policy and SCPs of the
database's own account decide (shared/reference/iam-evaluation.md, "rds-db:connect").
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rolebrowser.database import login_advice, users
from rolebrowser.database.model import Database, User
from rolebrowser.database.users import Decision, Named
from rolebrowser.identity import policy_pattern
from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import Decision as Answered
from rolebrowser.identity.policy_case import Case
from rolebrowser.identity.policy_document import Statement
from rolebrowser.identity.policy_gates import gates
from rolebrowser.identity.policy_pattern import Kind
from rolebrowser.identity.trust import Caller, sentence
from rolebrowser.identity.truth import Truth
from rolebrowser.identity.why import UNLISTED, Fix, Step, Why, fewest, own_fix, with_statement

ACTION = "rds-db:connect"
_VERDICTS = {
    Answered.ALLOW: Verdict.ALLOW,
    Answered.DENY: Verdict.DENY,
    Answered.UNKNOWN: Verdict.UNKNOWN,
}
_UNASKED = "AWS was not asked for the database's resource id, which is what policies name."
_BEST = (Verdict.ALLOW, Verdict.UNKNOWN, Verdict.DENY)
_FILLS = ("", "x", "zq9", "A")
"""What stands in for a `*` when a user is wanted that matches a pattern."""


def case(caller: Caller, database: Database, user: str) -> Case:
    """The request that a login as `user` makes, examined."""
    return caller.case(ACTION, users.resource_arn(database, user))


def obstacle(caller: Caller, database: Database) -> str:
    """Why no policy could let this caller in; empty when one could."""
    own = caller.principal.account
    if database.account and own and database.account != own:
        return (
            f"{database.id} is of account {database.account}, the session of {own}: only the "
            "database's own account can let anybody in."
        )
    if database.iam_auth is False:
        return f"IAM database authentication is off on {database.id}."
    return ""


def decision(caller: Caller, database: Database, user: str) -> Decision:
    """Whether a caller may log in as a user, by IAM; whether there is such a user is the
    database's to know."""
    barred = obstacle(caller, database)
    if barred:
        return Decision(Verdict.DENY, (barred,))
    if not database.resource_id:
        return Decision(Verdict.UNKNOWN, (_UNASKED,))
    answer = case(caller, database, user).answer()
    return Decision(_VERDICTS[answer.decision], tuple(map(sentence, answer.reasons)))


def pattern_decision(caller: Caller, database: Database, pattern: str) -> Decision:
    """Whether a caller may log in as some user that matches a pattern, and which of them not."""
    best = decision(caller, database, likeliest(caller, database, pattern))
    if best.verdict is Verdict.DENY:
        return best
    spared = ", ".join(_exceptions(caller, database, pattern))
    but = f", but none matching {spared}" if spared else ""
    return Decision(best.verdict, (f"any user matching {pattern}{but}", *best.reasons))


def likeliest(caller: Caller, database: Database, pattern: str) -> str:
    """Some user that matches a pattern; one who is let in, if there may be such."""
    names = [example(pattern, fill) for fill in _FILLS]
    return min(
        filter(None, names),
        key=lambda name: _BEST.index(decision(caller, database, name).verdict),
    )


def _exceptions(caller: Caller, database: Database, pattern: str) -> Iterator[str]:
    """Patterns of users that are denied although they match."""
    for resource in dict.fromkeys(_resources(caller, "Deny")):
        for denied in users.user_patterns(resource, database):
            name = example(denied)
            if users.overlap(pattern, denied) and (
                case(caller, database, name).answer().decision is not Answered.ALLOW
            ):
                yield denied


def example(pattern: str, fill: str = "x") -> str:
    """Some user that matches a pattern."""
    return pattern.replace("*", fill).replace("?", "x")


def everybody(caller: Caller, database: Database, known: Iterable[Named]) -> tuple[User, ...]:
    """Everybody one may try, each with a verdict; see `users.users`."""
    return users.users(
        database,
        known,
        resources=allowed_resources(caller),
        decide=lambda user: decision(caller, database, user),
        decide_pattern=lambda pattern: pattern_decision(caller, database, pattern),
    )


def allowed_resources(caller: Caller) -> Iterator[str]:
    """Resource entries of the caller's own statements that allow rds-db:connect; "*" for one that
    only says what it is not about."""
    return _resources(caller, "Allow")


def _resources(caller: Caller, effect: str) -> Iterator[str]:
    for policy in caller.identity:
        for statement in policy.statements:
            if statement.effect == effect and _is_about(statement):
                entries = ("*",) if statement.resources is None else statement.resources
                for entry in entries:
                    yield from _filled(entry, caller, variables=statement.variables)


def _filled(entry: str, caller: Caller, *, variables: bool) -> Iterator[str]:
    """A resource entry with its variables filled in; what nobody knows may be anything."""
    if not variables:
        yield entry
        return
    known = replace(caller.known.variables, guessing=True)
    with contextlib.suppress(policy_pattern.Unresolved):
        pieces = policy_pattern.resolve(entry, known)
        yield "".join("*" if kind is Kind.UNKNOWN else text for text, kind in pieces)


def _is_about(statement: Statement) -> bool:
    if statement.actions is not None:
        return any(policy_pattern.action(each, ACTION) for each in statement.actions)
    others = statement.not_actions
    return others is not None and not any(policy_pattern.action(each, ACTION) for each in others)


def why(caller: Caller, database: Database, wanted: User, *, notes: Sequence[str] = ()) -> Why:
    """Why a caller may or may not log in as a user, and the statement that would let them.

    Args:
        wanted: a user; of a pattern, the likeliest user that matches it is asked about.
        notes: what could not be read, in sentences.
    """
    user = likeliest(caller, database, wanted.name) if wanted.pattern else wanted.name
    such = f"any user matching {wanted.name}, such as " if wanted.pattern else ""
    found = decision(caller, database, user)
    examined = case(caller, database, user)
    barred = obstacle(caller, database)
    asked = not barred and bool(database.resource_id)
    steps = tuple(map(Step, gates(examined))) if asked else ()
    told = [barred] if barred else [] if asked else [_UNASKED]
    told += notes
    if barred and database.iam_auth is False:
        told.append(login_advice.turn_on(database))
    fixes: tuple[Fix, ...] = ()
    if asked and found.verdict is Verdict.DENY:
        fixes = _fixes(caller, database, user, steps)
    if found.verdict is Verdict.UNKNOWN:
        told.append(f"To be let in it must say: {login_advice.statement(database, user)}")
    return Why(
        found.verdict,
        f"log in to {database.id} as {such}{user} ({ACTION})",
        caller.principal.text,
        examined,
        steps,
        fixes=fixes,
        notes=(*told, *(() if caller.scps or barred else (UNLISTED,))),
    )


def _fixes(caller: Caller, database: Database, user: str, steps: Sequence[Step]) -> tuple[Fix, ...]:
    statement: dict[str, Any] = login_advice.grant(database, user)
    shut = dict.fromkeys(step.gate.source for step in steps if step.gate.open is not Truth.YES)
    fixes = [fix for source in shut for fix in own_fix(caller, source, statement)]

    def opens(chosen: Sequence[Fix]) -> bool:
        changed = caller
        for fix in chosen:
            changed = with_statement(changed, fix.source, fix.statement)
        return case(changed, database, user).answer().decision is Answered.ALLOW

    return fewest(fixes, opens)
