"""Why an account can, or can't: login, roles, the privilege, columns; each with its path.

Pure. Gates and passages are those of PostgreSQL's `grants.explain`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolebrowser.frozen import dataclass
from rolebrowser.grants.explain import Gate, Passage
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.facts import Account, Entry, Level, Securable, Who, shown
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.model import title_of
from rolebrowser.grants.mysql.privileges import COLUMN_WORDS, fitting

IAM_PLUGIN = "AWSAuthenticationPlugin"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer about one account, one privilege, one thing.

    Attributes:
        state: None: it can't, in no way known here.
        via: its paths, as records have them.
        around: what SET ROLE opens, where login alone doesn't.
        escalations: what it could make of itself.
        partly: on some columns only.
        detours: ways to the rows with the rights of others, where it can't read them itself.
        unseen: roles it may SET whose grants the reader isn't shown.
    """

    who: Who
    on: Securable
    word: str
    state: State | None
    via: tuple[str, ...]
    gates: tuple[Passage, ...]
    around: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    grantable: bool = False
    partly: bool = False
    detours: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def can(self) -> bool:
        """Whether it does, after login."""
        return self.state is State.EFFECTIVE and not self._shut

    @property
    def _shut(self) -> bool:
        return any(gate.gate is Gate.VIEW and gate.passed is False for gate in self.gates)

    @property
    def verdict(self) -> str:
        """In a sentence."""
        title = f"{self.word} on {self.on.title}"
        if self.can:
            return f"{self.who.label} has {title}."
        if self._shut:
            return f"{self.who.label} can't use {title}: what the view reads isn't open."
        if self.detours and self.state is not State.BLOCKED:
            return f"{self.who.label} can't use {title} itself, but reads its rows round about."
        if self.partly:
            return f"{self.who.label} has {title} in part."
        if self.unseen and self.state is None:
            roles = ", ".join(self.unseen)
            return f"{self.who.label} can't use {title} at login; what {roles} may can't be seen."
        ways = f" ({self.state.value})" if self.state is not None else ""
        return f"{self.who.label} can't use {title}{ways}."


def why(listing: Listing, who: Who, on: Securable, word: str) -> Answer:
    """Walk the gates."""
    account = listing.model.account(who)
    standing = listing.standings.of(who, on).get(word)
    state = standing.state if standing is not None else None
    via = standing.via if standing is not None else ()
    held = state in (State.EFFECTIVE, State.BLOCKED)
    columns = None if held else _columns(listing, who, on, word)
    right = _privilege(listing, account, on, word, via, held=held, columns=columns)
    gates = [_login(account), _roles(listing, account), right]
    if columns is not None:
        gates.append(columns)
    if word == "SELECT" and (held or columns is not None):
        gates += _view(listing, who, on)
    return Answer(
        who,
        on,
        word,
        state,
        via,
        tuple(gate for gate in gates if gate is not None),
        via if state is State.LATENT else (),
        via if state is State.ESCALATABLE else (),
        standing is not None and standing.grantable,
        columns is not None and not account.locked,
        listing.round_about(who, on) if word == "SELECT" else (),
        tuple(
            role.label
            for role in listing.model.sessions.granted.get(who, ())
            if role in listing.model.facts.unseen
        ),
    )


def _login(account: Account) -> Passage:
    name = account.who.label
    if account.role:
        return Passage(Gate.LOGIN, None, f"{name} is a role; who has it comes as somebody else.")
    if account.locked:
        return Passage(Gate.LOGIN, False, f"{name} is locked: nobody can log in as it.")
    where = "anywhere" if account.who.host == "%" else account.who.host
    how = " with an IAM token only" if account.plugin == IAM_PLUGIN else ""
    return Passage(Gate.LOGIN, True, f"{name} may log in from {where}{how}.")


def _roles(listing: Listing, account: Account) -> Passage | None:
    """What is active after login, and what waits for SET ROLE."""
    granted = listing.model.sessions.granted.get(account.who, ())
    if not granted or account.role:
        return None
    active = listing.model.sessions.login(account)[0].roles
    waiting = [role.label for role in granted if role not in active]
    now = ", ".join(role.label for role in active) or "no role"
    sentence = (
        f"After login {now} is active" if len(active) < 2 else f"After login {now} are active"
    )
    if waiting:
        sentence += f"; {', '.join(waiting)} only after SET ROLE"
    return Passage(Gate.ROLES, None if waiting else True, f"{sentence}.")


def _privilege(
    listing: Listing,
    account: Account,
    on: Securable,
    word: str,
    via: tuple[str, ...],
    *,
    held: bool,
    columns: Passage | None,
) -> Passage:
    title = f"{word} on {on.title}"
    name = account.who.label
    if held:
        reads = ""
        if on.view:
            reads = " It reads with " + (
                "the rights of who asks." if on.invoker else f"the rights of {on.definer}."
            )
        return Passage(Gate.PRIVILEGE, True, f"{name} has {title}.{reads}", via)
    hidden = _hidden(listing, account, on, word)
    sentence = f"{name} lacks {title}{' as a whole' if columns is not None else ''}."
    if hidden:
        sentence += f" {hidden}"
    return Passage(Gate.PRIVILEGE, None if columns is not None else False, sentence)


def _hidden(listing: Listing, account: Account, on: Securable, word: str) -> str:
    """A database grant that would give it, but for a more specific one that hides it."""
    if not on.database or word not in fitting((word,), Level.DATABASE):
        return ""
    model = listing.model
    for session in model.sessions.login(account):
        counting, hidden = model.database_grants(session, on.database)
        for each in hidden:
            if word in each.privileges and counting:
                return (
                    f"The grant on {_on(counting[0])} hides the one on {_on(each)}:"
                    " only the most specific counts."
                )
    return ""


def _on(entry: Entry) -> str:
    return f"{title_of(entry)} to {entry.who.label}"


def _columns(listing: Listing, who: Who, on: Securable, word: str) -> Passage | None:
    """The columns that it has the privilege on, where it hasn't on the table."""
    if on.level is not Level.TABLE or word not in COLUMN_WORDS:
        return None
    found: list[str] = []
    lines: list[str] = []
    for column in listing.model.columns_of(on):
        standing = listing.standings.of(who, column).get(word)
        if standing is not None and standing.state is State.EFFECTIVE:
            found.append(shown(column.column))
            lines += [f"{shown(column.column)}: {line}" for line in standing.via]
    if not found:
        return None
    sentence = f"{who.label} has {word} on the columns {', '.join(found)} only."
    return Passage(Gate.COLUMNS, None, sentence, tuple(lines))


def _view(listing: Listing, who: Who, on: Securable) -> Iterator[Passage]:
    """What is asked of whom when it reads a view."""
    for check in listing.detours.checks(on, who):
        reads = f"{check.view.title} reads {check.relation.title}"
        if check.passed is None:
            rest = f"of {check.view.definer}, which can't be seen"
        elif check.acting is None:
            rest = f"of {check.view.definer}, an account that is gone"
        elif check.passed:
            rest = f"of {check.acting.label}, who may"
        else:
            rest = f"of {check.acting.label}, who lacks SELECT there"
        yield Passage(Gate.VIEW, check.passed, f"{reads} with the rights {rest}.")
