"""A whole result into a file: streamed, atomic, for its owner only."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.connection.export import export, pages
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.connection.protocol import Column, Row
from rolebrowser.errors import Cancelled, ConfigError

COLUMNS = (Column("n", "int4", numeric=True), Column("t", "text"))
PAGES: list[tuple[Row, ...]] = [(("1", "a"),), (), (("2", None), ("3", ""))]


def test_a_result_of_many_pages_arrives_whole(
    connect: Callable[..., PostgresConnection], tmp_path: Path
) -> None:
    connection = connect()
    outcome = connection.run("SELECT g, 'x' || g AS t FROM generate_series(1, 12345) g").result()
    seen: list[tuple[int, int]] = []
    path = tmp_path / "rows.csv"
    count = export(
        path,
        outcome.columns,
        pages(connection, outcome),
        report=lambda rows, size: seen.append((rows, size)),
    )
    lines = path.read_text().splitlines()
    assert (count, lines[0], lines[-1]) == (12345, "g,t", "12345,x12345")
    assert len(lines) == 12346
    assert seen[0][0] == 500
    assert seen[-1] == (12345, path.stat().st_size)


def test_the_file_is_its_owners_and_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("what was there before")
    path.chmod(0o644)
    export(path, COLUMNS, PAGES)
    assert [json.loads(line) for line in path.read_text().splitlines()][1] == {"n": 2, "t": None}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_or_is_cancelled_midway_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("old")
    cancel = Cancel()

    def stopped() -> Iterator[tuple[Row, ...]]:
        yield PAGES[0]
        cancel.cancel()
        yield PAGES[2]

    def broken() -> Iterator[tuple[Row, ...]]:
        yield PAGES[0]
        raise ConfigError("gone")

    with pytest.raises(Cancelled):
        export(path, COLUMNS, stopped(), cancel=cancel)
    with pytest.raises(ConfigError, match="gone"):
        export(path, COLUMNS, broken())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "words"), [("rows", ".csv"), ("rows.xlsx", ".jsonl"), ("no/where.csv", "No such")]
)
def test_a_name_that_cannot_be_written_is_a_sentence(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        export(tmp_path / name, COLUMNS, PAGES)
    assert words in str(caught.value)


def test_parquet_has_types_and_nulls(
    connect: Callable[..., PostgresConnection], tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    connection = connect()
    outcome = connection.run(
        "SELECT g AS i, g / 4.0 AS n, g / 4::float8 AS f, g = 1 AS b, 'x' || g AS t,"
        " CASE g WHEN 1 THEN NULL ELSE g::int8 END AS nothing, 'infinity'::timestamptz AS w"
        " FROM generate_series(1, 45000) g"
    ).result()
    path = tmp_path / "rows.parquet"
    assert export(path, outcome.columns, pages(connection, outcome)) == 45000
    table = parquet.read_table(path)
    assert [str(field.type) for field in table.schema] == [
        *("int32", "string", "double", "bool", "string", "int64", "string")
    ]
    first = {name: values[0] for name, values in table.slice(0, 1).to_pydict().items()}
    assert first["i"] == 1
    assert first["b"] is True
    assert first["nothing"] is None
    assert first["w"] == "infinity"
    assert parquet.ParquetFile(path).num_row_groups == 3


def test_without_pyarrow_parquet_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pyarrow") as caught:
        export(tmp_path / "rows.parquet", COLUMNS, PAGES)
    assert "pip install pyarrow" in caught.value.fix
