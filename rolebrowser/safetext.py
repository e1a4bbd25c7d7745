"""The one door for foreign text to the screen, and the redaction of secrets.

Whatever comes from AWS, a config file or a database is hostile until it went through `clean`:
it may carry escape sequences (ESC, C1), bidi overrides or zero-width characters. What the text
*is* stays untouched elsewhere: exports and the clipboard carry the true value.

The terminal UI turns a `SafeText` into a literal content object (tui/literal.py), never markup.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text in which nothing can move the cursor, change the terminal or reorder its neighbours."""

# Line and paragraph separators are left out of "printable" by Unicode (Zl, Zp); Cf holds bidi
# overrides and isolates, zero-width characters, the soft hyphen, the BOM and the tag characters.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Fillers that draw nothing though Unicode counts them as letters or marks.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180b\u180c\u180d\u180f")
_SUSPECT = re.compile(r"[^\x20-\x7e]")


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(char) in _HIDDEN or char in _BLANK or 0xFE00 <= code <= 0xFE0F:
        if code <= 0xFF:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return char


def clean(text: str, *, keep: str = "") -> SafeText:
    """Make every invisible or terminal-changing character of `text` visible.

    C0 becomes its control picture (ESC is drawn as ␛), DEL ␡; C1, bidi controls, zero-width and
    other format characters, surrogates, private-use and unassigned ones become `\\x9b`, `\\u202e`.

    Args:
        text: anything; lone surrogates included.
        keep: characters of C0 to leave as they are, "\\n" for text of several lines.
    """
    if not _SUSPECT.search(text):
        return SafeText(text)
    return SafeText(
        _SUSPECT.sub(lambda found: found[0] if found[0] in keep else _visible(found[0]), text)
    )


class Secret:
    """A string that doesn't show itself: not in `repr`, `str`, an f-string or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@cache
def _redactions() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns and what takes their place; made when first needed: a start has nothing to hide."""
    return (
        # The presigned URL's parameters; the rest of a token is no secret, it tells for what.
        (
            re.compile(
                r"((?:X-Amz-(?:Signature|Security-Token|Credential)|SigninToken|Session(?==%7B))=)"
                r"[^&\s'\"]+",
                re.I,
            ),
            r"\1***",
        ),
        (re.compile(r"\b((?:AKIA|ASIA)[A-Z0-9]{4})[A-Z0-9]{8,}\b"), r"\1***"),
        (
            re.compile(
                r"(['\"]?\b(?:aws_)?(?:secret_?access_?key|session_?token|security_?token|access_?token"
                r"|refresh_?token|client_?secret|token_?code|pgpassword|mysql_pwd)['\"]?\s*[=:]\s*)"
                r"(?:'[^']*'|\"[^\"]*\"|[^\s,;&}]+)",
                re.I,
            ),
            r"\1***",
        ),
        # SQL: PASSWORD '…' (PostgreSQL), IDENTIFIED [WITH p] BY|AS [PASSWORD] '…' (MySQL, MariaDB).
        (
            re.compile(
                r"(\b(?:ENCRYPTED\s+)?PASSWORD(?:\s*\(|\s*=|\s)\s*)"
                r"(?:E?'(?:[^'\\]|''|\\.)*'?|\"(?:[^\"\\]|\"\"|\\.)*\"?|(\$\w*\$)[\s\S]*?(?:\2|$))",
                re.I,
            ),
            r"\1'***'",
        ),
        (
            re.compile(
                r"(\bIDENTIFIED\s+(?:(?:WITH|VIA)\s+\S+\s+)?(?:BY|AS|USING)\s+(?:PASSWORD\s*\(?\s*)?)"
                # RDS's plugin has no secret there, only the word RDS.
                r"(?<!AWSAuthenticationPlugin AS )"
                r"(?:'(?:[^'\\]|''|\\.)*'?|\"(?:[^\"\\]|\"\"|\\.)*\"?)",
                re.I,
            ),
            r"\1'***'",
        ),
        # MySQL: SET PASSWORD FOR 'u'@'h' = '…'.
        (
            re.compile(
                r"(\bSET\s+PASSWORD\s+FOR\s+[^=;]*=\s*)"
                r"(?:'(?:[^'\\]|''|\\.)*'?|\"(?:[^\"\\]|\"\"|\\.)*\"?)",
                re.I,
            ),
            r"\1'***'",
        ),
        # libpq's key=value, inside a string: dblink, CREATE SUBSCRIPTION.
        (re.compile(r"(\b(?:ssl)?password=)[^\s'\"&]+", re.I), r"\1***"),
        (re.compile(r"(\b\w+://[^\s:/@]*:)[^\s@/]+(@)"), r"\1***\2"),
    )


def redact(text: str) -> str:
    """`text` without AWS secrets, tokens, SQL passwords and passwords inside URLs.

    For whatever is stored or quoted: logs, history, the audit log, error texts. It knows the
    shapes in shared/reference/terminal-safety.md; it is a net under the rule that secrets are
    never put into such texts in the first place, not a licence to.
    """
    for pattern, replacement in _redactions():
        text = pattern.sub(replacement, text)
    return text
