"""`pip install atheris && python tests/fuzz/wire.py [libFuzzer's arguments]`: the byte parsers,
guided by the branches they reach; -max_total_time=300 ends it. Not part of the suite."""

from __future__ import annotations

import sys
from typing import Any

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["rolebrowser"]):  # type: ignore[attr-defined]
    from rolebrowser.connection.lexer import tokens
    from rolebrowser.connection.mysql_wire import Greeting, Response
    from rolebrowser.connection.statements import split
    from rolebrowser.identity import policy_document, profiles
    from rolebrowser.safetext import clean
    from rolebrowser.sandbox import gateway_wire
    from rolebrowser.target import Engine


def one(data: bytes) -> None:
    """One input to the parser that its first byte chooses; a ValueError is an answer."""
    kind, body = data[:1], data[1:]
    text = body.decode(errors="surrogateescape")
    parsers: list[Any] = [
        lambda: Greeting.parse(body),
        lambda: Response.parse(body),
        lambda: gateway_wire.parse_startup(196608, body),
    ]
    choice = (kind or b"\0")[0] % 8
    if choice < len(parsers):
        try:
            parsers[choice]()
        except ValueError:
            return
    elif choice < 5:
        engine = Engine.MYSQL if choice == 4 else Engine.POSTGRES
        assert "".join(each.text for each in tokens(text, engine)) == text
        for statement in split(text, engine):
            assert text[statement.start : statement.end] == statement.text
    elif choice == 5:
        policy_document.parse("p", text)
    elif choice == 6:
        profiles.parse(text)
    else:
        assert clean(clean(text)) == clean(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
