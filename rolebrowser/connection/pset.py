"""`\\pset`: how results look. Pure; names and words are psql's (its command.c, do_pset)."""

from __future__ import annotations

from rolebrowser.connection.client_command import ClientCommand
from rolebrowser.errors import StatementError

EXPANDED, FORMAT, NULL, PAGER = "expanded", "format", "null", "pager"
_ALIASES = {"x": EXPANDED, "vertical": EXPANDED}
_ELSEWHERE = frozenset(
    (
        *("C", "T", "border", "columns", "csv_fieldsep", "display_false", "display_true"),
        *("fieldsep", "fieldsep_zero", "footer", "linestyle", "numericlocale", "pager_min_lines"),
        *("recordsep", "recordsep_zero", "t", "tableattr", "title", "tuples_only"),
        *("unicode_border_linestyle", "unicode_column_linestyle", "unicode_header_linestyle"),
        "xheader_width",
    )
)
"""What psql has besides."""
_FIX = "There are null, expanded, format and pager; for the others: rolebrowser shell, psql itself."


def option(command: ClientCommand) -> tuple[str, str | None]:
    """The option a `\\pset` names and the value it gives; empty and None where it names none.

    Raises:
        StatementError: an option that isn't done here, or nobody knows.
    """
    name, value, *_ = (*command.arguments, None, None)
    name = _ALIASES.get(name or "", name or "")
    if name in _ELSEWHERE:
        raise StatementError(f"\\pset {name} isn't done here.", fix=_FIX)
    if name not in ("", EXPANDED, FORMAT, NULL, PAGER):
        raise StatementError(f"\\pset: unknown option: {name}", fix=_FIX)
    return name, value


def expanded(value: str | None) -> ClientCommand:
    """The `\\x` that `\\pset expanded` is."""
    return ClientCommand("x", value or "")
