"""RouteDialog: the way to a database: direct, an address, an instance by SSM, a bastion by ssh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, Static

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.route import Route, typed
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.ask import AskDialog
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import route
from rolebrowser.tui.rows.route import Ask, AskRow, RouteRow, WayRow
from rolebrowser.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from rolebrowser.database.instances import Reach

_QUESTIONS = {
    Ask.DESTINATION: ("ssh to", "A destination as ssh takes it: user@bastion, or a Host of yours."),
    Ask.ADDRESS: ("Address to dial", "HOST:PORT. The certificate is still the endpoint's own."),
}


class RouteDialog(Dialog[str | None]):
    """Gives what `Target.route` shall be ("" = automatic), or None.

    Args:
        title: the database.
        routes: of config.toml.
        current: what is chosen now.
        usual: what is taken where nothing is chosen.
        find: looks for instances to forward through; called in a thread.
    """

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    RouteDialog {
        RowList { height: auto; max-height: 16; min-height: 6; }
        #said { height: auto; color: $text-muted; margin: 1 0 0 0; }
        #said.-bad { color: $text-error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Cancel")]

    def __init__(
        self,
        title: str,
        routes: Sequence[Route],
        *,
        current: str,
        usual: str,
        find: Callable[[Cancel], Reach],
    ) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._routes = routes
        self._current = current
        self._usual = usual
        self._find = find
        self._rows: RowList[WayRow] = RowList(route.drawer(current))

    def compose(self) -> ComposeResult:
        """The ways, what is found out about them, keys."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(f"The way to {self._title}")  # type: ignore[assignment]
            yield self._rows
            yield Static(id="said")
            yield Label("↑↓ chooses · Enter takes it · Esc cancels", classes="dialog-keys")

    def on_mount(self) -> None:
        """The cursor on what is chosen now."""
        self._show()
        self._rows.focus()
        self._rows.move_to(lambda row: isinstance(row, RouteRow) and row.value == self._current)

    def _show(self, instances: Sequence[RouteRow] = ()) -> None:
        found = route.build(self._routes, self._usual, instances)
        known = {row.value for row in found if isinstance(row, RouteRow)}
        if self._current not in known:
            # One that was typed: it stays to be seen.
            found.insert(2, RouteRow(self._current, self._current))
        self._rows.set_items(found)
        self._rows.styles.height = len(found)

    def _say(self, text: str, *, bad: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(bad, "-bad")
        said.update(literal(text, keep="\n"))

    @on(RowList.Selected)
    def _selected(self, event: RowList.Selected) -> None:
        row = event.item
        if isinstance(row, RouteRow):
            self.dismiss(row.value)
        elif isinstance(row, AskRow) and row.ask is Ask.INSTANCE:
            self._look()
        elif isinstance(row, AskRow):
            self._ask(row.ask)

    def _ask(self, ask: Ask) -> None:
        def answered(answer: str | None) -> None:
            if not answer:
                return
            if typed(f"{ask}{answer}") is None:
                self._say(f"{answer} is no {ask.rstrip(':') or 'HOST:PORT'} to go by.", bad=True)
            else:
                self.dismiss(f"{ask}{answer}")

        self.app.push_screen(AskDialog(*_QUESTIONS[ask]), answered)

    @work(exclusive=True, group="instances", exit_on_error=False, description="instances")
    async def _look(self) -> None:
        self._say("Looking for instances in the database's VPC …")
        try:
            found = await in_thread(self._find, name="instances")
        except Cancelled:
            return
        except RolebrowserError as error:
            self._say(str(error), bad=True)
            return
        rows = [
            RouteRow(f"ssm:{each.id}", each.name or each.id, f"SSM through {each.id}")
            for each in found.instances
        ]
        self._show(rows)
        if rows:
            where = f"online in {found.vpc}" if found.vpc else "online; their VPC can't be told"
            self._say("\n".join([f"{len(rows)} {where}.", *found.partial]))
            self._rows.move_to(lambda row: row == rows[0])
        else:
            self._say("No instance there is connected to Systems Manager.", bad=True)
