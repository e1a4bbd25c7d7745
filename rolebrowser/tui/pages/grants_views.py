"""The views of the Grants page by their names, and the keys that lead straight to one."""

from __future__ import annotations

from rolebrowser.tui.pages.grants_reading import ReadsGrants

VIEWS = {
    "matrix": "Matrix",
    "role": "Role",
    "table": "Who reaches it",
    "why": "Why",
    "compare": "Compare",
    "seen": "As seen",
    "changes": "Changes",
}
"""The views by their names, in the strip's order."""


class GoesToViews(ReadsGrants):
    """Base of the Grants page, which shows one view at a time."""

    def show_view(self, name: str) -> None:
        """Bring a view in front, filled for what is asked about; to be overridden."""

    def action_matrix(self) -> None:
        """Roles × objects."""
        self.show_view("matrix")

    def action_role(self) -> None:
        """What a role is and can do."""
        self.show_view("role")

    def action_table(self) -> None:
        """Who can reach an object."""
        self.show_view("table")

    def action_seen(self) -> None:
        """role_table_grants."""
        self.show_view("seen")

    def action_changes(self) -> None:
        """What has changed."""
        self.show_view("changes")
