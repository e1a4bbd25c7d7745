"""MysqlPicture: `grants.picture.Picture` from the facts of a MySQL or MariaDB server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from itertools import groupby

from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import ConfigError
from rolebrowser.grants import pasted, picture, refusals
from rolebrowser.grants.answers import agreement, gate_entries, remedy
from rolebrowser.grants.compare import Difference
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql import changes, compare, explain, fix, matrix, portrait, verify
from rolebrowser.grants.mysql import question as asking
from rolebrowser.grants.mysql.compare import Side
from rolebrowser.grants.mysql.facts import SERVER, Facts, Securable, Who, quoted, split_name
from rolebrowser.grants.mysql.facts import Level as Kind
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.load import load as read
from rolebrowser.grants.mysql.matrix import Row
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.privileges import OF_LEVEL, SERVER_WORDS, fitting, ordered
from rolebrowser.grants.mysql.sessions import EVERYBODY
from rolebrowser.grants.mysql.sight import Sight, left_out
from rolebrowser.grants.picture import (
    Entry,
    Inquiry,
    Level,
    Mark,
    ObjectHead,
    Picture,
    RoleHead,
    Section,
)
from rolebrowser.grants.portrait import MARKS
from rolebrowser.grants.question import Question
from rolebrowser.grants.verify import Trial, told


def load(connection: Connection) -> MysqlPicture:
    """Look at the server; blocks.

    Raises:
        StatementError: the server refused, or is too old.
        ConnectionLost, Cancelled: as `Connection.query`.
    """
    return MysqlPicture(read(connection))


class MysqlPicture:
    """One look at a server; see `grants.picture.Picture` for what each method gives.

    Numbers of roles and objects are places in lists; those of privileges places in `_words`,
    counted from 1.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.model = Model(facts)
        self.listing = Listing(self.model)
        accounts, things = self.listing.everything(system=True)
        self._accounts, self._things = tuple(accounts), tuple(things)
        self._numbers = {who: number for number, who in enumerate(self._accounts)}
        self._places = {thing: place for place, thing in enumerate(self._things)}
        self.levels: tuple[Level, ...] = matrix.levels(self._things)
        self.roles: tuple[RoleHead, ...] = matrix.role_heads(facts, self._accounts)

    @property
    def user(self) -> str:
        """CURRENT_USER() when the facts were read."""
        return self.facts.user.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be seen."""
        return self.facts.notes

    def objects(self, level: Level) -> tuple[ObjectHead, ...]:
        """By name, the server's own last."""
        return matrix.object_heads(self.facts, self._things, level)

    def row(self, role: int, level: Level) -> Row:
        """One account's row."""
        return Row(self.listing, self._who(role), level, self._things)

    def _who(self, role: int) -> Who:
        return EVERYBODY if role == picture.EVERYBODY else self._accounts[role]

    def _number(self, who: Who) -> int | None:
        return picture.EVERYBODY if who == EVERYBODY else self._numbers.get(who)

    # ── privileges as numbers ────────────────────────────────────────────────────────────────

    @cached_property
    def _words(self) -> tuple[str, ...]:
        known = (word for each in self.facts.accounts for word in each.privileges)
        return ordered({*SERVER_WORDS, *OF_LEVEL[Kind.ACCOUNT], *known})

    @cached_property
    def _number_of_word(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self._words, 1)}

    def _ask(self, who: Who, on: Securable, word: str) -> Question | None:
        role, place = self._number(who), self._places.get(on)
        if role is None or place is None:
            return None
        return Question(role, place, self._number_of_word[word])

    def _asked(self, asked: Question) -> tuple[Who, Securable, str]:
        return self._who(asked.role), self._things[asked.place], self._words[asked.privilege - 1]

    def privileges(self, place: int) -> tuple[int, ...]:
        """What there is to be granted on an object."""
        words = fitting(self._words, self._things[place].level)
        return tuple(self._number_of_word[word] for word in ordered(words))

    def title(self, place: int) -> str:
        """`s.t`."""
        return self._things[place].title

    # ── answers ──────────────────────────────────────────────────────────────────────────────

    def detail(self, role: int, place: int) -> tuple[Entry, ...]:
        """One cell: privileges that come in the same ways, then the ways."""
        who, on = self._who(role), self._things[place]
        alike: dict[tuple[State, tuple[str, ...]], list[str]] = {}
        standings = self.listing.standings.of(who, on)
        for word in ordered(standings):
            each = standings[word]
            shown = word + "*" * each.grantable
            alike.setdefault((each.state, each.via), []).append(shown)
        around = self.listing.round_about(who, on)
        if around:
            alike[State.INDIRECT, around] = ["SELECT"]
        entries: list[Entry] = []
        order = list(State)
        for (state, via), words in sorted(alike.items(), key=lambda each: order.index(each[0][0])):
            asked = self._ask(who, on, words[0].rstrip("*"))
            entries.append(Entry(", ".join(words), via[0], MARKS[state], asked=asked))
            entries += [Entry("", line) for line in via[1:]]
        return tuple(entries)

    def portrait(self, role: int) -> tuple[Section, ...]:
        """One account or role."""
        return tuple(portrait.portrait(self.listing, self._who(role), self._ask, self._number))

    def audience(self, place: int) -> tuple[Section, ...]:
        """One object."""
        things = self._things[place]
        return tuple(portrait.audience(self.listing, things, self._ask, self._number))

    def question(self, asked: Question) -> Inquiry:
        """`za@% SELECT s.t`."""
        who, on, word = self._asked(asked)
        return Inquiry(asked.role, f"{who.label} {word} {on.title}", (asked,))

    def inquire(self, text: str, refusal: str = "", database: str = "") -> Inquiry:
        """A question, or an account and a statement."""
        found = asking.parse(text, self.listing, refused=bool(refusal), database=database)
        parts = tuple(
            asked
            for each in found.parts
            if (asked := self._ask(each.who, self._placed(each.on), each.word)) is not None
        )
        role = self._number(found.who)
        assert role is not None
        # A name that isn't shown may be an alias, or what EXTRACT(x FROM y) takes: beside names
        # that are, it counts only if the refusal is about it. Alone it is all there is to tell.
        names = found.unseen
        if parts:
            about = split_name(pasted.refused_name(refusal))[-1:]
            names = tuple(each for each in names if split_name(each.name)[-1:] == about)
        missing = tuple(map(_missing, names[:1]))
        return Inquiry(role, text, parts, found.statement, bool(refusal), missing)

    def _placed(self, on: Securable) -> Securable:
        """The thing itself, or the table of a column that nothing was granted on."""
        if on in self._places or not on.column:
            return on
        return on._replace(level=asking.Level.TABLE, column="")

    def suggest(self, text: str) -> str:
        """The first account, privilege or object that begins with what is typed."""
        *before, last = text.split(" ", 2)
        if not before:
            names: Iterator[str] = (who.label for who in self._accounts)
        elif len(before) == 1:
            names = iter(self._words)
        else:
            names = (each.title for each in self._things if not self.facts.is_system(each))
        folded = last.lower()
        found = next((each for each in names if each.lower().startswith(folded)), "")
        return " ".join((*before, found)) if found and last else ""

    def denied_first(self, inquiry: Inquiry) -> Inquiry:
        """What is denied before what is held."""
        return refusals.denied_first(inquiry, self._answers(inquiry))

    def _answers(self, inquiry: Inquiry) -> list[explain.Answer]:
        return [explain.why(self.listing, *self._asked(each)) for each in inquiry.parts]

    def why(self, inquiry: Inquiry) -> tuple[Section, ...]:
        """Gates and fixes; of a refused statement in full only what is denied."""
        found = self._answers(inquiry)
        refused = refusals.asked(inquiry, found)
        denied = [answer for answer in found if not answer.can]
        sections = list(inquiry.missing)
        for answer in denied if refused else found:
            arguments = (self.listing, answer.who, answer.on, answer.word)
            sections.append(Section(answer.verdict, tuple(gate_entries(answer, answer.word))))
            if not answer.can:
                sections.append(remedy("What would give it", fix.giving(*arguments)))
            if not refused and answer.state not in (None, State.ESCALATABLE):
                sections.append(remedy("What would take it away", fix.taking(*arguments)))
        if refused:
            held = (answer.verdict for answer in found if answer.can)
            sections += refusals.held(held, alone=not sections)
        return tuple(sections)

    def verify(self, connection: Connection, inquiry: Inquiry) -> tuple[Section, ...]:
        """EXPLAIN, where the account is the reader's own."""
        entries: list[Entry] = []
        for answer in self._answers(inquiry):
            found = verify.agreements(connection, self.facts, answer)
            entries += [agreement(said) for said in found]
        if inquiry.statement:
            who = self._who(inquiry.role)
            tried = verify.trial(connection, self.facts, who, inquiry.statement)
            entries += _tried(who, tried)
        if not entries:
            return (Section("Only one's own account can be tried, by EXPLAIN of a SELECT"),)
        disagree = any(entry.mark is Mark.NO for entry in entries)
        title = "The server says otherwise" if disagree else "Asked of the server"
        return (Section(title, tuple(entries)),)

    def differences(self, role: int, other: Picture, other_role: int) -> tuple[Section, ...]:
        """Two accounts, matched by the names of the objects."""
        if not isinstance(other, MysqlPicture):
            raise ConfigError("Only two servers of one kind can be compared.")
        sides = (
            Side(self.listing, self._who(role)),
            Side(other.listing, other._who(other_role)),
        )
        found = list(compare.differences(*sides))
        return tuple(self._only(found, *sides))

    def _only(self, found: list[Difference], one: Side, other: Side) -> Iterator[Section]:
        names = [one.who.label, other.who.label]
        if names[0] == names[1]:
            names = [f"{names[0]} here", f"{names[1]} there"]
        for side, name in enumerate(names):
            entries: list[Entry] = []
            mine = [each for each in found if each.states[side] is State.EFFECTIVE]
            for (title, via), same in groupby(
                mine, lambda each, at=side: (each.object, each.via[at])
            ):
                words = ", ".join(each.privilege for each in same)
                entries.append(Entry(title, words, Mark.YES))
                entries += [Entry(f"via {line}", depth=1) for line in via]
            if entries:
                yield Section(f"Only {name}", tuple(entries))
        neither = [each for each in found if State.EFFECTIVE not in each.states]
        if neither:
            entries = [Entry(each.object, each.privilege, Mark.PARTLY) for each in neither]
            yield Section("Neither now, but in different ways", tuple(entries))

    def changes(self, since: Picture) -> tuple[Section, ...]:
        """Everything that is not as it was, by what it is."""
        if not isinstance(since, MysqlPicture):
            return ()
        return tuple(changes.sections(since.model, self.model))

    @cached_property
    def _sight(self) -> Sight:
        return Sight(self.model)

    def sees(self, role: RoleHead, thing: ObjectHead) -> bool:
        """What is hidden depends on the account that looks, and on the role it has set."""
        return self._sight.of_name(role.name) and self._sight.of_title(thing.title)

    @property
    def complete(self) -> bool:
        """Only who may read the database mysql sees everybody's."""
        return self.facts.complete

    def left_out(self) -> tuple[str, ...]:
        """What SHOW GRANTS doesn't show its reader."""
        return left_out(self.facts, self.model.sessions)

    def classic(self, view: str, asked: Question, other: str = "") -> str:
        """The statements of the stock client."""
        who = self._who(asked.role) if asked.role >= 0 else self.facts.user
        beside = (each.who.sql for each in self.facts.accounts if each.who.name == other)
        values = {"role": who.sql, "other": next(beside, who.sql)}
        thing = self._things[asked.place] if asked.place >= 0 else SERVER
        if view in ("table", "why") and thing.level not in (Kind.TABLE, Kind.COLUMN):
            view = f"{view}_of_others"
        values |= {
            "database": _literal(thing.database),
            "table": _literal(thing.name),
            "name": f"{quoted(thing.database)}.{quoted(thing.name)}",
        }
        text = (files("rolebrowser.grants.mysql") / "sql" / "classic" / f"{view}.sql").read_text(
            encoding="utf-8"
        )
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text


def _missing(unseen: asking.Unseen) -> Section:
    """What isn't shown to the reader, as an answer: its grant can be put into the editor."""
    plan = (unseen.grant,)
    entries = (
        Entry(asking.UNSEEN_WHY, mark=Mark.PARTLY),
        Entry("Somebody who may", "f puts it into the editor", Mark.DO, statements=plan),
        Entry(unseen.grant, depth=1, statements=plan),
    )
    return Section(unseen.sentence, entries)


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _tried(who: Who, trial: Trial) -> list[Entry]:
    first = Entry(told(trial, who.label, None), mark=Mark.PARTLY)
    return [first, *(Entry(line, depth=1) for line in trial.text.splitlines())]
