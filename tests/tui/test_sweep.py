"""Old objects are looked through when nobody presses a key, and by nothing else."""

from __future__ import annotations

import gc
import weakref

import pytest

from rolebrowser.tui import departed
from tests.tui.conftest import AtTheApp


class Ring:
    """Holds itself."""

    def __init__(self) -> None:
        self.ring = self


async def test_old_circles_go_while_nobody_presses_a_key(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departed, "LOOK", 0.1)
    monkeypatch.setattr(departed, "IDLE", 0.2)
    before = gc.get_threshold()
    try:
        async with at_the_app("") as person:
            await person.until(lambda: person.app._spare is not None, "the modules")
            old = Ring()
            gone = weakref.ref(old)
            gc.collect()
            del old
            gc.collect(1)
            assert gone() is not None
            gc.set_threshold(10, 1, 1_000_000)
            kept = [[] for _ in range(100_000)]
            assert departed.due()
            gc.set_threshold(*before)
            await person.until(lambda: gone() is None, "the circle to go")
            assert len(kept) == 100_000
    finally:
        gc.set_threshold(*before)
