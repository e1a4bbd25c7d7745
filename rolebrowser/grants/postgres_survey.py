"""PostgresSurvey: `survey.Survey` from the facts of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rolebrowser.connection.names import quoted
from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import ConfigError
from rolebrowser.grants import compare, explain, fix, question, verify
from rolebrowser.grants.compare import Difference, Side
from rolebrowser.grants.explain import rds_iam_path
from rolebrowser.grants.facts import Facts
from rolebrowser.grants.listing import Listing, Record, object_name
from rolebrowser.grants.membership import Edge
from rolebrowser.grants.model import Model
from rolebrowser.grants.privileges import WORDS, Kind
from rolebrowser.grants.survey import Explained, Reply, Survey, chosen

_ATTRIBUTES = {
    "superuser": "superuser",
    "createrole": "create role",
    "createdb": "create db",
    "replication": "replication",
    "bypassrls": "bypass RLS",
}


class PostgresSurvey:
    """See `survey.Survey` for what each method gives."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.listing = Listing(Model(facts))

    @property
    def user(self) -> str:
        """CURRENT_USER when the facts were read."""
        return self.facts.user

    @property
    def where(self) -> str:
        """The database."""
        model = self.listing.model
        place = model.number.get((Kind.DATABASE, self.facts.database, 0))
        name = quoted(model.securables[place].name) if place is not None else ""
        return f"database {name} on PostgreSQL {self.facts.version // 10000}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read."""
        return self.facts.notes

    def roles(self, *, system: bool = False) -> Iterator[tuple[str, str]]:
        """Attributes, and direct memberships with the options that they lack."""
        for number in self.listing.everything(system=system)[0]:
            role = self.listing.model.roles[number]
            words = [word for name, word in _ATTRIBUTES.items() if getattr(role, name)]
            words.insert(0, "login" if role.login else "no login")
            if rds_iam_path(self.listing, number):
                words[0] = "login with an IAM token only"
            above = [self._edge(edge) for edge in self.listing.model.memberships.up[number]]
            if above:
                words.append(f"member of {', '.join(above)}")
            yield role.name, "; ".join(words)

    def _edge(self, edge: Edge) -> str:
        lacks = [word for word, has in (("inherit", edge.inherit), ("set", edge.set)) if not has]
        admin = ["with admin"] if edge.admin else []
        options = ", ".join([*(f"no {word}" for word in lacks), *admin])
        name = quoted(self.listing.model.roles[edge.role].name)
        return f"{name} ({options})" if options else name

    def records(
        self,
        roles: Sequence[str] = (),
        tables: Sequence[str] = (),
        *,
        system: bool = False,
        brief: bool = False,
    ) -> Iterator[Record]:
        """Who may do what."""
        found = chosen(self.listing, roles, tables, system=system)
        return self.listing.records(*found, brief=brief)

    def why(self, connection: Connection, text: str) -> Reply:
        """Gates, the server's word, and what would change it."""
        asked = question.parse(text, self.listing)
        parts, statement = (
            ((asked,), "")
            if isinstance(asked, question.Question)
            else (asked.parts, asked.statement)
        )
        role = self.listing.model.roles[asked.role].name
        explained = tuple(
            self._explained(connection, each.role, each.place, each.privilege) for each in parts
        )
        if not statement:
            return Reply(role, explained)
        found = [explain.why(self.listing, each.role, each.place, each.privilege) for each in parts]
        trial = verify.trial(connection, role, statement)
        said = verify.told(trial, quoted(role), verify.expected(found))
        return Reply(role, explained, trial, said)

    def _explained(
        self, connection: Connection, role: int, place: int, privilege: int
    ) -> Explained:
        asked = (self.listing, role, place, privilege)
        answer = explain.why(*asked)
        model, state = self.listing.model, answer.state
        return Explained(
            role=model.roles[role].name,
            object=object_name(model.facts, model.securables[place]),
            privilege=WORDS[privilege],
            state=state,
            via=self.listing.via(state, role, place, privilege) if state is not None else (),
            grantable=answer.grantable,
            verdict=explain.verdict(self.listing, answer),
            can=answer.can,
            gates=answer.gates,
            around=answer.around,
            escalations=answer.escalations,
            verified=verify.agreements(connection, model, answer),
            give=fix.giving(*asked),
            take=fix.taking(*asked),
            detours=answer.detours,
        )

    def differences(
        self, one: str, other: str, *, there: Survey | None = None, system: bool = False
    ) -> Iterator[Difference]:
        """Two roles, of this database or of two."""
        if not isinstance(there, PostgresSurvey | None):
            raise ConfigError("Only two PostgreSQL databases can be compared.")
        theirs = there.listing if there is not None else self.listing
        sides = (
            Side(self.listing, self.listing.find_role(one)),
            Side(theirs, theirs.find_role(other)),
        )
        return compare.differences(*sides, system=system)
