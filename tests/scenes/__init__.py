"""Every screen, reached on the real sandbox by real keys: `WALKS`, and `play` to take one."""

from tests.scenes import browsing, connected
from tests.scenes.stage import WALKS, play

__all__ = ["WALKS", "browsing", "connected", "play"]
