"""PostgresPicture: `picture.Picture` from the facts of a PostgreSQL server."""

from __future__ import annotations

from rolebrowser.connection.names import quoted
from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import ConfigError
from rolebrowser.grants import (
    answers,
    audience,
    classic,
    matrix,
    portrait,
    postgres,
    refusals,
    verify,
)
from rolebrowser.grants import question as asking
from rolebrowser.grants.compare import Side
from rolebrowser.grants.explain import Why, why
from rolebrowser.grants.facts import Facts, Securable
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.matrix import Row
from rolebrowser.grants.model import Model
from rolebrowser.grants.picture import (
    EVERYBODY,
    Entry,
    Inquiry,
    Level,
    Mark,
    ObjectHead,
    Picture,
    RoleHead,
    Section,
)
from rolebrowser.grants.privileges import BITS, RELATIONS, WORDS, Kind, bits
from rolebrowser.grants.question import Question


def load(connection: Connection) -> PostgresPicture:
    """Look at the database; blocks.

    Raises:
        StatementError: the server refused, or is older than PostgreSQL 13.
        ConnectionLost, Cancelled: as `Connection.query`.
    """
    return PostgresPicture(postgres.load(connection))


class PostgresPicture:
    """One look at a PostgreSQL database; see `picture.Picture` for what each method gives."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.model = Model(facts)
        self.listing = Listing(self.model)
        self.levels: tuple[Level, ...] = matrix.levels(self.model)
        self.roles: tuple[RoleHead, ...] = matrix.role_heads(self.model)
        self._objects: dict[str, tuple[ObjectHead, ...]] = {}

    @property
    def user(self) -> str:
        """CURRENT_USER when the facts were read."""
        return self.facts.user

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read."""
        return self.facts.notes

    def objects(self, level: Level) -> tuple[ObjectHead, ...]:
        """By name, the catalogs last."""
        known = self._objects.get(level.name)
        if known is None:
            known = self._objects[level.name] = matrix.object_heads(self.model, level)
        return known

    def row(self, role: int, level: Level) -> Row:
        """One role's row."""
        return Row(self.model, role, level)

    def detail(self, role: int, place: int) -> tuple[Entry, ...]:
        """One cell in words."""
        if role == EVERYBODY:
            return answers.everybodys(self.listing, place)
        return answers.detail(self.listing, role, place)

    def portrait(self, role: int) -> tuple[Section, ...]:
        """One role."""
        if role == EVERYBODY:
            return portrait.everybody(self.listing)
        return portrait.portrait(self.listing, role)

    def audience(self, place: int) -> tuple[Section, ...]:
        """One object."""
        return audience.audience(self.listing, place)

    def title(self, place: int) -> str:
        """`s.t`, `schema s`."""
        return object_name(self.facts, self.model.securables[place])

    def privileges(self, place: int) -> tuple[int, ...]:
        """What there is to be granted on an object."""
        return bits(self.model.privileges(self.model.securables[place]))

    def question(self, asked: Question) -> Inquiry:
        """`alice SELECT s.t`."""
        name = quoted(self.model.roles[asked.role].name)
        title = object_name(self.facts, self.model.securables[asked.place])
        return Inquiry(asked.role, f"{name} {WORDS[asked.privilege]} {title}", (asked,))

    def inquire(self, text: str, refusal: str = "", database: str = "") -> Inquiry:
        """A question, or a role and a statement."""
        found = asking.parse(text, self.listing)
        if isinstance(found, Question):
            return Inquiry(found.role, text, (found,), refused=bool(refusal))
        return Inquiry(found.role, text, found.parts, found.statement, bool(refusal))

    def suggest(self, text: str) -> str:
        """The first role, privilege or object that begins with what is typed."""
        *before, last = text.split(" ", 2)
        if not before:
            names = [quoted(head.name) for head in self.roles if head.number != EVERYBODY]
        elif len(before) == 1:
            names = list(BITS)
        else:
            bit = BITS.get(before[1].upper(), 0)
            names = [
                object_name(self.facts, each)
                for each in self.model.securables
                if self.model.privileges(each) & bit and not self.facts.is_system(each)
            ]
        folded = last.lower()
        found = next((each for each in names if each.lower().startswith(folded)), "")
        return " ".join((*before, found)) if found and last else ""

    def denied_first(self, inquiry: Inquiry) -> Inquiry:
        """What is denied before what is held."""
        return refusals.denied_first(inquiry, self._answers(inquiry))

    def _answers(self, inquiry: Inquiry) -> list[Why]:
        return [why(self.listing, each.role, each.place, each.privilege) for each in inquiry.parts]

    def why(self, inquiry: Inquiry) -> tuple[Section, ...]:
        """Gates and fixes."""
        return tuple(answers.reasons(self.listing, inquiry))

    def verify(self, connection: Connection, inquiry: Inquiry) -> tuple[Section, ...]:
        """has_*_privilege for each gate, and EXPLAIN of a statement under SET ROLE."""
        entries: list[Entry] = []
        found = self._answers(inquiry)
        for answer in found:
            for said in verify.agreements(connection, self.model, answer):
                entries.append(answers.agreement(said))
        if inquiry.statement:
            role = self.model.roles[inquiry.role].name
            entries += answers.tried(role, verify.trial(connection, role, inquiry.statement), found)
        disagree = any(entry.mark is Mark.NO for entry in entries)
        title = "The server says otherwise" if disagree else "Verified: the server says the same"
        return (Section(title, tuple(entries)),)

    def differences(self, role: int, other: Picture, other_role: int) -> tuple[Section, ...]:
        """Two roles, matched by the names of the objects."""
        if not isinstance(other, PostgresPicture):
            raise ConfigError("Only two PostgreSQL databases can be compared.")
        sides = (Side(self.listing, role), Side(other.listing, other_role))
        return tuple(answers.two_sides(*sides))

    def changes(self, since: Picture) -> tuple[Section, ...]:
        """Everything that is not as it was."""
        if not isinstance(since, PostgresPicture):
            return ()
        return tuple(answers.news(since.facts, self.facts))

    def sees(self, role: RoleHead, thing: ObjectHead) -> bool:
        """Everybody reads all of the catalogs."""
        return True

    @property
    def complete(self) -> bool:
        """Everybody reads all of the catalogs."""
        return True

    def left_out(self) -> tuple[str, ...]:
        """What `role_table_grants` doesn't show."""
        return answers.left_out(self.model)

    def classic(self, view: str, asked: Question, other: str = "") -> str:
        """The SQL of psql and its like."""
        name = self.model.roles[asked.role].name if asked.role >= 0 else "public"
        values = {
            "role": classic.literal(name),
            # Nobody can SET ROLE to PUBLIC: who has nothing else comes nearest.
            "role_name": quoted(name) if asked.role >= 0 else "pg_monitor",
        }
        if other:
            values["other"] = classic.literal(other)
        if asked.privilege:
            values["privilege"] = classic.literal(WORDS[asked.privilege])
        if asked.place >= 0:
            securable = self.model.securables[asked.place]
            values |= self._classic_names(securable)
            if view in ("table", "why") and securable.kind not in RELATIONS:
                view = f"{view}_of_others"
        if view == "role" and self.facts.version < 160000:
            view = "role_130000"
        return classic.sql(view, values)

    def _classic_names(self, securable: Securable) -> dict[str, str]:
        label = self.facts.label(securable)
        names = {
            "object": classic.literal(label),
            "object_name": label,
            "schema": classic.literal(self.facts.schema_names.get(securable.schema, "")),
            "arguments": classic.literal(label),
        }
        if securable.kind in verify.FUNCTIONS:
            names["has"] = verify.FUNCTIONS[securable.kind]
        if securable.kind is Kind.COLUMN:
            table = self.facts.label(self.facts.relation_by_oid[securable.oid])
            names["arguments"] = f"{classic.literal(table)}, {classic.literal(securable.name)}"
        elif not securable.schema:
            # These functions take the name as it is, without quotes.
            names["arguments"] = classic.literal(securable.name)
        return names
