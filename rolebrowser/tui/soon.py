"""SoonApp: what Textual does more than once before a frame, done once.

Measured by `tests/bench/main_job.py`; the profile that led to each is in CONTRIBUTING.md.
"""

from __future__ import annotations

from rolebrowser.tui.helping import HelpingApp
from rolebrowser.tui.screens.base import ActionScreen


class SoonApp(HelpingApp):
    """An app whose first frame, and each new screen's, is styled once."""

    _started = False

    def start_with(self, theme: str) -> None:
        """Have a theme from the start, the stylesheet's variables included.

        Args:
            theme: the name of a registered one.
        """
        self.theme = theme
        self.stylesheet.set_variables(self.get_css_variables())

    def on_ready(self) -> None:
        """From now on a change of theme is one."""
        self._started = True

    def refresh_css(self, animate: bool = True) -> None:
        """Textual would parse and apply every style twice before the first frame."""
        if self._started:
            super().refresh_css(animate)

    def delay_update(self, delay: float = 0.05) -> None:
        """Textual would hold the picture back for 50 ms at each change of mode."""

    def styled(self, screen: ActionScreen) -> ActionScreen:
        """A new screen, styled for the theme and the terminal's size from the start.

        Textual would take it for one that has missed a change of theme, and parse every style
        again before showing it (50 ms), and style it once more when it has its size.
        """
        screen._css_update_count = self._css_update_count
        screen.fit(self.size)
        return screen
