"""One look at a server's grants, whatever the engine: what the command line and the report ask.

Pure. `look.look` gives a `Survey` of the server at the other end of a connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from rolebrowser.connection.protocol import Connection
from rolebrowser.frozen import dataclass
from rolebrowser.grants.compare import Difference
from rolebrowser.grants.explain import Passage
from rolebrowser.grants.fix import Fix
from rolebrowser.grants.listing import Record
from rolebrowser.grants.model import State
from rolebrowser.grants.verify import Agreement, Trial

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a role may do something, or not.

    Attributes:
        role, object, privilege, via, grantable: as records have them.
        state: None: it can't, in no way known here.
        verdict: the answer in a sentence.
        gates: in order.
        around: paths by SET ROLE that come through, where the role itself doesn't.
        detours: ways to the rows with the rights of others, where it can't read them itself.
        escalations: what it could make of itself.
        verified: what the server says of it.
        give, take: what would change it.
    """

    role: str
    object: str
    privilege: str
    state: State | None
    via: tuple[str, ...]
    grantable: bool
    verdict: str
    can: bool
    gates: tuple[Passage, ...]
    around: tuple[str, ...]
    escalations: tuple[str, ...]
    verified: tuple[Agreement, ...]
    give: Fix
    take: Fix
    detours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a question.

    Attributes:
        role: who it is about, for people to read.
        parts: one for each privilege that was asked for, or that a statement needs.
        trial: a statement's EXPLAIN; None where privileges were asked for.
        told: of the trial, whether it agrees.
    """

    role: str
    parts: tuple[Explained, ...]
    trial: Trial | None = None
    told: str = ""


class Choosing(Protocol[R, T]):
    """How an engine names its roles and objects: its `Listing`."""

    def everything(self, *, system: bool = False) -> tuple[list[R], list[T]]:
        """What a person means by "all"."""
        ...

    def find_role(self, name: str) -> R:
        """The role of that name."""
        ...

    def find_table(self, name: str) -> T:
        """The table of that name."""
        ...

    def with_columns(self, place: T, /) -> list[T]:
        """It and those of its columns that something was granted on."""
        ...


def chosen(
    listing: Choosing[R, T], roles: Sequence[str], tables: Sequence[str], *, system: bool
) -> tuple[list[R], list[T]]:
    """The roles and objects that a person names; () = all.

    Raises:
        RolebrowserError: one of them isn't there, or isn't to be seen.
    """
    everybody, everything = listing.everything(system=system)
    found = [listing.find_table(each) for each in tables]
    return (
        [listing.find_role(each) for each in roles] or everybody,
        [each for table in found for each in listing.with_columns(table)] or everything,
    )


class Survey(Protocol):
    """The grants of one server, or of one database, as one moment saw them."""

    @property
    def user(self) -> str:
        """Who looked."""
        ...

    @property
    def where(self) -> str:
        """What was looked at: `database app`, `MariaDB 10.11.19`."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what could not be seen; a reader must know them."""
        ...

    def roles(self, *, system: bool = False) -> Iterator[tuple[str, str]]:
        """(name, what it is and whose member) of every role, for people to read."""
        ...

    def records(
        self,
        roles: Sequence[str] = (),
        tables: Sequence[str] = (),
        *,
        system: bool = False,
        brief: bool = False,
    ) -> Iterator[Record]:
        """Who may do what.

        Args:
            roles, tables: only these; () = all.
            system: the server's own as well.
            brief: leave out what follows from another record of the same role.

        Raises:
            RolebrowserError: one of them isn't there, or isn't to be seen.
        """
        ...

    def why(self, connection: Connection, text: str) -> Reply:
        """Answer a question, and ask the server; blocks.

        Raises:
            RolebrowserError: it can't be understood, or the server is gone.
        """
        ...

    def differences(
        self, one: str, other: str, *, there: Survey | None = None, system: bool = False
    ) -> Iterator[Difference]:
        """What two roles may differently.

        Args:
            there: where the other role is, when it isn't here.

        Raises:
            RolebrowserError: one of them isn't there, or `there` is of another engine.
        """
        ...
