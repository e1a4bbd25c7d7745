"""GrantsPage: who may do what, through what, and why; every view from one look at the catalogs."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher

from rolebrowser.errors import RolebrowserError
from rolebrowser.grants.picture import EVERYBODY, Entry, Picture, RoleHead
from rolebrowser.grants.question import Question
from rolebrowser.opened import Opened
from rolebrowser.tui.dialogs.text import TextDialog
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.look import Look
from rolebrowser.tui.pages.grants_changes import ChangesView
from rolebrowser.tui.pages.grants_compare import CompareView
from rolebrowser.tui.pages.grants_matrix import MatrixView
from rolebrowser.tui.pages.grants_sections import SectionsView
from rolebrowser.tui.pages.grants_seen import SeenView
from rolebrowser.tui.pages.grants_views import VIEWS, GoesToViews
from rolebrowser.tui.pages.grants_why import WhyView
from rolebrowser.tui.rows import sections
from rolebrowser.tui.widgets.note_line import NoteLine
from rolebrowser.tui.widgets.tab_strip import TabStrip
from rolebrowser.tui.widgets.text_view import TextView


class GrantsPage(GoesToViews):
    """See the module. What is asked about moves with the cursor, whatever view it is in.

    Args:
        look: the connection's look at its grants, shared with whoever compares.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("grants")]
    DEFAULT_CSS = """
    GrantsPage {
        &.-waiting #grants-body { display: none; }
        #grants-body { height: 1fr; }
        #grants-body ContentSwitcher { width: 1fr; }
        #classic { display: none; width: 1fr; border: round $border-blurred;
            border-title-color: $text-muted; background: $surface; }
        &.-classic #classic { display: block; }
    }
    """

    def __init__(self, opened: Opened | None, look: Look, *, id: str) -> None:
        super().__init__(opened, look, id=id)
        self._strip = TabStrip(list(VIEWS.values()), id="grants-views")
        self._matrix = MatrixView(id="matrix")
        self._role = SectionsView(id="role")
        self._table = SectionsView(id="table")
        self._why = WhyView(id="why")
        self._compare = CompareView(id="compare")
        self._seen = SeenView(id="seen")
        self._changes = ChangesView(id="changes")
        self._classic = TextView(id="classic")
        self._notes = NoteLine("N", id="grants-notes")
        self._asked = Question(EVERYBODY, -1, 0)
        self._waiting_question = ("", "", "")
        self._before_why = "matrix"

    def compose(self) -> ComposeResult:
        """The views' names, then the view, and beside it what the classic tools would run."""
        self._classic.border_title = "What the classic tools would run"
        yield self._strip
        yield self.state
        yield self._notes
        with Horizontal(id="grants-body"):
            with ContentSwitcher(initial="matrix"):
                yield self._matrix
                yield self._role
                yield self._table
                yield self._why
                yield self._compare
                yield self._seen
                yield self._changes
            yield self._classic

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    async def looked(self, picture: Picture, *, again: bool) -> None:
        """Show what was seen, in the view that is there."""
        await self._matrix.show(picture)
        self.remove_class("-waiting")
        self._why.picture = picture
        self._why.inquiry = None
        view = self.view
        # The matrix found its role and object again by their names; numbers are of one look only.
        self._asked = self._matrix.question or Question(EVERYBODY, -1, 0)
        if again:
            self._changes.compare(self.look)
        self._notes.show(picture.notes)
        self.show_view(view)
        waiting, self._waiting_question = self._waiting_question, ("", "", "")
        if waiting[0]:
            self.ask_why(*waiting)

    @on(ChangesView.Counted)
    def _changed(self, event: ChangesView.Counted) -> None:
        event.stop()
        names = list(VIEWS.values())
        if event.count:
            names[list(VIEWS).index("changes")] = f"Changes ({event.count:,})"
        self.screen.tell(event.told)
        self._strip.names = names

    # ── views ────────────────────────────────────────────────────────────────────────────────

    @property
    def view(self) -> str:
        """The view that shows."""
        return self.query_one("#grants-body ContentSwitcher", ContentSwitcher).current or "matrix"

    def enter(self) -> None:
        """Focus what shows."""
        self._focus()

    def show_view(self, name: str) -> None:
        """Bring a view in front, filled for what is asked about."""
        if self.view == "matrix" and self._matrix.question is not None:
            # Its row may have come since the cursor did.
            self._asked = self._matrix.question
        self._bring(name)
        if self.picture is not None:
            self._fill(name, self.picture)

    def _bring(self, name: str) -> None:
        if name == "why" != self.view:
            self._before_why = self.view
        if name == "matrix" and self._matrix.question is not None:
            self._asked = self._matrix.question
        self.query_one("#grants-body ContentSwitcher", ContentSwitcher).current = name
        self._strip.active = list(VIEWS).index(name)
        self._focus()
        self._show_classic()
        self.refresh_bindings()

    def _focus(self) -> None:
        view = self.query_one(f"#{self.view}")
        if isinstance(view, MatrixView):
            view.matrix.focus()
        elif isinstance(view, SectionsView | SeenView):
            view.focus_content()

    @on(TabStrip.Clicked)
    def _strip_clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        name = list(VIEWS)[event.number]
        if self.unavailable(name):
            self.screen.tell(self.unavailable(name), "warning")
        else:
            self.show_view(name)

    def _fill(self, name: str, picture: Picture) -> None:
        """Fill a view for what is asked about."""
        role, place = self._asked.role, self._asked.place
        if name == "role":
            title = f"What {self._role_head(picture).name} is and can do"
            self._role.fill(title, lambda: picture.portrait(role))
        elif name == "table":
            title = f"Who can reach {picture.title(place)}"
            self._table.fill(title, lambda: picture.audience(place))
        elif name == "why":
            self._fill_why(picture)
        elif name == "compare":
            self._fill_compare(picture)
        elif name == "seen":
            self._seen.load(picture, self.connection)

    def _fill_why(self, picture: Picture) -> None:
        if self._asked.place < 0 or self._asked.role == EVERYBODY:
            self._why.say_what_to_ask()
            return
        inquiry = self._why.inquiry
        if inquiry is None or self._asked not in inquiry.parts:
            inquiry = picture.question(self._asked)
        self._why.answer(picture, inquiry, self.connection)

    def _fill_compare(self, picture: Picture) -> None:
        role, other = self._role_head(picture), self._compare.other
        if other is None:
            self._compare.pick(self.look, role, self.screen.other_looks())
        else:
            self._compare.compare(picture, role, other)

    def ask_why(self, text: str, refusal: str = "", database: str = "") -> None:
        """Answer a question, or say why a statement is refused, as soon as the grants are read.

        Args:
            refusal: the server's words, of a statement in the SQL tab: Esc goes back to it.
            database: in which its session was, on a server where USE changes that.
        """
        picture = self.picture
        if picture is None:
            self._waiting_question = text, refusal, database
            self.load()
            return
        try:
            inquiry = picture.inquire(text, refusal, database)
        except RolebrowserError as error:
            self._bring("why")
            self._why.refuse(text, str(error))
        else:
            self._asked = inquiry.parts[0] if inquiry.parts else self._asked
            self._bring("why")
            self._why.answer(picture, inquiry, self.connection)
        if refusal:
            self._before_why = ""

    @on(WhyView.Ordered)
    def _ordered(self, event: WhyView.Ordered) -> None:
        """What is denied is what the other views and the keys are about."""
        event.stop()
        if event.inquiry is self._why.inquiry and event.inquiry.parts:
            self._ask_about(event.inquiry.parts[0])

    @on(WhyView.Typed)
    def _typed(self, event: WhyView.Typed) -> None:
        event.stop()
        self.ask_why(event.text)

    # ── what the cursor is on ────────────────────────────────────────────────────────────────

    @on(MatrixView.Asked)
    def _matrix_asked(self, event: MatrixView.Asked) -> None:
        event.stop()
        if self.view == "matrix":
            self._ask_about(event.question)
            if event.opened:
                self.action_why()

    @on(SectionsView.Chosen)
    async def _chosen(self, event: SectionsView.Chosen) -> None:
        event.stop()
        entry = event.entry
        if event.view.id != self.view:
            return
        if entry.asked is not None:
            self._ask_about(entry.asked)
        elif entry.role is not None:
            self._ask_about(replace(self._asked, role=entry.role))
        if event.opened:
            await self._open(entry)

    async def _open(self, entry: Entry) -> None:
        if entry.statements:
            await self.action_fix()
        elif entry.asked is not None:
            self.show_view("why")
        elif entry.role is not None:
            self.show_view("role")
        else:
            self.app.push_screen(TextDialog("Grants", sections.text(entry)))

    def _ask_about(self, question: Question) -> None:
        if question != self._asked:
            self._asked = question
            self._show_classic()
            self.refresh_bindings()

    def _role_head(self, picture: Picture) -> RoleHead:
        return next(head for head in picture.roles if head.number == self._asked.role)

    def _show_classic(self) -> None:
        if self.has_class("-classic") and self.picture is not None:
            other = self._compare.other.role if self._compare.other is not None else ""
            self._classic.load(self.picture.classic(self.view, self._asked, other))

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if not_read := super().unavailable(name):
            return not_read
        if name in ("zoom", "zoom_out", "system") and self.view != "matrix":
            return "In the matrix only: m."
        if name in ("next_privilege", "previous_privilege") and self.view != "why":
            return "In the Why view only: w."
        if name == "notes" and not self._notes.notes:
            return "Everything could be read."
        if name == "filter" and self.view == "seen":
            return "The standard view is shown as it is."
        if name in ("table", "compare") and self._asked.place < 0:
            return "Put the cursor on something first."
        if name == "compare" and self._asked.role == EVERYBODY:
            return "PUBLIC can't be compared: put the cursor on a role."
        return ""

    def label_now(self, name: str) -> str:
        """In Why the same key leads to the line that a question is typed or pasted in."""
        return "Ask" if name == "why" == self.view else ""

    def step_back(self) -> bool:
        """Esc: give up reading, drop the filter, go back to where Why was asked, or the matrix."""
        if super().step_back():
            return True
        view = self.query_one(f"#{self.view}")
        if isinstance(view, MatrixView | SectionsView) and view.filtering:
            view.end_filter()
            return True
        if self.view == "matrix":
            return False
        behind = self._before_why if self.view == "why" else "matrix"
        if behind:
            self.show_view(behind)
        else:
            self._before_why = "matrix"
            self.screen.show_sql()
        return True

    def action_why(self) -> None:
        """Gate by gate; in Why already, another question."""
        if self.view == "why":
            self._why.question.focus()
        else:
            self.show_view("why")

    def action_compare(self) -> None:
        """Two roles; pressed again, with somebody else."""
        if self.view == "compare":
            self._compare.other = None
        self.show_view("compare")

    def action_notes(self) -> None:
        """What could not be read."""
        self.app.push_screen(TextDialog("What isn't shown", self._notes.text, wraps=True))

    def action_filter(self) -> None:
        """Type a filter for the view."""
        view = self.query_one(f"#{self.view}")
        if isinstance(view, MatrixView | SectionsView):
            view.start_filter()

    def action_zoom(self) -> None:
        """The matrix's next level."""
        self._matrix.zoom(1)

    def action_zoom_out(self) -> None:
        """The matrix's previous level."""
        self._matrix.zoom(-1)

    def action_system(self) -> None:
        """The server's own roles and objects too."""
        shown = self._matrix.toggle_system()
        self.screen.tell(
            "The server's own roles and objects " + ("show." if shown else "are hidden.")
        )

    def action_classic(self) -> None:
        """The SQL of the classic tools beside the view."""
        self.toggle_class("-classic")
        self._show_classic()

    def action_next_privilege(self) -> None:
        """The same role and object, the next privilege."""
        self._turn(1)

    def action_previous_privilege(self) -> None:
        """The same role and object, the privilege before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self.picture is None or self._asked.place < 0:
            return
        there = self.picture.privileges(self._asked.place)
        here = there.index(self._asked.privilege) if self._asked.privilege in there else 0
        self._asked = replace(self._asked, privilege=there[(here + step) % len(there)])
        self.show_view("why")

    async def action_fix(self) -> None:
        """Put the statements under the cursor, else the first suggested, into the editor."""
        view = self.query_one(f"#{self.view}")
        if not isinstance(view, SectionsView):
            self.action_why()
            return
        rows = [view.entry, *(row.entry for row in view.column.all_rows)]
        statements = next((e.statements for e in rows if e is not None and e.statements), ())
        if statements:
            await self.screen.offer("\n".join(statements))
        else:
            self.screen.tell("Nothing is suggested here: w asks why, and what would change it.")

    def action_copy(self) -> None:
        """The entry under the cursor as text."""
        view = self.query_one(f"#{self.view}")
        entry = view.entry if isinstance(view, SectionsView) else None
        if entry is not None:
            self.app.copy_to_clipboard(sections.text(entry))
            self.screen.tell("The line was sent to the terminal's clipboard.")
