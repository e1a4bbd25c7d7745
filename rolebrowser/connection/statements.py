"""Splitting a script into statements, by the rules of psql's scanner. Pure.

A statement ends at a semicolon outside quotes, comments, parentheses and a function's
BEGIN ATOMIC … END; a backslash outside quotes begins a client command, which ends with its line.
MySQL's `DELIMITER` line is followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.target import Engine


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a script.

    Attributes:
        text: with the comments above it, without surrounding blanks and its semicolon.
        start, end: offsets of `text` in the script, in characters.
        backslash: a client command such as `\\du`.
        complete: it ended at a semicolon or with its line, rather than with the text.
    """

    text: str
    start: int
    end: int
    backslash: bool = False
    complete: bool = True


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
        newline = self.text.find("\n", start)
        end = len(self.text) if newline < 0 else newline
        command = self.text[start:end].rstrip()
        if command.startswith("\\"):
            self.found.append(Statement(command, start, start + len(command), backslash=True))
        else:
            self.delimiter = [*command.split(), ";"][1]
        return end

    def _end(self, *, complete: bool = True) -> None:
        if self.first >= 0:
            piece = self.text[self.first : self.last]
            self.found.append(Statement(piece, self.first, self.last, complete=complete))
        self.first = self.comment = -1
        self.depth, self.begun, self.words = 0, 0, []
