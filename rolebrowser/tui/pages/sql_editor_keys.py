"""EditorKeys: the editor's keys mean it also where a result or the overview has the focus."""

from __future__ import annotations

from rolebrowser.tui.actions import scope
from rolebrowser.tui.pages.sql_editors import Editors

EDITOR_NAMES = frozenset(action.name for action in scope("editor"))
"""Names of the actions that a page passes on to its editors."""


class EditorKeys:
    """Mix in before a page that has editors. What writes into the text shows where it does.

    No widget: Textual knows a class by its first base that is one.
    """

    @property
    def editors(self) -> Editors:
        """Where the statements are written."""
        raise NotImplementedError

    def action_complete(self) -> None:
        """List what may stand at the cursor."""
        self.editors.action_complete()

    def action_history(self) -> None:
        """Find a statement that was run before."""
        self.editors.action_history()

    def action_older(self) -> None:
        """The statement run before."""
        self.editors.active.focus()
        self.editors.action_older()

    def action_newer(self) -> None:
        """The one run after it."""
        self.editors.active.focus()
        self.editors.action_newer()

    def action_open_query(self) -> None:
        """Find a saved query and open it."""
        self.editors.action_open_query()

    def action_save_query(self) -> None:
        """Save the selection, or all of the text, under a name."""
        self.editors.action_save_query()

    async def action_new_editor(self) -> None:
        """One more editor, at the right."""
        await self.editors.action_new_editor()

    def action_next_editor(self) -> None:
        """The editor tab to the right."""
        self.editors.action_next_editor()

    def action_previous_editor(self) -> None:
        """The editor tab to the left."""
        self.editors.action_previous_editor()

    def action_close_editor(self) -> None:
        """Close the editor in view."""
        self.editors.action_close_editor()

    def action_outside(self) -> None:
        """Edit the text in $VISUAL or $EDITOR."""
        self.editors.action_outside()

    def action_format(self) -> None:
        """Lay the selection, or all of the text, out anew."""
        self.editors.active.focus()
        self.editors.action_format()
