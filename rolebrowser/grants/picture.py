"""What a page about grants asks of one look at a database, whatever the engine.

Pure. `Picture` is the contract between an engine's model and whoever draws it: heads of rows and
columns, cells of letters, and lists of sections; numbers are the picture's own and mean nothing
to another one. What may take longer than a keystroke says so, and is for a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from rolebrowser.connection.protocol import Connection
from rolebrowser.frozen import dataclass
from rolebrowser.grants.question import Question

EVERYBODY = -1
"""The number of PUBLIC, which is a row of the matrix though no role."""


class RoleKind(StrEnum):
    """What a grantee is at a glance."""

    LOGIN = "can log in"
    GROUP = "can't log in"
    SUPERUSER = "superuser"
    EVERYBODY = "everybody"


class RoleHead(NamedTuple):
    """A row of the matrix.

    Attributes:
        current: the role that reads all this.
        system: made by the server itself; not shown unless asked for.
    """

    number: int
    name: str
    kind: RoleKind
    current: bool = False
    system: bool = False


class ObjectHead(NamedTuple):
    """A column of the matrix.

    Attributes:
        group: what it lies in: a schema, a table; "" when nothing.
        name: within the group.
        title: its name as records have it: `s.t`, `schema s`.
        rls: row-level security is on.
    """

    number: int
    group: str
    name: str
    title: str
    rls: bool = False
    system: bool = False


class Level(NamedTuple):
    """What the columns of the matrix are.

    Attributes:
        name: a plural noun: "tables".
        letters: the slots of a cell, in order.
    """

    name: str
    letters: str


class Origin(StrEnum):
    """Where a letter comes from; the strongest where there are several."""

    DIRECT = "granted to it directly"
    INHERITED = "through a role it inherits from"
    PUBLIC = "through PUBLIC"
    SUPERUSER = "superuser"
    LATENT = "after SET ROLE"


class Letter(NamedTuple):
    """One privilege in a cell.

    Attributes:
        grantable: with grant option.
        blocked: held, but without USAGE on the schema or CONNECT.
    """

    letter: str
    origin: Origin
    grantable: bool = False
    blocked: bool = False


class Cell(NamedTuple):
    """What one role may do on one object.

    Attributes:
        letters: one for each of the level's slots, None where there is nothing.
        locked: policies decide which rows.
        note: a few words besides, such as how much of a schema's content can be read.
    """

    letters: tuple[Letter | None, ...]
    locked: bool = False
    note: str = ""


class RightsRow(Protocol):
    """One role's cells."""

    def cell(self, number: int) -> Cell:
        """The cell of an object; microseconds."""
        ...


class Mark(StrEnum):
    """What stands before an entry; empty for none."""

    NONE = ""
    YES = "✓"
    NO = "✗"
    PARTLY = "·"
    LATENT = "⇒"
    CAME = "+"
    WENT = "−"
    IN_SIGHT = "◦"
    DO = "▸"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an answer.

    Attributes:
        text, note: what it says, and what is worth less; both may be foreign.
        depth: how far it is indented.
        asked: the question that this line is an answer to: why it is so.
        role: the role that it names.
        statements: what to put into the editor.
    """

    text: str
    note: str = ""
    mark: Mark = Mark.NONE
    depth: int = 0
    asked: Question | None = None
    role: int | None = None
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading."""

    title: str
    entries: tuple[Entry, ...] = ()
    note: str = ""


class Inquiry(NamedTuple):
    """What a person asked.

    Attributes:
        text: the question as it would be typed.
        parts: the privileges that it is about.
        statement: a whole statement, for EXPLAIN; "" when one privilege was asked for.
        refused: the server refused the statement.
        missing: what the statement names and the reader isn't shown, in words; said first.
    """

    role: int
    text: str
    parts: tuple[Question, ...]
    statement: str = ""
    refused: bool = False
    missing: tuple[Section, ...] = ()


class Picture(Protocol):
    """One look at a database."""

    @property
    def user(self) -> str:
        """Who looked: CURRENT_USER."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what could not be seen; a reader must know them."""
        ...

    @property
    def levels(self) -> tuple[Level, ...]:
        """What the matrix can show, tables first; a level without objects is left out."""
        ...

    @property
    def roles(self) -> tuple[RoleHead, ...]:
        """The rows, in order; PUBLIC among them."""
        ...

    def objects(self, level: Level) -> tuple[ObjectHead, ...]:
        """The columns of a level, in order."""
        ...

    def row(self, role: int, level: Level) -> RightsRow:
        """A role's row; up to 20 ms the first time, so for a thread."""
        ...

    def detail(self, role: int, place: int) -> tuple[Entry, ...]:
        """One cell in words, every path; for a thread."""
        ...

    def portrait(self, role: int) -> tuple[Section, ...]:
        """What a role is, whose member, and all it can do, by path; for a thread."""
        ...

    def audience(self, place: int) -> tuple[Section, ...]:
        """Who can reach an object, by the kind of way; for a thread."""
        ...

    def title(self, place: int) -> str:
        """An object's name as records have it."""
        ...

    def privileges(self, place: int) -> tuple[int, ...]:
        """The privileges that there are to be asked about on an object, as bits."""
        ...

    def question(self, asked: Question) -> Inquiry:
        """A question as a person would type it."""
        ...

    def inquire(self, text: str, refusal: str = "", database: str = "") -> Inquiry:
        """Understand a question or a statement.

        Args:
            refusal: what the server said when it refused the statement.
            database: where a statement's bare names are, for an engine where USE moves them.

        Raises:
            RolebrowserError: it isn't one, or names what isn't there.
        """
        ...

    def suggest(self, text: str) -> str:
        """How a question that is begun could go on, whole; "" when nothing fits."""
        ...

    def denied_first(self, inquiry: Inquiry) -> Inquiry:
        """Of a refused statement the parts that are in the way come first; for a thread."""
        ...

    def why(self, inquiry: Inquiry) -> tuple[Section, ...]:
        """Gate by gate, and what would change it; for a thread."""
        ...

    def verify(self, connection: Connection, inquiry: Inquiry) -> tuple[Section, ...]:
        """The server's own word on it; asks the server, so for a thread.

        Raises:
            RolebrowserError: the server can't be asked.
        """
        ...

    def differences(self, role: int, other: Picture, other_role: int) -> tuple[Section, ...]:
        """What two roles may differently, maybe in two databases; for a thread.

        Raises:
            RolebrowserError: the other is of another engine.
        """
        ...

    def changes(self, since: Picture) -> tuple[Section, ...]:
        """What happened since another look at the same database; for a thread.

        What only one of the looks could see has a mark of its own: it is no news of the server.
        """
        ...

    def sees(self, role: RoleHead, thing: ObjectHead) -> bool:
        """Whether a cell of another look would be in this one, were it there then."""
        ...

    def left_out(self) -> tuple[str, ...]:
        """What the standard view doesn't show its reader, counted, as phrases."""
        ...

    @property
    def complete(self) -> bool:
        """Whether what the standard view leaves out is in this look."""
        ...

    def classic(self, view: str, asked: Question, other: str = "") -> str:
        """The SQL with which the classic tools would try to answer a view of the page.

        Args:
            view: "matrix", "role", "table", "why", "compare", "seen", "changes".
            asked: the role, object and privilege in view; -1 or 0 where there is none.
            other: the role that is compared with it.
        """
        ...


Load = Callable[[Connection], Picture]


def entries(sections: Sequence[Section]) -> int:
    """How many top-level entries sections have."""
    return sum(entry.depth == 0 for section in sections for entry in section.entries)


def marked(sections: Sequence[Section], *marks: Mark) -> int:
    """How many entries have one of the marks."""
    return sum(entry.mark in marks for section in sections for entry in section.entries)
