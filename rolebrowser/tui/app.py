"""The app: modes, theme, what every screen shares. Screens do the rest.

`run` is what the command line calls. Nothing here, nor anything it imports, loads boto3,
psycopg, PyMySQL or moto: the first paint waits for none of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from rolebrowser.safetext import clean
from rolebrowser.target import Target
from rolebrowser.tui.holdings import Holdings
from rolebrowser.tui.kept_texts import KeptTexts
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.screens.browser import BrowserScreen
from rolebrowser.tui.soon import SoonApp
from rolebrowser.tui.strangers import strangers
from rolebrowser.tui.theme import DARK, LIGHT, THEMES

if TYPE_CHECKING:
    from rolebrowser.cancel import Cancel
    from rolebrowser.database.instances import Reach
    from rolebrowser.tui.screens.connection import ConnectionScreen

BROWSER = "browser"

LEISURE = 0.5
"""Seconds after a connection was opened until the screen of the next one is made."""


class RolebrowserApp(SoonApp):
    """One browser, and one mode for each open connection.

    Args:
        held: what config.toml says, and the sandbox to wait for and work on, if it is one.
    """

    TITLE = "rolebrowser"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    DEFAULT_MODE = BROWSER  # no blank screen of Textual's own is made, styled and drawn first
    # Known from the start: a screen's own is parsed once more.
    CSS_PATH = Path(__file__).with_name("screens") / "browser.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = set()  # noqa: RUF012 - the screens' serve: of two providers either may be first
    COMMAND_PALETTE_BINDING = "ctrl+p"

    # For dialogs, which have none of their own: below, the screen behind says what is too small.
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (36, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (10, "-fitting")]  # noqa: RUF012

    def __init__(self, held: Holdings) -> None:
        super().__init__()
        self.holdings = held
        self.texts = KeptTexts()
        self._numbers = count(1)
        self._open_modes: list[str] = [BROWSER]
        self._spare: ConnectionScreen | None = None
        self._connections: dict[str, ConnectionScreen] = {}
        for theme in THEMES:
            self.register_theme(theme)
        config = held.config
        self.start_with(config.theme if config.theme in self.available_themes else DARK.name)
        self.add_mode(BROWSER, lambda: self.styled(BrowserScreen()))

    def on_mount(self) -> None:
        """The person's own keys; a word on what config.toml names and nobody knows."""
        self.set_keymap(self.own_keys)
        for text in strangers(self.holdings.config, self.available_themes):
            self.notify(clean(text), severity="warning", timeout=12, markup=False)

    @property
    def own_keys(self) -> dict[str, str]:
        """The keymap of config.toml: action id → Textual's names of keys, comma-separated."""
        return dict(self.holdings.config.keymap)

    def open(self, target: Target, title: str, *, guarded: bool, another: bool = False) -> None:
        """Connect to a target in a mode of its own, its steps in view there; if it is open already,
        go there.

        Args:
            title: what to call it: a bookmark's name, or user@database.
            guarded: it counts as production.
            another: log in once more, also to what is open already.
        """
        known = next((each for each in self.connections if each.asked == target), None)
        if known is not None and not another:
            self.switch_mode(known.mode)
            known.come_back()
            return
        if known is not None:
            same = sum(each.asked == target for each in self.connections)
            title = f"{title} #{same + 1}"
        ready, self._spare = self._spare or self._new_connection(), None
        self._open_modes.append(ready.mode)
        self._connections[ready.mode] = ready
        ready.begin(target, title, guarded=guarded)
        self.set_timer(LEISURE, self.make_ready)

    def show_connection(self, mode: str) -> None:
        """Bring a connection's screen into view, unless it has been closed."""
        if mode in self._open_modes:
            self.switch_mode(mode)

    def show_numbered(self, number: int) -> None:
        """The same of the one in that place among the open ones, counted from 0."""
        if number < len(self.connections):
            self.show_connection(self.connections[number].mode)

    def loaded(self) -> None:
        """The modules are there that the first frame does without."""
        from rolebrowser.tui import departed

        self.make_ready()
        self.set_interval(departed.LOOK, self._sweep)

    def _sweep(self) -> None:
        from rolebrowser.tui import departed

        if departed.due() and self.idle > departed.IDLE:
            departed.sweep()

    def make_ready(self) -> None:
        """Have a screen for the next connection while nobody waits for it: mounted, unseen."""
        # Not under the feet of Textual closing all screens.
        if self.is_running and self._spare is None:
            self._spare = self._new_connection()

    def _new_connection(self) -> ConnectionScreen:
        from rolebrowser.tui.screens.connection import ConnectionScreen

        mode = f"connection-{next(self._numbers)}"
        screen = ConnectionScreen(mode)
        self.add_mode(mode, lambda: self.styled(screen))
        self._init_mode(mode)
        return screen

    def remember(self, target: Target) -> None:
        """Count a visit: what is used most and latest is found first."""
        opened = self.holdings.opened
        threading.Thread(target=opened, args=(target,), name="recents", daemon=True).start()

    def examine(self, target: Target, title: str) -> None:
        """Have the doctor look at a target."""
        from rolebrowser.tui.dialogs.doctor import DoctorDialog

        self.push_screen(DoctorDialog(target, title, self.holdings.config))

    def choose_route(
        self, target: Target, title: str, usual: str, answered: Callable[[str], None]
    ) -> None:
        """Have a person choose the way to a target.

        Args:
            usual: what is taken where nothing is chosen.
            answered: called with a new `Target.route`; not called when it stays as it is.
        """
        from rolebrowser.tui.dialogs.prompts import DialogPrompts
        from rolebrowser.tui.dialogs.route import RouteDialog

        def find(cancel: Cancel) -> Reach:
            return self.holdings.instances(target, DialogPrompts(self, cancel), cancel)

        dialog = RouteDialog(
            title, self.holdings.config.routes, current=target.route, usual=usual, find=find
        )
        self.push_screen(dialog, lambda value: None if value is None else answered(value))

    async def forget_connection(self, mode: str) -> None:
        """Leave a connection's mode for good; its screen closes the connection as it goes."""
        if mode not in self._open_modes:
            return
        self._open_modes.remove(mode)
        self._connections.pop(mode, None)
        await self.switch_mode(BROWSER)
        # Not awaited: whoever asks may be a worker of the screen that goes, and its end would be
        # taken for the end of the program, which awaits the same.
        self.remove_mode(mode)

    @property
    def connections(self) -> tuple[ConnectionScreen, ...]:
        """The screens of the open connections, in the order they were opened."""
        return tuple(self._connections.values())

    @property
    def connection_count(self) -> int:
        """How many connections are open."""
        return len(self._open_modes) - 1

    def action_next_connection(self) -> None:
        """Go round the modes."""
        if len(self._open_modes) == 1:
            self.notify("No connection is open yet.")
            return
        here = (
            self._open_modes.index(self.current_mode)
            if self.current_mode in self._open_modes
            else 0
        )
        self.switch_mode(self._open_modes[(here + 1) % len(self._open_modes)])

    def action_palette(self) -> None:
        """The command palette."""
        self.action_command_palette()

    def get_system_commands(self, screen: Screen[object]) -> Iterator[SystemCommand]:
        """Of Textual's own what isn't in our table under a key, and works in a terminal."""
        yield SystemCommand("Any theme", "Choose among all themes", self.action_change_theme)

    def action_theme(self) -> None:
        """Dark, light, dark …"""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    async def action_quit(self) -> None:
        """Leave; each connection screen closes its own connection as it goes."""
        self.leave()

    def leave(self, result: str | None = None) -> None:
        """Leave, once what is under way on any connection has been asked about.

        Args:
            result: what `run` gives back.
        """
        from rolebrowser.tui.dialogs.progress import ProgressDialog

        busy = [(each.title_text, each.pending) for each in self.connections if each.pending]
        busy += [each.under_way for each in self.screen_stack if isinstance(each, ProgressDialog)]
        if not busy:
            self.exit(result)
            return
        from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog

        text = "\n".join(f"{title}: {pending}" for title, pending in busy)
        dialog = ChoiceDialog("Quit?", text, (Choice("n", "Stay"), Choice("q", "Quit")))
        self.push_screen(dialog, lambda answer: self.exit(result) if answer == "q" else None)


def run(held: Holdings) -> str | None:
    """Run the UI until the person leaves.

    Args:
        held: with a sandbox (maybe not ready yet) or without; the caller stops it afterwards.

    Returns:
        "demo" when the person asked for the demo from the first-run screen; else None.

    Raises:
        SystemExit: a signal, or a terminal that went, ended it.
        Exception: a fault of ours did.
    """
    return RolebrowserApp(held).run_until_left()
