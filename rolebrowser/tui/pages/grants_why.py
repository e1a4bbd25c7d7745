"""WhyView: a question typed, picked or pasted, and its answer: gates, then the server's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import RolebrowserError
from rolebrowser.grants.picture import Entry, Inquiry, Mark, Picture, Section
from rolebrowser.safetext import clean
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.pages.grants_sections import SectionsView

_KEYS = "w asks · ← → other privileges · f puts a fix into the editor"


class _Suggestions(Suggester):
    """Completes a question with the names there are."""

    def __init__(self, view: WhyView) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._view = view

    async def get_suggestion(self, value: str) -> str | None:
        """The whole question, or None."""
        picture = self._view.picture
        found = picture.suggest(value) if picture is not None and value else ""
        return found if found.lower().startswith(value.lower()) and clean(found) == found else None


class WhyView(SectionsView):
    """A question to be typed, picked or pasted, and its answer under it."""

    DEFAULT_CSS = """
    WhyView {
        #question { height: 3; border: round $border-blurred; border-title-color: $text-muted;
            background: $surface; padding: 0 1; }
        #question:focus {
            border: round $primary; border-title-color: $primary; border-title-style: bold;
        }
    }
    """

    @dataclass
    class Typed(Message):
        """A person asks this."""

        text: str

    @dataclass
    class Ordered(Message):
        """A refused statement is answered; its first part is one that is denied."""

        inquiry: Inquiry

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.picture: Picture | None = None
        self.inquiry: Inquiry | None = None
        self.question = Input(
            placeholder="alice SELECT sales.orders — or a whole statement, yours or a role's",
            suggester=_Suggestions(self),
            id="question",
        )
        self.question.border_title = "Why can, or can't"

    def compose(self) -> ComposeResult:
        """The question, then the answer."""
        yield self.question
        yield self.column

    def say_what_to_ask(self) -> None:
        """Nothing is asked yet."""
        self.say("Name a role, a privilege and an object; or a role and a statement.", "Answer")
        self.question.focus()

    @work(exclusive=True, group="fill", exit_on_error=False, description="why")
    async def answer(self, picture: Picture, inquiry: Inquiry, connection: Connection) -> None:
        """The model's answer at once, then the server's word on it."""
        self.inquiry = inquiry
        self._write(inquiry.text)
        asked = inquiry
        inquiry = await in_thread(lambda cancel: picture.denied_first(asked), name="order")
        self.inquiry = inquiry
        found = await in_thread(lambda cancel: picture.why(inquiry), name="why")
        if inquiry is not asked:
            self.post_message(self.Ordered(inquiry))
        waiting = (Section("Asking the server …"),)
        self.show(_with_word(found, waiting), "Answer", _KEYS)
        try:
            said = await in_thread(
                lambda cancel: picture.verify(connection, inquiry), name="verify"
            )
        except RolebrowserError as error:
            said = (Section("Not verified", (Entry(str(error)),)),)
        self.show(_with_word(found, said), "Answer", _KEYS)

    def refuse(self, text: str, why: str) -> None:
        """A question that has no answer stands above the reason, as one that has does."""
        self.inquiry = None
        self._write(text)
        self.say(why, "Answer")

    def _write(self, text: str) -> None:
        with self.prevent(Input.Changed):
            self.question.value = clean(" ".join(text.split()))

    @on(Input.Submitted, "#question")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.Typed(event.value))


def _with_word(found: Sequence[Section], said: Sequence[Section]) -> tuple[Section, ...]:
    """The server's word after what would give it, which one came for and 24 lines leave room for.

    A contradiction comes before it, right after the gates of the first answer.
    """
    contradicts = any(entry.mark is Mark.NO for section in said for entry in section.entries)
    behind = 1 if contradicts else 2
    return (*found[:behind], *said, *found[behind:])
