"""EverywhereDialog: databases of every account and several regions, shown as they come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from rolebrowser.database.known_hits import Found, Wanted
from rolebrowser.database.org_search import ASKED, Hit, Progress
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.kept import Answer
from rolebrowser.tui.background import in_thread, under_way
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.dialogs.text import TextDialog
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import hits
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

_GROUP = "everywhere"
_TOLD = {ASKED: "asked account by account"}


class EverywhereDialog(Dialog[Hit | None]):
    """Gives the database that was chosen, or None.

    Args:
        chosen: whose session asks the organization's own engines; without a profile each profile
            is asked for its account.
    """

    app: RolebrowserApp  # type: ignore[assignment]
    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    EverywhereDialog .dialog-box.-tall { padding: 0 1; }
    EverywhereDialog Column { height: 1fr; border: none; padding: 0; }
    EverywhereDialog Column:focus-within { border: none; }
    EverywhereDialog .dialog-keys { margin: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop or close"),
        Binding("slash", "filter", "Filter", priority=True),
        Binding("r", "again", "Ask again"),
        Binding("a", "all_regions", "Every region"),
        Binding("w", "problems", "What could not be asked"),
    ]

    def __init__(self, chosen: Choice) -> None:
        super().__init__(classes="dialog")
        self._chosen = chosen
        self._problems: list[str] = []
        self._turn = 0
        self._state = Label("", id="state")
        self._rows: Column[Hit] = Column(
            "",
            lambda hit, now: hits.draw(hit, self.app.holdings.account_names),
            filtered=hits.filtered,
            identify=hits.identify,
            id="hits",
        )

    def compose(self) -> ComposeResult:
        """How far it is, the databases, the keys."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = "Databases everywhere"
            yield self._state
            yield self._rows
            keys = "Enter goes there · / filters · r asks again · a every region · w what failed"
            yield Label(f"{keys} · Esc stops, closes", classes="dialog-keys")

    def on_mount(self) -> None:
        """What was found before, else ask."""
        self._rows.rows.focus()
        wanted = self._wanted()
        known = self.app.holdings.found_before(wanted)
        if known is None:
            self._search(wanted)
        else:
            self._rows.show(known.hits)
            self._say(f"as found {Answer(None, known.at).age(datetime.now(UTC))}; r asks again")

    def _wanted(self, *, all_regions: bool = False) -> Wanted:
        profile = self._chosen.profile
        name = profile.name if profile is not None else ""
        role = f" {self._chosen.role}" if self._chosen.role else ""
        regions = () if all_regions else self.app.holdings.named_regions()
        return Wanted(name + role, "", regions, all_regions)

    def _say(self, text: str) -> None:
        count = len(self._rows.all_rows)
        failed = f" · {len(self._problems)} could not be asked: w" if self._problems else ""
        self._state.update(literal(f"{count} databases · {text}{failed}"))

    @work(exclusive=True, group=_GROUP, exit_on_error=False, description="everywhere")
    async def _search(self, wanted: Wanted) -> None:
        self._problems = []
        self._turn += 1
        turn = self._turn
        self._rows.clear("Asking …")
        where = "every region" if wanted.all_regions else ", ".join(wanted.regions)
        self._say(f"asking in {where} · Esc stops")

        def come(progress: Progress) -> None:
            self.app.call_from_thread(self._come, turn, progress)

        try:
            found = await in_thread(
                lambda cancel: self.app.holdings.search_databases(
                    self._chosen, wanted, DialogPrompts(self.app, cancel), cancel, come
                ),
                name="everywhere",
            )
        except Cancelled:
            self._say("stopped; r asks again")
        except RolebrowserError as error:
            self._problems.append(error.in_a_line)
            self._say("not found out")
            self._rows.rows.say(error.what)
        else:
            self._done(found)

    def _done(self, found: Found) -> None:
        self._rows.show(found.hits)
        if not found.hits:
            self._rows.clear("No database was found.")
        sources = sorted({_TOLD.get(each.source, each.source) for each in found.hits})
        self._say(", ".join(sources) or "nothing there")

    def _come(self, turn: int, progress: Progress) -> None:
        # What was on its way when the search was stopped, or begun anew, is nobody's any more. Its
        # `Cancel` is set a turn of the loop too late to tell: by the worker, once that is woken.
        if turn != self._turn or not self.is_attached:
            return
        if progress.problem:
            self._problems.append(f"{progress.profile}: {progress.problem}".lstrip(": "))
        self._problems += [f"{progress.profile}: {each}" for each in progress.missing]
        if progress.hits:
            self._rows.show(hits.merged(self._rows.all_rows, progress.hits))
        if progress.total:
            done = f"{progress.done} of {progress.total} profiles, {progress.regions} regions"
            self._say(f"{done} asked · Esc stops")

    @on(RowList.Selected)
    def _selected(self, event: RowList.Selected) -> None:
        event.stop()
        if isinstance(event.item, Hit):
            self.dismiss(event.item)

    def action_filter(self) -> None:
        """Filter what is there."""
        self._rows.start_filter()

    def action_again(self) -> None:
        """Ask again."""
        self._search(self._wanted())

    def action_all_regions(self) -> None:
        """Ask in every region of each account."""
        self._search(self._wanted(all_regions=True))

    def action_problems(self) -> None:
        """Whom nobody could ask, and why."""
        text = "\n\n".join(self._problems)
        if under_way(self, _GROUP):
            so_far = f"So far:\n\n{text}" if text else "Nothing has failed so far."
            text = f"Still asking. {so_far}"
        text = text or "Everything that was asked has answered."
        self.app.push_screen(TextDialog("What could not be asked", text))

    def action_stop(self) -> None:
        """Stop asking; else end the filter; else close."""
        if under_way(self, _GROUP):
            self.workers.cancel_group(self, _GROUP)
            self._turn += 1
            self._say("stopped; r asks again")
        elif self._rows.filtering:
            self._rows.end_filter()
        else:
            self.dismiss(None)
