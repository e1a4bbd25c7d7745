"""Why a role can, or can't: the gates between a login and a row, each with its path.

Pure. CONNECT on the database → USAGE on the schema → the privilege → columns → of a view what it
reads, and as whom → row-level security. Every gate is told, also past a failure: who lacks two
things wants to know of both.

For the terminal UI: `why(listing, role, place, privilege)` gives a `Why`; draw `gates` one a line,
✓ ✗ or · by `passed`, its `sentence`, and `paths` under it; then `around` and `escalations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from rolebrowser.connection.names import quoted
from rolebrowser.frozen import dataclass
from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Policy, Securable
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.paths import Path
from rolebrowser.grants.privileges import (
    CONNECT,
    DELETE,
    INSERT,
    PUBLIC,
    SELECT,
    UPDATE,
    USAGE,
    WORDS,
    Kind,
    of_kind,
)

RDS_IAM = "rds_iam"
_POLICY_LETTER = {SELECT: "r", INSERT: "a", UPDATE: "w", DELETE: "d"}


class Gate(StrEnum):
    """What is asked, in this order; ROLES by MySQL and MariaDB only, and of them no USAGE."""

    LOGIN = "login"
    ROLES = "roles"
    CONNECT = "CONNECT"
    USAGE = "USAGE"
    PRIVILEGE = "privilege"
    COLUMNS = "columns"
    VIEW = "view"
    ROWS = "row security"


@dataclass(frozen=True, slots=True)
class Passage:
    """How one gate was passed, or not.

    Attributes:
        passed: None where the gate doesn't stand in the way, or lets only part through.
        sentence: what was found, names quoted as in SQL.
        paths: each way the right comes, with the entry it rests on.
    """

    gate: Gate
    passed: bool | None
    sentence: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """The answer about one role, one privilege, one object.

    Attributes:
        state: None: it can't, in no way known here.
        gates: in order.
        around: paths by SET ROLE that come through, where the role itself doesn't.
        detours: ways to the rows with the rights of others, where it can't read them itself.
        escalations: paths by granting oneself.
        grantable: the role may grant it to others.
    """

    role: int
    place: int
    privilege: int
    state: State | None
    gates: tuple[Passage, ...]
    around: tuple[str, ...] = ()
    detours: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    grantable: bool = False

    @property
    def can(self) -> bool:
        """Whether it does, now, by itself; row security may still hide rows."""
        return self._open and self._privilege is True

    @property
    def partly(self) -> bool:
        """Whether it does so on some columns only."""
        return self._open and self._privilege is None

    @property
    def _open(self) -> bool:
        return all(gate.passed is not False for gate in self.gates)

    @property
    def _privilege(self) -> bool | None:
        return next(gate.passed for gate in self.gates if gate.gate is Gate.PRIVILEGE)


def state_of(model: Model, role: int, place: int, privilege: int) -> State | None:
    """How the role stands to one privilege."""
    for state, rights in model.states(role).items():
        if rights.get(privilege, 0) >> place & 1:
            return state
    return None


def why(listing: Listing, role: int, place: int, privilege: int) -> Why:
    """Walk the gates.

    Args:
        role, place: numbers in the model.
        privilege: one bit.
    """
    return _Walk(listing, role, place, privilege).why()


class _Walk:
    def __init__(self, listing: Listing, role: int, place: int, privilege: int) -> None:
        self.listing = listing
        self.model = listing.model
        self.facts = listing.model.facts
        self.role, self.place, self.privilege = role, place, privilege
        self.securable: Securable = self.model.securables[place]
        self.name = quoted(self.model.roles[role].name)
        self.title = object_name(self.facts, self.securable)

    def why(self) -> Why:
        state = state_of(self.model, self.role, self.place, self.privilege)
        gates = [self._login(), self._connect(), self._usage(), *self._rights()]
        gates += [*self._view(), *self._rows()]
        schema = self.securable.schema
        arguments = (self.role, self.place, self.privilege)
        latent = self.listing.paths.latent(*arguments)
        around = [
            self._with_entry(path) for path in latent if not self.listing.obstacle(path, schema)
        ] or [*self._columns_around()]
        escalations = self.listing.paths.escalations(*arguments)
        mine = self.model.grantable(self.role).get(self.privilege, 0) >> self.place & 1
        return Why(
            *arguments,
            state,
            tuple(gate for gate in gates if gate is not None),
            tuple(around) if state is not State.EFFECTIVE else (),
            self._detours() if state is not State.EFFECTIVE else (),
            tuple(self.listing.text.line(path) for path in escalations)
            if state is None or state is State.ESCALATABLE
            else (),
            bool(mine),
        )

    def _with_entry(self, path: Path, privilege: int = 0) -> str:
        line = self.listing.text.line(path)
        if path.source.entry is None:
            return line
        return f"{line}: {self.listing.text.entry(path, privilege or self.privilege)}"

    def _login(self) -> Passage:
        role = self.model.roles[self.role]
        if not role.login:
            return Passage(
                Gate.LOGIN, None, f"{self.name} can't log in; who uses it comes as somebody else."
            )
        if role.connection_limit == 0:
            return Passage(Gate.LOGIN, False, f"{self.name} is allowed no connections.")
        iam = rds_iam_path(self.listing, self.role)
        if iam:
            sentence = f"{self.name} can log in only with an IAM token, because of {iam}."
            return Passage(Gate.LOGIN, True, sentence, (iam,))
        until = f" until {role.valid_until}" if role.valid_until not in ("", "infinity") else ""
        password = f", its password being valid{until}" if until else ""
        return Passage(Gate.LOGIN, True, f"{self.name} may log in{password}.")

    def _connect(self) -> Passage | None:
        database = self.model.number.get((Kind.DATABASE, self.facts.database, 0))
        if database is None:
            return None
        name = quoted(self.model.securables[database].name)
        if not self.model.roles[self.role].login:
            return Passage(Gate.CONNECT, None, f"CONNECT on {name} is for who logs in to have.")
        return self._right(Gate.CONNECT, database, CONNECT, f"CONNECT on database {name}")

    def _usage(self) -> Passage | None:
        schema = self.securable.schema
        if not schema:
            return None
        place = self.model.number.get((Kind.SCHEMA, schema, 0))
        if place is None:
            return Passage(Gate.USAGE, False, f"The schema of {self.title} isn't to be seen.")
        name = quoted(self.model.securables[place].name)
        return self._right(Gate.USAGE, place, USAGE, f"USAGE on schema {name}")

    def _right(self, gate: Gate, place: int, privilege: int, title: str) -> Passage:
        paths = self.listing.paths.of(self.role, place, privilege)
        lines = tuple(self._with_entry(path, privilege) for path in paths)
        verb = "has" if lines else "lacks"
        return Passage(gate, bool(lines), f"{self.name} {verb} {title}.", lines)

    def _rights(self) -> list[Passage]:
        word = WORDS[self.privilege]
        title = f"{word} on {self.title}"
        whole = self._right(Gate.PRIVILEGE, self.place, self.privilege, title)
        if self.model.guarded_catalog(self.securable) and not whole.passed:
            sentence = f"{self.title} is a catalog: only superusers write to it."
            whole = Passage(Gate.PRIVILEGE, False, sentence)
        if whole.passed or not self.privilege & of_kind(Kind.COLUMN, self.facts.version):
            return [whole]
        columns = self._columns()
        if not columns:
            return [whole]
        shown = ", ".join(quoted(name) for name, _ in columns)
        sentence = f"{self.name} has {word} on the columns {shown} only"
        missing = [quoted(name) for name in self._column_names() if name not in dict(columns)]
        if missing:
            sentence += f", not on {', '.join(missing)}"
        lines = tuple(line for _, lines in columns for line in lines)
        part = f"{self.name} lacks {title} as a whole."
        return [
            Passage(Gate.PRIVILEGE, None, part),
            Passage(Gate.COLUMNS, None, f"{sentence}.", lines),
        ]

    def _columns(self) -> list[tuple[str, tuple[str, ...]]]:
        """Columns that the role has the privilege on, with its paths."""
        found: list[tuple[str, tuple[str, ...]]] = []
        for place in self.listing.with_columns(self.place)[1:]:
            paths = self.listing.paths.of(self.role, place, self.privilege)
            if paths:
                name = self.model.securables[place].name
                lines = tuple(f"{quoted(name)}: {self._with_entry(path)}" for path in paths)
                found.append((name, lines))
        return found

    def _columns_around(self) -> Iterator[str]:
        """Columns that SET ROLE opens, where it doesn't open the whole."""
        if not self.privilege & of_kind(Kind.COLUMN, self.facts.version):
            return
        for place in self.listing.with_columns(self.place)[1:]:
            if self.listing.paths.of(self.role, place, self.privilege):
                continue
            name = quoted(self.model.securables[place].name)
            for path in self.listing.paths.latent(self.role, place, self.privilege):
                if not self.listing.obstacle(path, self.securable.schema):
                    yield f"column {name}: {self._with_entry(path)}"

    def _column_names(self) -> list[str]:
        return [name for oid, name in self.facts.column_names if oid == self.securable.oid]

    def _detours(self) -> tuple[str, ...]:
        if self.privilege != SELECT:
            return ()
        return self.listing.round_about(self.role, self.place)

    def _view(self) -> Iterator[Passage]:
        """What is asked of whom when it reads a view, and whose policies count then."""
        if self.privilege != SELECT:
            return
        for check in self.listing.detours.checks(self.place, self.role):
            view = self.facts.label(self.model.securables[check.view])
            securable = self.model.securables[check.relation]
            title = self.facts.label(securable)
            if check.acting is None:
                sentence = f"{view} reads {title} as an owner who is gone."
                yield Passage(Gate.VIEW, False, sentence)
                continue
            acting = quoted(self.model.roles[check.acting].name)
            whose = "who asks" if self.model.securables[check.view].invoker else "its owner"
            may = "who may" if check.passed else f"and {acting} lacks SELECT there"
            paths = self.listing.paths.of(check.acting, check.relation, SELECT)
            lines = tuple(self._with_entry(path, SELECT) for path in paths)
            sentence = f"{view} reads {title} as {whose} {acting}, {may}."
            yield Passage(Gate.VIEW, check.passed, sentence, lines)
            if securable.rls:
                yield rows_passage(self.model, check.acting, securable, "r")

    def _rows(self) -> list[Passage]:
        letter = _POLICY_LETTER.get(self.privilege)
        if not self.securable.rls or letter is None:
            return []
        return [rows_passage(self.model, self.role, self.securable, letter)]


def verdict(listing: Listing, answer: Why) -> str:
    """The answer in a sentence: `alice has SELECT on s.t.`"""
    model = listing.model
    title = object_name(model.facts, model.securables[answer.place])
    title = f"{WORDS[answer.privilege]} on {title}"
    name = quoted(model.roles[answer.role].name)
    if answer.can:
        return f"{name} has {title}."
    if any(gate.gate is Gate.VIEW and gate.passed is False for gate in answer.gates):
        return f"{name} can't use {title}: what the view reads isn't open to it."
    if answer.detours and answer.state is not State.BLOCKED:
        return f"{name} can't use {title} itself, but reads its rows round about."
    if answer.state is State.EFFECTIVE and any(
        gate.gate is Gate.ROWS and gate.passed is False for gate in answer.gates
    ):
        left = "lets it add no row" if answer.privilege == INSERT else "leaves it no rows"
        return f"{name} may use {title}, but row security {left}."
    if answer.partly:
        return f"{name} has {title} in part."
    if answer.around and answer.state is None:
        return f"{name} can't use {title} itself, but on columns of it after SET ROLE."
    ways = f" ({answer.state.value})" if answer.state is not None else ""
    return f"{name} can't use {title}{ways}."


def rds_iam_path(listing: Listing, role: int) -> str:
    """The membership through which RDS asks the role for a token; "" when it doesn't."""
    target = listing.model.facts.role_by_name.get(RDS_IAM)
    if target is None:
        return ""
    graph = listing.model.memberships
    number = graph.number[target.oid]
    if role == number or not graph.member_of[role] >> number & 1:
        return ""
    names: list[str] = [quoted(listing.model.roles[role].name)]
    at = role
    while at != number:
        at = next(e.role for e in graph.up[at] if graph.member_of[e.role] >> number & 1)
        names.append(quoted(listing.model.roles[at].name))
    return " → ".join(names)


def row_security_off(model: Model, role: int, table: Securable) -> str:
    """Why policies don't bind the role on a table with row-level security; "" when they do."""
    attributes = model.roles[role]
    if attributes.superuser:
        return "it is superuser"
    if attributes.bypassrls:
        return "it has BYPASSRLS"
    owner = model.memberships.number.get(table.owner)
    owns = owner is not None and model.memberships.inherits[role] >> owner & 1
    if owns and not table.force_rls:
        return f"it owns the table as {quoted(model.facts.role_name(table.owner))}"
    return ""


def policies_for(model: Model, role: int, table: Securable, letter: str) -> tuple[Policy, ...]:
    """The policies that bind the role for a command (`r`, `a`, `w`, `d`)."""
    inherited = {model.roles[n].oid for n in bitset.members(model.memberships.inherits[role])}
    inherited.add(PUBLIC)
    return tuple(
        policy
        for policy in model.facts.policies
        if policy.table == table.oid
        and policy.command in ("*", letter)
        and inherited & set(policy.roles)
    )


def rows_passage(model: Model, role: int, table: Securable, letter: str) -> Passage:
    """What row-level security leaves of a table for the role."""
    name = quoted(model.roles[role].name)
    off = row_security_off(model, role, table)
    if off:
        return Passage(Gate.ROWS, True, f"Policies don't bind {name}: {off}.")
    policies = policies_for(model, role, table, letter)
    lines = tuple(_policy_line(policy, letter) for policy in policies)
    if not any(policy.permissive for policy in policies):
        sentence = f"No policy lets {name} see any row: the table looks empty to it."
        if letter == "a":
            sentence = f"No policy lets {name} add any row."
        return Passage(Gate.ROWS, False, sentence, lines)
    return Passage(Gate.ROWS, None, f"Policies decide which rows {name} gets.", lines)


def _policy_line(policy: Policy, letter: str) -> str:
    kind = "" if policy.permissive else "restrictive "
    expression = (policy.check or policy.using) if letter == "a" else policy.using
    return f"{kind}policy {quoted(policy.name)}: {expression or 'true'}"
