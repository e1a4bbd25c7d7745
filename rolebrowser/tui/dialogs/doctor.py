"""DoctorDialog: every check as it is made, the likely cause, and what to paste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Label, Static

from rolebrowser.cancel import Cancel
from rolebrowser.check import Status
from rolebrowser.config import Config
from rolebrowser.doctor.finding import Diagnosis, Finding, headline, likely, markdown
from rolebrowser.errors import Cancelled
from rolebrowser.safetext import redact
from rolebrowser.target import Target
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import doctor
from rolebrowser.tui.widgets.row_list import RowList


class DoctorDialog(Dialog[None]):
    """Examines a target as soon as it shows; Esc gives up.

    Args:
        title: what to call the target.
    """

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    DoctorDialog {
        RowList { height: 14; min-height: 4; }
        #headline { height: auto; text-style: bold; margin: 0 1 1 1; }
        #headline.-bad { color: $text-error; }
        #headline.-good { color: $text-success; }
        #detail { height: 1fr; min-height: 3; border-top: solid $panel; padding: 0 1; }
        #evidence { height: auto; color: $text-muted; }
        #fix { height: auto; margin: 1 0 0 0; }
        &.-short {
            .dialog-box.-tall { height: 100%; max-height: 100%; width: 100%; padding: 0 1; }
            RowList { height: 9; }
            #headline { margin: 0 1; }
            #fix, .dialog-keys { margin: 0; }
        }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (10, "-short"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close"),
        Binding("y", "copy_fix", "Copy the fix"),
        Binding("Y", "copy_report", "Copy the report"),
        Binding("r", "again", "Again"),
    ]

    @dataclass
    class Reported(Message):
        """A check has begun, or ended."""

        finding: Finding

    def __init__(self, target: Target, title: str, config: Config) -> None:
        super().__init__(classes="dialog")
        self._target = target
        self._title = title
        self._config = config
        self._found: dict[str, Finding] = {}
        self._rows: RowList[Finding] = RowList(doctor.draw)
        self._moved = False

    def compose(self) -> ComposeResult:
        """Headline, checks, the one under the cursor in full."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = literal(f"Doctor: {self._title}")  # type: ignore[assignment]
            yield Static(id="headline")
            yield self._rows
            with VerticalScroll(id="detail", can_focus=False):
                yield Static(id="evidence")
                yield Static(id="fix")
            yield Label(
                "↑↓ chooses · y copies the fix · Y the report · r again · Esc closes",
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """Begin."""
        self._rows.focus()
        self.action_again()

    def action_again(self) -> None:
        """Examine once more."""
        self._found = {}
        self._moved = False
        self._head("Looking … Esc gives up.")
        self._examine()

    @work(exclusive=True, group="doctor", exit_on_error=False, description="doctor")
    async def _examine(self) -> None:
        def job(cancel: Cancel) -> Diagnosis:
            from rolebrowser.doctor import examine

            def report(finding: Finding) -> None:
                if not cancel.is_set:
                    self.post_message(self.Reported(finding))

            return examine(
                self._target,
                config=self._config,
                title=self._title,
                prompts=DialogPrompts(self.app, cancel),
                report=report,
                cancel=cancel,
            )

        try:
            found = await in_thread(job, name="doctor")
        except Cancelled:
            self._head("Not all checks were made.")
        else:
            self._head(headline(found), "-good" if found.healthy else "-bad")
            blamed = found.likely
            if blamed is not None and not self._moved:
                self._rows.move_to(lambda each: each.check is blamed.check)

    def _head(self, text: str, state: str = "") -> None:
        label = self.query_one("#headline", Static)
        label.set_classes(state)
        label.update(literal(text))

    @on(Reported)
    def _report(self, event: Reported) -> None:
        self._found[event.finding.check] = event.finding
        self._rows.set_items(list(self._found.values()), keep=lambda each: each.check)
        if not self._moved:
            self._rows.move_to(lambda each: each.check is event.finding.check)
        self._show_detail()

    @on(RowList.Highlighted)
    def _show_detail(self) -> None:
        finding = self._rows.current
        if finding is not None:
            evidence, fix = doctor.detail(finding)
            self.query_one("#evidence", Static).update(literal(redact(evidence), keep="\n"))
            self.query_one("#fix", Static).update(literal(redact(fix), keep="\n"))
            self.query_one("#detail").scroll_home(animate=False)

    def on_key(self) -> None:
        """A person looks around: the cursor is theirs from now on."""
        self._moved = True

    def action_copy_fix(self) -> None:
        """What to paste, of the check under the cursor or else of the likely cause."""
        finding = self._rows.current
        if finding is None or not finding.fix:
            finding = likely(self._found.values())
        if finding is None or not finding.fix:
            self.notify("There is nothing to mend here.")
            return
        self.app.copy_to_clipboard(redact(finding.paste))
        self.notify("The fix was sent to the terminal's clipboard.")

    def action_copy_report(self) -> None:
        """Everything as Markdown, secrets out."""
        done = tuple(each for each in self._found.values() if each.status is not Status.STARTED)
        self.app.copy_to_clipboard(markdown(Diagnosis(self._title, done)))
        self.notify("The report was sent to the terminal's clipboard, as Markdown.")
