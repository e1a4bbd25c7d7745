"""Everything known of a profile, or of a role on top of it, as lines; nobody is asked. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from rolebrowser.frozen import dataclass
from rolebrowser.identity import cache_names, durations
from rolebrowser.identity.model import Kind, Lifetime, Problem, Profile, Role, State, Verdict
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.sessions import TOKEN_LIFE, at, countdown, describe
from rolebrowser.safetext import clean
from rolebrowser.tui.line import Line, Span, line, span
from rolebrowser.tui.rows.lives import mark
from rolebrowser.tui.rows.who import role_name
from rolebrowser.tui.rows.who_lines import Lives

_LABEL = 11
_KINDS = {
    Kind.STATIC: "long-term keys in a file",
    Kind.SESSION_KEYS: "keys with a session token, written into a file",
    Kind.ROLE: "a role, assumed with the session of {source}",
    Kind.WEB_IDENTITY: "a role, assumed with the web identity token in {source}",
    Kind.SSO: "SSO, through the login {source}",
    Kind.PROCESS: "a credential_process; it runs when the profile is chosen, never before",
    Kind.LOGIN: "`aws login`, as {source}",
    Kind.ENVIRONMENT: "keys of the environment",
    Kind.NONE: "none of its own; AWS tools fall through to {source}",
    Kind.BROKEN: "can't work",
}
_ENDLESS = frozenset({State.NONE, State.AUTO})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lines are made of.

    Attributes:
        role: one assumed on top of the profile; None for the profile's own session.
        guarded: it counts as production.
        longest: the role's own maximum in seconds; 0 = not read.
    """

    profile: Profile
    profiles: Profiles
    lives: Lives
    role: Role | None = None
    guarded: bool = False
    longest: int = 0

    @property
    def arn(self) -> str:
        """Of the role on top; empty without."""
        return self.role.arn if self.role is not None else ""

    @property
    def life(self) -> Lifetime:
        """Of the session all this is about."""
        return self.lives.lifetime(self.profile.name, self.arn)


def lines(facts: Facts, now: datetime, width: int) -> list[Line]:
    """All there is to say at a time (aware UTC), wrapped to a width in cells."""
    groups = (
        _what(facts),
        _odd(facts),
        _clocks(facts, now),
        _chain(facts, now),
        _where(facts),
    )
    shown: list[Line] = []
    for group in groups:
        wrapped = [each for item in group for each in item.wrapped(width)]
        if wrapped and shown:
            shown.append(line(""))
        shown += wrapped
    return shown


def text(facts: Facts, now: datetime) -> str:
    """The same as plain text, for the clipboard."""
    shown = lines(facts, now, 10_000)
    return "\n".join("".join(part.text for part in each.left).rstrip() for each in shown)


@dataclass(frozen=True, slots=True)
class _Item:
    label: str
    value: str
    style: str = ""
    lead: tuple[Span, ...] = ()

    def wrapped(self, width: int) -> Iterator[Line]:
        before = sum(len(each.text) for each in self.lead)
        room = max(16, width - _LABEL - before)
        rows = textwrap.wrap(clean(self.value), room, break_on_hyphens=False) or [""]
        for place, row in enumerate(rows):
            label = self.label if place == 0 else ""
            lead = self.lead if place == 0 else (span(" " * before),) if before else ()
            yield line(span(label.ljust(_LABEL), "dim"), *lead, span(row, self.style))


def _what(facts: Facts) -> Iterator[_Item]:
    profile, role = facts.profile, facts.role
    if role is not None:
        yield _Item("role", role.arn, "strong")
        yield _Item("from", f"assumed on top of the profile {profile.name}")
        if role.trusted_entity:
            yield _Item("trusts", role.trusted_entity)
    else:
        yield _Item("profile", profile.name, "strong")
        source = profile.source or "nothing"
        yield _Item("kind", f"{profile.kind}: {_KINDS[profile.kind].format(source=source)}")
        if profile.role_arn:
            yield _Item("role", profile.role_arn)
        elif role_name(profile):
            yield _Item("role", f"{role_name(profile)} (permission set)")
    account = role.account if role is not None else profile.account
    if account:
        yield _Item("account", account)
    if facts.guarded:
        yield _Item("guard", "counts as production: writing asks for a typed confirmation", "bad")


def _clocks(facts: Facts, now: datetime) -> Iterator[_Item]:
    life = at(facts.life, now)
    denied = facts.role is not None and facts.role.verdict is Verdict.DENY
    if denied and life.state is State.NOT_STARTED:
        life = Lifetime(State.REFUSED)
    shape, style = mark(life, now)
    lead = (span(f"{shape} ", style),)
    yield _Item(
        "session",
        _DENIED if denied and life.expires_at is None else _until(life, life.expires_at, now),
        style,
        lead,
    )
    if life.portal_expires_at is not None:
        ends = life.portal_expires_at
        over = "good" if ends > now else "bad"
        portal = span("● " if ends > now else "○ ", over)
        yield _Item("SSO login", _clock_words(ends, now), over, (portal,))
    usable = _usable(life, now)
    if usable is not None:
        yield _Item("RDS token", f"one signed now opens connections for {countdown(usable, now)}")
    if facts.profile.problem is not None:
        return
    known = durations.limits(facts.profile, facts.arn, facts.longest)
    usual = f"{durations.words(known.usual)} usually, " if known.usual and known.longest else ""
    if known.longest:
        longest = f"at most {durations.words(known.longest)}. "
        yield _Item("length", f"{usual}{longest}{known.reason}")
    elif known.reason:
        yield _Item("length", known.reason)


def _until(life: Lifetime, ends: datetime | None, now: datetime) -> str:
    if ends is None:
        return _STATES.get(life.state, describe(life, now))
    if life.state in (State.NEEDS_LOGIN, State.NEEDS_MFA, State.NOT_STARTED):
        return f"{_STATES[life.state]}; the last one {_clock_words(ends, now)}"
    return _clock_words(ends, now)


def _clock_words(ends: datetime, now: datetime) -> str:
    """ "52m left, until 16:12:40" in local time, with the day where it is another."""
    local, today = ends.astimezone(), now.astimezone().date()
    when = f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
    left = countdown(ends, now)
    return f"{left} left, until {when}" if ends > now else f"{left}, at {when}"


_STATES = {
    State.NONE: "doesn't expire",
    State.NEEDS_LOGIN: "needs an SSO or `aws login` login",
    State.NEEDS_MFA: "needs an MFA code",
    State.NOT_STARTED: "none yet; choosing the profile gets one without asking you",
    State.UNKNOWN: "there may be an end, but nothing on this machine says when",
    State.AUTO: "renewed by the machine",
    State.MISSING: "no keys anywhere",
    State.BROKEN: "can't be had",
    State.REFUSED: "AWS refused one when it was last asked; choosing it asks again",
}


_DENIED = "none: the role can't be assumed from here, as the verdict says"


def _usable(life: Lifetime, now: datetime) -> datetime | None:
    if life.expires_at is not None and life.expires_at > now:
        return min(now + TOKEN_LIFE, life.expires_at)
    return now + TOKEN_LIFE if life.state in _ENDLESS else None


def _chain(facts: Facts, now: datetime) -> Iterator[_Item]:
    hops = facts.profile.chain
    rows: list[tuple[str, str, Lifetime]] = []
    if facts.role is not None:
        rows.append((facts.role.name, "role", facts.life))
    for name in hops:
        hop = facts.profiles.get(name)
        if hop is not None:
            rows.append((name, _hop_words(hop), facts.lives.lifetime(name, "")))
    last = facts.profiles.get(hops[-1]) if hops else None
    session = last.setting("sso_session") if last is not None and last.kind is Kind.SSO else ""
    if session:
        rows.append((session, "SSO login", facts.lives.portal(session)))
    if len(rows) < 2:
        return
    for depth, (name, words, life) in enumerate(rows):
        shape, style = mark(life, now)
        branch = "   " * (depth - 1) + "└─ " if depth else ""
        lead = (span(branch, "dim"), span(f"{shape} ", style))
        state = "" if life.state is State.NONE else f", {describe(at(life, now), now)}"
        yield _Item("chain" if depth == 0 else "", f"{name}: {words}{state}", "", lead)


def _hop_words(hop: Profile) -> str:
    return str(hop.kind) + (" with MFA" if hop.mfa_serial else "")


def _where(facts: Facts) -> Iterator[_Item]:
    profile = facts.profile
    if profile.mfa_serial:
        yield _Item("MFA device", profile.mfa_serial)
    yield _Item("region", profile.region or "none; AWS tools need one")
    if profile.file:
        yield _Item("file", f"{profile.file}:{profile.line}")
    key = cache_names.session_key(profile, facts.profiles.sso(profile))
    if facts.role is not None:
        key = cache_names.extra_role_key(profile.name, facts.arn)
    if key:
        yield _Item("cache", f"cli/cache/{key}.json")
    shown = [f"{name} = {value}" for name, value in profile.settings if name not in _SAID]
    for place, setting in enumerate(shown):
        yield _Item("settings" if place == 0 else "", setting, "dim")


_SAID = frozenset({"region", "role_arn", "mfa_serial", "sso_role_name", "source_profile"})


def _odd(facts: Facts) -> Iterator[_Item]:
    problem = facts.profile.problem
    if problem is not None:
        yield from _sentences("problem", (problem,), "bad")
    yield from _sentences("mind", facts.profile.warnings, "warn")
    reasons = facts.role.reasons if facts.role is not None else ()
    for place, reason in enumerate(reasons):
        yield _Item("verdict" if place == 0 else "", reason)


def _sentences(label: str, problems: Sequence[Problem], style: str) -> Iterator[_Item]:
    for place, problem in enumerate(problems):
        yield _Item(label if place == 0 else "", problem.text, style)
        if problem.file and problem.line:
            yield _Item("", f"{problem.file}:{problem.line}", "dim")
