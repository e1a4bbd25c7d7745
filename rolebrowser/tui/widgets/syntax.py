"""Colours of SQL on a light background; on a dark one Textual's own serve."""

from __future__ import annotations

from rich.style import Style
from textual._text_area_theme import TextAreaTheme

DARK = "css"
LIGHT = "sql-light"


def light() -> TextAreaTheme:
    """GitHub's colours; its greys, orange and mint are too pale on white (below 4.5 : 1)."""
    styles = TextAreaTheme.get_builtin_theme("github_light")
    assert styles is not None
    blue = Style(color="#0550ae")
    types = dict.fromkeys(("type", "type.class", "type.builtin", "constant.builtin"), blue)
    types |= dict.fromkeys(("variable", "boolean"), Style(color="#953800"))
    return TextAreaTheme(name=LIGHT, syntax_styles={**styles.syntax_styles, **types})
