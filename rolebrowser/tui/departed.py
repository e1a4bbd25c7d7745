"""What Textual and tree-sitter would keep of a widget that is gone, given up.

Each of these was found by `python tests/soak`: a day of connections taken and left must not grow.
"""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache
from textual.document._document import DocumentBase
from textual.widget import Widget

MANY = 50_000
"""Objects from which on a collection that walks them all would hold up a keystroke: about 1 µs
each, and 200,000 took 170 to 250 ms."""
IDLE = 2.0
"""Seconds without a key until memory is taken back: nobody waits for it then."""
LOOK = 5.0
"""Seconds between two looks whether it is time."""
_DUE = 50
"""Collections of younger objects after which the oldest are due, as Python would have it by
itself; but of an account with 5,000 roles that took 200 ms, under whatever key was pressed."""

_stilled = False


def still() -> None:
    """Spare many objects that live on from being walked by each collection, if there are many.

    From now on nothing that exists is collected by itself: neither is a screen of now, once it is
    closed. `sweep` does it then.
    """
    global _stilled
    if len(gc.get_objects()) > MANY:
        gc.freeze()
        _stilled = True


def due() -> bool:
    """Whether the oldest objects should be looked through; by itself that is done far later."""
    return gc.get_count()[2] >= _DUE


def sweep() -> None:
    """Take back the memory of what is gone: circles all of it, and too old to be looked at soon.

    Takes tens of milliseconds, after `still` some hundreds.
    """
    if _stilled:
        gc.unfreeze()
    gc.collect()
    if _stilled:
        gc.freeze()


def forget_pictures() -> None:
    """Give up the drawn lines of widgets that are no more.

    `StylesCache.get_inner_outer` is cached with its widget's cache as a key, 1,024 of them with
    every line they drew: some 60 MB. It works two colours out; asking it anew costs nothing.
    """
    StylesCache.get_inner_outer.cache_clear()


def forget_watcher(widget: Widget) -> None:
    """Take a widget that watched the app's theme out of who is told of it.

    Textual drops a watcher that is gone when what it watches changes, and a theme may never
    (`Reactive._check_watchers`): a closed connection's screen would stay with all it held.
    """
    for watchers in getattr(widget.app, "__watchers", {}).values():
        watchers[:] = [each for each in watchers if each[0] is not widget]


def forget_tree(document: DocumentBase | None) -> None:
    """Take the syntax tree from a document that nobody will show again.

    The tree holds the function it was read by, and that the document with its text and this very
    tree: a circle through C, which Python's collector doesn't see.
    """
    if document is not None and hasattr(document, "_syntax_tree"):
        document._syntax_tree = None  # type: ignore[attr-defined]
