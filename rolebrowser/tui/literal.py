"""Foreign text → content that Textual draws as it is: cleaned, and never parsed as markup.

A plain `str` given to Static, a toast or a border title is markup to Textual, and control
characters pass through `Content` untouched: so every foreign text comes through here.
"""

from __future__ import annotations

from textual.content import Content

from rolebrowser.safetext import clean

MUTED = "$foreground 65%"
"""For what matters less. Content draws "$text-muted" as bright as any text: its "auto 60%" is a
colour to find against a background, which only CSS does."""


def literal(text: str, style: str = "", *, keep: str = "") -> Content:
    """`text` cleaned, as a literal.

    Args:
        style: a Textual style such as "bold $error".
        keep: control characters to leave, "\\n" for text of several lines.
    """
    return Content.styled(clean(text, keep=keep), style)
