"""Splitting a script into statements, by the rules of psql's scanner. Pure.

A statement ends at a semicolon outside quotes, comments, parentheses and a function's
BEGIN ATOMIC … END; a backslash outside quotes begins a client command, which ends with its line or
at the next such backslash: two of them lead back to SQL (the manual, psql, "Meta-Commands"). The
mysql client's `\\G`, and in its dialect `\\g`, take no argument: SQL goes on behind them.
The lines below a COPY … FROM STDIN are its data, up to one that is `\\.`. MySQL's `DELIMITER` line
is followed.
"""

from __future__ import annotations

import re
from dataclasses import field

from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine

_COMMAND = re.compile(
    r"""
    \\ (?: G\b | (?:copy|ef|ev|h|help|sf|sv|!)(?![^\s\\]) [^\n]*
        | (?: '(?:[^'\\\n]|\\[^\n]?)*+'? | "[^"\n]*+"? | `[^`\n]*+`? | [^'"`\\\n] )+
        | [^\n]* )
    """,
    re.VERBOSE,
)
"""A command with its arguments; some take the whole line (psql's command.c, OT_WHOLE_LINE)."""
_MYSQL_GO = re.compile(r"\\g\b")
_DATA_END = re.compile(r"^\\\.(\r?\n|\r?\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a script.

    Attributes:
        text: with the comments above it, without surrounding blanks and its semicolon.
        start, end: offsets of `text` in the script, in characters.
        backslash: a client command such as `\\du`, or as the mysql client's `status`.
        complete: it ended at a semicolon or with its line, rather than with the text.
        data: the lines below a COPY … FROM STDIN; None where no line follows it.
    """

    text: str
    start: int
    end: int
    backslash: bool = False
    complete: bool = True
    data: str | None = None


def split(text: str, dialect: Engine = Engine.POSTGRES) -> list[Statement]:
    """The statements of a script, empty ones left out. Never raises."""
    return _Splitter(text, dialect).run()


def statement_at(text: str, offset: int, dialect: Engine = Engine.POSTGRES) -> Statement | None:
    """The statement the cursor stands in or just behind; the one before it otherwise."""
    chosen: Statement | None = None
    for statement in split(text, dialect):
        if statement.start <= offset or chosen is None:
            chosen = statement
        if offset <= statement.end:
            break
    return chosen


@dataclass(slots=True)
class _Splitter:
    text: str
    dialect: Engine
    found: list[Statement] = field(default_factory=list)
    first: int = -1
    """Offset of the statement's first meaningful token; -1 before there is one."""
    last: int = 0
    """Offset behind its last one."""
    comment: int = -1
    """Offset of the comments above it; -1 without any."""
    ended: int = -1
    """Offset behind the statement before."""
    depth: int = 0
    begun: int = 0
    words: list[str] = field(default_factory=list)
    before: str = ""
    """The word before, outside parentheses."""
    copies: bool = False
    """It is a COPY … FROM STDIN."""
    data: tuple[int, int] | None = None
    """Where the data of such a one begin and end."""
    delimiter: str = ";"

    def run(self) -> list[Statement]:
        """Walk through; a client command's line is skipped at once."""
        place = 0
        while place < len(self.text):
            place = self._walk(place)
        self._end(complete=False)
        return self.found

    def _walk(self, start: int) -> int:
        for token in tokens(self.text, self.dialect, start):
            if self.data is not None and token.end >= self.data[0]:
                _, end = self.data
                self.data = None
                return end
            at = self._delimiter_in(token)
            if at >= 0:
                if at:
                    self._take(token._replace(text=token.text[:at]))
                self._end()
                return token.start + at + len(self.delimiter)
            if token.kind is Kind.BACKSLASH or self._delimiter_line(token):
                return self._client_command(token.start)
            self._take(token)
        return len(self.text)

    def _take(self, token: Token) -> None:
        if token.kind is Kind.COMMENT:
            self._note(token)
        if token.kind in (Kind.SPACE, Kind.COMMENT):
            return
        if (
            token.kind is Kind.SEMICOLON
            and self.delimiter == ";"
            and not (self.depth or self.begun)
        ):
            self._end()
            self.ended = token.end
            return
        if self.first < 0:
            self.first = token.start if self.comment < 0 else self.comment
        self.last = token.end
        if token.kind is Kind.WORD:
            self._count(token.keyword)
        elif token.text == "(":
            self.depth += 1
        elif token.text == ")":
            self.depth = max(0, self.depth - 1)

    def _note(self, comment: Token) -> None:
        """A comment above a statement goes with it, one behind a semicolon with neither."""
        behind = self.ended >= 0 and "\n" not in self.text[self.ended : comment.start]
        if self.first < 0 and self.comment < 0 and not behind:
            self.comment = comment.start

    def _count(self, word: str) -> None:
        """Depth inside BEGIN ATOMIC … END of a CREATE FUNCTION, as psql's scanner counts it."""
        if len(self.words) < 4:
            self.words.append(word)
        if not self.depth and self.words[0] == "COPY":
            self.copies |= (self.before, word) == ("FROM", "STDIN")
            self.before = word
        if self.dialect is not Engine.POSTGRES or self.depth or not self._creates_routine():
            return
        if word == "BEGIN" or (word == "CASE" and self.begun):
            self.begun += 1
        elif word == "END" and self.begun:
            self.begun -= 1

    def _creates_routine(self) -> bool:
        words = self.words[:1] + [word for word in self.words[1:] if word not in ("OR", "REPLACE")]
        return words[:1] == ["CREATE"] and words[1:2] in (["FUNCTION"], ["PROCEDURE"])

    def _delimiter_in(self, token: Token) -> int:
        """Where in a token a delimiter of the person's own begins, as in `END$$`; -1 = nowhere."""
        if self.delimiter == ";" or token.kind in (Kind.SPACE, Kind.COMMENT):
            return -1
        if self.text.startswith(self.delimiter, token.start):
            return 0
        plain = token.kind in (Kind.WORD, Kind.NUMBER, Kind.OTHER)
        return token.text.find(self.delimiter) if plain else -1

    def _delimiter_line(self, token: Token) -> bool:
        return self.dialect is Engine.MYSQL and self.first < 0 and token.keyword == "DELIMITER"

    def _client_command(self, start: int) -> int:
        self._end(complete=False)
        if self.text[start] != "\\":
            newline = self.text.find("\n", start)
            end = len(self.text) if newline < 0 else newline
            line = self.text[start:end].rstrip()
            self.delimiter = _argument(line[len("DELIMITER") :].lstrip()) or ";"
            return end
        found = _COMMAND.match(self.text, start)
        end = found.end() if found is not None else len(self.text)
        if self.dialect is Engine.MYSQL and _MYSQL_GO.match(self.text, start):
            end = start + 2
        command = self.text[start:end].rstrip()
        self.found.append(Statement(command, start, start + len(command), backslash=True))
        return end + 2 if self.text.startswith("\\\\", end) else end

    def _end(self, *, complete: bool = True) -> None:
        if self.first >= 0:
            piece = self.text[self.first : self.last]
            data = self._data() if complete and self.copies else None
            known = self.dialect is Engine.MYSQL and piece.lower() == "status"
            self.found.append(Statement(piece, self.first, self.last, known, complete, data))
        self.first = self.comment = -1
        self.depth, self.begun, self.words = 0, 0, []
        self.before, self.copies = "", False

    def _data(self) -> str | None:
        """The lines below the one we are in, which is read to its end before they are skipped."""
        newline = self.text.find("\n", self.last)
        if newline < 0 or self.data is not None:
            return None
        ended = _DATA_END.search(self.text, newline + 1)
        upto, end = ended.span() if ended else (len(self.text), len(self.text))
        self.data = (newline + 1, end)
        return self.text[newline + 1 : upto]


def _argument(text: str) -> str:
    """The first argument of a line, by the rules of the mysql client: quoted, or to a blank."""
    quote = text[:1]
    if quote and quote in "'\"`":
        return text[1:].partition(quote)[0]
    return next(iter(text.split()), "")
