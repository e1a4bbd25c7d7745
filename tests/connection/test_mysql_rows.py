"""Rows read many at a time are those that PyMySQL reads one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection import mysql, url
from rolebrowser.connection.export import pages
from rolebrowser.connection.mysql_rows import read_rows
from rolebrowser.connection.mysql_wire import packet
from rolebrowser.connection.protocol import Settings
from rolebrowser.sandbox.mariadb import MariadbServer

values = st.none() | st.text(max_size=300)


def sent(rows: list[list[str | None]], number: int) -> bytes:
    """The rows as a server sends them."""
    found = b""
    for place, row in enumerate(rows):
        body = b"".join(counted(value) for value in row)
        found += packet((number + place) % 256, body)
    return found


def counted(value: str | None) -> bytes:
    if value is None:
        return b"\xfb"
    data = value.encode()
    size = len(data)
    head = bytes([size]) if size < 0xFB else b"\xfc" + size.to_bytes(2, "little")
    return head + data


@given(
    st.lists(st.lists(values, min_size=2, max_size=2), max_size=9), st.integers(0, 255), st.data()
)
def test_what_is_whole_is_read_and_nothing_else(
    rows: list[list[str | None]], number: int, data: st.DataObject
) -> None:
    wire = sent(rows, number)
    cut = data.draw(st.integers(0, len(wire)))
    found, taken = read_rows(wire[:cut], ["utf8", "utf8"], 99, number)
    assert found == [tuple(row) for row in rows[: len(found)]]
    assert wire[:taken] == sent(rows[: len(found)], number)
    assert taken <= cut
    again, rest = read_rows(wire[taken:], ["utf8", "utf8"], 99, (number + len(found)) % 256)
    assert [*found, *again] == [tuple(row) for row in rows]
    assert taken + rest == len(wire)


def test_the_end_an_error_and_a_packet_out_of_turn_are_left() -> None:
    for wire in (
        packet(0, b"\xfe\x00\x00\x02\x00"),
        packet(0, b"\xff\x48\x04#HY000gone"),
        packet(3, b"\x011\x012"),
        packet(0, b""),
    ):
        assert read_rows(wire, ["utf8", None], 99, 0) == ([], 0)


def test_bytes_are_written_in_hexadecimal() -> None:
    assert read_rows(packet(0, b"\x02\x00\xff\x011"), [None, "utf8"], 9, 0)[0] == [("0x00FF", "1")]


def test_all_kinds_of_rows_come_as_the_server_holds_them(mariadb_server: MariadbServer) -> None:
    mariadb_server.execute("CREATE DATABASE IF NOT EXISTS many")
    connection = mysql.open_connection(
        url.parse(mariadb_server.dsn("many"), {}), Settings(page_rows=333)
    )
    try:
        size = "ELT(1 + seq % 5, 0, 250, 251, 70000, 9)"
        outcome = connection.run(
            f"SELECT seq, REPEAT('ä', {size}), IF(seq % 3, NULL, x'00ff') FROM seq_1_to_2000"
        ).result()
        rows = [row for page in pages(connection, outcome) for row in page]
        lengths = {0: 0, 1: 250, 2: 251, 3: 70000, 4: 9}
        assert rows == [
            (str(n), "ä" * lengths[n % 5], None if n % 3 else "0x00FF") for n in range(1, 2001)
        ]
    finally:
        connection.close()
