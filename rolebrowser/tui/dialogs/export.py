"""ExportDialog: asks for the file a result is to be written to."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from rolebrowser.connection.export import FORMS, form_of
from rolebrowser.errors import ConfigError
from rolebrowser.safetext import clean
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal

_TEXT = "The whole result, its unread rows included. The ending says the form: " + " ".join(FORMS)


class ExportDialog(Dialog[Path | None]):
    """Gives a path that can be written in a known form; a file that is there is asked about.

    Args:
        suggestion: what stands there at first.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, suggestion: str) -> None:
        super().__init__(classes="dialog")
        self._suggestion = suggestion
        self._agreed = ""
        self._problem = Label("", classes="dialog-error")

    def compose(self) -> ComposeResult:
        """What it is about, the path, what is wrong with it, keys."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = "Export"
            yield Label(_TEXT)
            yield Input(clean(self._suggestion), id="path")
            self._problem.display = False
            yield self._problem
            yield Label("Enter writes it · Esc cancels", classes="dialog-keys")

    @on(Input.Changed, "#path")
    def _changed(self, event: Input.Changed) -> None:
        self._problem.display = False
        safe = clean(event.value)
        if safe != event.value:
            event.input.value = safe

    @on(Input.Submitted, "#path")
    def _submitted(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        problem = self._wrong(name)
        if not problem:
            self.dismiss(Path(name).expanduser().absolute())
            return
        self._problem.update(literal(problem, keep="\n"))
        self._problem.display = True

    def _wrong(self, name: str) -> str:
        """Why it can't be written yet."""
        path = Path(name).expanduser()
        try:
            form_of(path)
        except ConfigError as error:
            return str(error)
        if not path.parent.is_dir():
            return f"There is no directory {path.parent}."
        if path.is_dir():
            return f"{path} is a directory."
        if path.exists() and self._agreed != name:
            self._agreed = name
            return f"{path} is there already: Enter once more replaces it."
        return ""
