"""How SQL is coloured: what Textual's own colours and its way of finding them lack."""

from __future__ import annotations

from functools import cache

from rich.style import Style
from textual._text_area_theme import TextAreaTheme
from textual.document._syntax_aware_document import SyntaxAwareDocument
from tree_sitter import Language, Query

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


def share_queries() -> None:
    """Let all documents share the query that finds what to colour.

    Textual compiles it for each text an editor takes (`TextArea._set_document`), which held up
    each recalled statement by 30 to 80 ms.
    """
    SyntaxAwareDocument.prepare_query = _prepare  # type: ignore[method-assign]


def _prepare(document: SyntaxAwareDocument, query: str) -> Query:
    return _compiled(document.language, query)


@cache
def _compiled(language: Language, query: str) -> Query:
    return Query(language, query)
