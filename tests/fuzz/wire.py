"""`pip install atheris && python tests/fuzz/wire.py [libFuzzer's arguments]`: the byte parsers,
guided by the branches they reach; -max_total_time=300 ends it. Not part of the suite."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
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


SEEDS = (
    b"\x00J\0\0\0\n11.4.2-MariaDB\0*\0\0\0abcdefgh\0\xfe\xf7-\x02\0\xff\xc1\x15"
    + b"\0" * 10
    + b"abc\0",
    b"\x01\x85\xa6\xff\x01\0\0\0\x01-" + b"\0" * 23 + b"user\0\x03xyzdb\0mysql_clear_password\0",
    b"\x02user\0me\0database\0orders\0application_name\0x\0\0",
    b"\x03SELECT $a$ it's $a$, E'\\'x', \"q\"\"q\" -- c\n/* /* */ */ ; COPY t FROM stdin;\n1\n\\.\n"
    b"\\du+ x\n",
    b"\x04DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT `a``b`; /*!50001 SELECT 1 */; END$$\n",
    b'\x05{"Statement": {"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*", "Principal": '
    b'{"AWS": "*"}, "Condition": {"StringLikeIfExists": {"aws:SourceIp": ["${aws:userid}"]}}}}',
    b"\x06[profile a]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = b\ns3 =\n"
    b"  k = v\n[sso-session c]\n",
    "\x07\x1b]52;c;x\x07\u202e[bold]\x9b31m\u5e83\U0001f389e\u0301".encode(),
)
"""One valid input for each parser: nobody comes upon a policy by throwing bytes."""


def main() -> None:
    """Fuzz, from the seeds and the corpus that is named."""
    with tempfile.TemporaryDirectory() as directory:
        for seed in SEEDS:
            Path(directory, str(seed[0])).write_bytes(seed)
        atheris.Setup([*sys.argv, directory], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
