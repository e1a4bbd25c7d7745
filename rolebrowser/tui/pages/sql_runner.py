"""Runner: runs statements in order, each into a result tab of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from rolebrowser.audit import Ending
from rolebrowser.connection import client_command as client
from rolebrowser.connection.caution import caution
from rolebrowser.connection.client_command import ClientCommand, Step
from rolebrowser.connection.effects import Effect, classify
from rolebrowser.connection.explain import explain, runs_for_real, undone
from rolebrowser.connection.pointed import pointed
from rolebrowser.connection.protocol import Outcome
from rolebrowser.connection.statements import Statement
from rolebrowser.errors import ConnectionLost, RolebrowserError, StatementError
from rolebrowser.grants import askable
from rolebrowser.opened import ending_of
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.pages.sql_commands import Commands, named
from rolebrowser.tui.pages.sql_writing import Writing
from rolebrowser.tui.widgets import result_tabs
from rolebrowser.tui.widgets.result_pane import ResultPane
from rolebrowser.tui.widgets.result_tabs import ResultTabs

_LEAST_PAUSE = 0.1
"""Seconds between two times of a `\\watch`."""
_QUOTED = 400
"""Characters of a statement that are shown while it runs."""
_DEEPEST = 16
"""Files within files."""
PERMISSION_DENIED = frozenset(("42501", "1142", "1143", "1370"))
"""insufficient_privilege (PostgreSQL's manual, appendix A); ER_TABLEACCESS_DENIED_ERROR,
ER_COLUMNACCESS_DENIED_ERROR, ER_PROCACCESS_DENIED_ERROR (MySQL's and MariaDB's error reference)."""
_WHY = "w says why, gate by gate. F6 goes back to the statement."
_LOST = (
    "It is not run again by itself. rolebrowser logs in anew, or F3 does; text and results stay."
)


class Runner:
    """Not a widget: its page runs `run` as a worker.

    Args:
        page: whose connection the statements go to.
        writing: asks before and after those that change something.
        commands: what psql's client commands do here.
        results: where their results go.
        changed: called when a statement begins and when the last has ended.

    Attributes:
        endings: the statements run last, and how each ended.
        denied: what to ask about the last statement, when the server denied a permission for it
            and it can be asked about; else "".
        refusal: what the server said then.
        altered: something was set for the session, as by SET or USE: another login lacks it.
    """

    def __init__(
        self,
        page: Page,
        writing: Writing,
        commands: Commands,
        results: ResultTabs,
        changed: Callable[[], None],
    ) -> None:
        self._page = page
        self._commands = commands
        self._writing = writing
        self._results = results
        self._changed = changed
        self._held: list[ResultPane] = []
        self._last: Statement | None = None
        self._stop = asyncio.Event()
        self._asleep = False
        self._since = self._waits = 0.0
        self._shown: ResultPane | None = None
        self._saying = ""
        self.endings: list[tuple[str, Ending]] = []
        self.denied = self.refusal = ""
        self.altered = False

    def tick(self) -> None:
        """To be called each second: says what is waited for before a statement is sent."""
        reason = self._page.connection.waiting
        if not reason:
            if self._waits and self._since and self._shown is not None:
                self._shown.say(self._saying)
            self._waits = 0.0
        elif not self._waits:
            self._waits = time.monotonic()
            told = f"Waiting …  {reason}\n\nEsc stops that one; then this one isn't sent."
            if self._shown is not None:
                self._shown.say(told)
            else:
                self._page.screen.tell(told, seconds=12)

    @property
    def running(self) -> float:
        """For how many seconds a statement has been running, or waiting; 0 when none is."""
        waits = self._waits if self._waits and self._page.connection.waiting else 0.0
        since = self._since or waits
        return time.monotonic() - since if since else 0.0

    async def run(self, statements: Sequence[Statement]) -> None:
        """Run them until one fails; the others are then said not to have been sent."""
        self._held.clear()
        self.endings = []
        self.denied = self.refusal = ""
        before = self._results.opened
        failed = not await self._all(client.steps(statements))
        self._tell_fate(await self._writing.settle(failed=failed))
        if (lost := self._results.opened - before - result_tabs.KEPT) > 0:
            told = f"The first {lost} results made room: {result_tabs.KEPT} tabs are kept."
            self._page.screen.tell(f"{told} \\o FILE before a script keeps all of them.", "warning")
        self._changed()

    async def _all(self, steps: Sequence[Step], depth: int = 0) -> bool:
        """Whether all of them went well; after one that didn't, no other is sent."""
        for number, step in enumerate(steps, 1):
            if not await self._step(step, depth):
                self._not_sent(steps[number:])
                return False
        return True

    async def _step(self, step: Step, depth: int) -> bool:
        statement, ending = step.statement, step.ending
        command = client.client_command(statement.text) if statement.backslash else None
        if command is None:
            return await self._run_one(statement, ending)
        if command.name in client.ENDINGS:
            # Behind a semicolon they mean the statement before it.
            if self._last is not None:
                return await self._run_one(self._last, command)
            pane = self._results.open(statement.text)
            pane.say(f"{statement.text}: run a statement first, which is then repeated.")
            return False
        return await self._client(command, statement, depth)

    async def _client(self, command: ClientCommand, statement: Statement, depth: int) -> bool:
        """A command of psql's own, answered in a tab; a file's statements have tabs of theirs."""
        try:
            if command.name == "i":
                if depth >= _DEEPEST:
                    raise StatementError(f"{statement.text}: files include each other too deeply.")
                steps = client.steps(await self._commands.included(command))
                well = await self._all(steps, depth + 1)
                self.endings.append((statement.text, Ending.OK if well else Ending.ERROR))
                return well
            with self._busy():
                told = await self._commands.carry_out(command, statement)
        except RolebrowserError as error:
            self._results.open(statement.text).say(_told(error, statement.text), error=True)
            self._note(statement, error)
            return False
        self._results.open(statement.text).say(told)
        self._note(statement)
        return True

    async def _run_one(self, statement: Statement, ending: ClientCommand | None) -> bool:
        """A statement in a tab of its own, and what it ended with instead of a semicolon."""
        if not statement.backslash:
            self._last = statement
        if ending is not None and ending.name == "watch":
            return await self._watch(statement, ending)
        pane = self._results.open(statement.text)
        records = self._commands.records or (ending is not None and ending.name == "gx")
        out = ending if ending is not None and ending.arguments else None
        with self._telling(pane, f"Running …  Esc cancels.\n\n{statement.text[:_QUOTED]}"):
            outcome = await self._one(statement, pane, out, records=records)
        if outcome is None:
            return False
        if records:
            pane.as_records()
        if self._writing.after(outcome):
            self._held.append(pane)
        return True

    async def _watch(self, statement: Statement, ending: ClientCommand) -> bool:
        """Again and again in one tab, each time after the time before has ended, until Esc."""
        pane = self._results.open(f"\\watch {statement.text}")
        stop = self._stop = asyncio.Event()
        try:
            watch = client.watch(ending)
            if caution(statement.text, self._page.audited.info.engine).changes:
                raise StatementError("\\watch repeats only what reads; this changes something.")
            done = 0
            with self._busy():
                while pane.is_attached and not stop.is_set():
                    outcome = await self._sent(statement)
                    done += 1
                    pane.show(outcome, limit=self._limit)
                    if self._commands.records:
                        pane.as_records()
                    rows = len(outcome.page.rows)
                    if done == watch.times or rows < watch.rows:
                        stop.set()
                    pane.note(f"every {watch.seconds:g} s, {done} so far, Esc stops")
                    await self._pause(stop, watch.seconds)
        except RolebrowserError as error:
            pane.say(_told(error, statement.text), error=True)
            self._note(statement, error)
            return False
        self._note(statement)
        pane.note(f"every {watch.seconds:g} s, {done} in all")
        return True

    async def _pause(self, stop: asyncio.Event, seconds: float) -> None:
        self._asleep = True
        with suppress(TimeoutError):
            # Also \watch 0 leaves keys a moment to be heard.
            await asyncio.wait_for(stop.wait(), max(seconds, _LEAST_PAUSE))
        self._asleep = False

    def cancel(self) -> str:
        """Stop a watch, and ask the server to cancel what runs; a sentence to show."""
        self._stop.set()
        if self._asleep:
            return "Stopped."
        self._page.connection.cancel()
        return "Asked the server to cancel."

    async def _one(
        self, statement: Statement, pane: ResultPane, out: ClientCommand | None, *, records: bool
    ) -> Outcome | None:
        """What it gave, shown in the pane; None when it failed or wasn't sent, which is said.

        Args:
            out: a `\\g FILE`: its file gets the result, rather than that of `\\o`.
        """
        self.denied = self.refusal = ""
        outcome, sent = None, False
        try:
            goal = named(out) if out is not None else self._commands.out
            self._tell_fate(await self._writing.settle_ahead(statement))
            if reason := await self._writing.before(statement):
                pane.say(reason)
                self._note(statement, sent=False)
                return None
            pane.say(self._saying)
            with self._busy():
                sent = True
                outcome = await self._sent(statement)
                if goal is None:
                    pane.show(outcome, limit=self._limit)
                else:
                    anew = out is not None
                    told = self._commands.write(goal, outcome, records=records, anew=anew)
                    pane.say(await told)
        except RolebrowserError as error:
            # Where only its file could not be written, the statement itself went through.
            self._note(statement, error if outcome is None else None, sent=sent)
            self._writing.failed(error)
            self._say_why(statement, pane, error)
            return None
        self._note(statement)
        if not statement.backslash:
            effect = classify(statement.text, self._page.audited.info.engine).effect
            self.altered = self.altered or effect is Effect.SETTING
        return outcome

    def _say_why(self, statement: Statement, pane: ResultPane, error: RolebrowserError) -> None:
        """A statement's failure, in its pane."""
        if isinstance(error, ConnectionLost):
            pane.say(f"{error}\n\n{_LOST}", error=True)
            return
        hint = ""
        if isinstance(error, StatementError) and error.code in PERMISSION_DENIED:
            engine = self._page.connection.info.engine
            if not statement.backslash:
                self.denied = askable.question(statement.text, error.what, engine)
            self.refusal = error.what
            hint = f"\n\n{_WHY}" if self.denied else ""
        pane.say(f"{_told(error, statement.text)}{hint}", error=True)

    def _note(
        self, statement: Statement, error: RolebrowserError | None = None, *, sent: bool = True
    ) -> None:
        ending = ending_of(error)[0] if sent else Ending.NOT_SENT
        self.endings.append((statement.text, ending))

    async def explain(self, statement: Statement, *, analyze: bool) -> None:
        """Show a statement's plan as a tree, in a result tab of its own."""
        word = "EXPLAIN ANALYZE" if analyze else "EXPLAIN"
        pane = self._results.open(f"{word} {statement.text}")
        explaining = "Explaining …  Esc cancels."
        pane.say(explaining)
        connection = self._page.audited
        with self._telling(pane, explaining), self._busy():
            try:
                found = await in_thread(
                    lambda cancel: explain(connection, statement.text, analyze=analyze),
                    name="explain",
                )
            except RolebrowserError as error:
                pane.say(str(error), error=True)
            else:
                pane.show_plan(found.plan, "executed and rolled back" if found.undone else "")

    async def _sent(self, statement: Statement) -> Outcome:
        if statement.backslash:
            return await self._page.ask(statement.text, wide=self._commands.records)
        connection = self._page.audited
        if statement.data is not None:
            data = (statement.data.encode(),)
            return await asyncio.wrap_future(connection.copy_in(statement.text, data))
        if runs_for_real(connection, statement.text):
            return await in_thread(lambda cancel: undone(connection, statement.text), name="undone")
        first = min(self._limit, self._page.app.holdings.config.page_rows) or None
        return await asyncio.wrap_future(connection.run(statement.text, page_rows=first))

    @property
    def _limit(self) -> int:
        return self._page.app.holdings.config.row_limit

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Something runs meanwhile: the page says so, and Esc cancels it."""
        self._since = time.monotonic()
        self._changed()
        try:
            yield
        finally:
            self._since = 0.0
            self._changed()

    @contextmanager
    def _telling(self, pane: ResultPane, saying: str) -> Iterator[None]:
        """The pane is where it is said what is waited for.

        Args:
            saying: what stands there while nothing is.
        """
        self._shown, self._saying = pane, saying
        try:
            yield
        finally:
            self._shown = None

    def _tell_fate(self, fate: str) -> None:
        """What became of the changes that were held, in a few words; empty = none were."""
        if not fate:
            return
        for pane in self._held:
            pane.note(fate)
        self._held.clear()
        self._page.screen.tell(f"{fate[0].upper()}{fate[1:]}.")

    def _not_sent(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._note(step.statement, sent=False)
        if count := len(steps):
            what = "1 statement was" if count == 1 else f"{count} statements were"
            self._page.screen.tell(f"{what} not sent after the error.", "warning")


def refusal(error: StatementError, statement: str) -> str:
    """What the server said, in its words, where, and what to do. Pure."""
    code = f"  ({error.code})" if error.code else ""
    where = "".join(f"\n{line}" for line in pointed(statement, error.position))
    rest = "\n".join(part for part in (error.why, error.fix) if part)
    return f"{error.severity}: {error.what}{code}{where}\n{rest}".rstrip()


def _told(error: RolebrowserError, statement: str) -> str:
    return refusal(error, statement) if isinstance(error, StatementError) else str(error)
