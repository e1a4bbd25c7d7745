"""The matrix's letters and where they come from."""

from __future__ import annotations

import pytest

from rolebrowser.grants import bitset
from rolebrowser.grants.matrix import Row, levels, object_heads, role_heads
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.picture import EVERYBODY, Cell, Level, Origin
from rolebrowser.grants.privileges import LETTERS, RELATIONS, Kind

from .conftest import Driver, read

WORLD = """
CREATE ROLE alice LOGIN; CREATE ROLE readers; CREATE ROLE writers; CREATE ROLE boss;
CREATE SCHEMA s; CREATE TABLE s.t (a int, b int); CREATE TABLE s.guarded (a int);
CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int);
GRANT USAGE ON SCHEMA s TO alice, readers, writers;
GRANT readers TO alice; GRANT writers TO alice; ALTER ROLE alice INHERIT;
GRANT INSERT ON s.t TO alice WITH GRANT OPTION;
GRANT SELECT ON s.t TO readers; GRANT DELETE ON s.t TO PUBLIC;
GRANT SELECT ON hidden.t TO alice;
GRANT SELECT ON s.guarded TO alice; ALTER TABLE s.guarded ENABLE ROW LEVEL SECURITY
"""


@pytest.fixture
def model(any_driver: Driver) -> Model:
    any_driver.execute(WORLD.encode())
    if any_driver.info.server_version >= 160000:
        any_driver.execute("REVOKE writers FROM alice; GRANT writers TO alice WITH INHERIT FALSE")
        any_driver.execute("GRANT UPDATE ON s.t TO writers")
    return Model(read(any_driver))


def cell(model: Model, role: str, title: str, level: str = "tables") -> Cell:
    found = next(each for each in levels(model) if each.name == level)
    place = next(head.number for head in object_heads(model, found) if head.title == title)
    number = next(head.number for head in role_heads(model) if head.name == role)
    return Row(model, number, found).cell(place)


def letters(shown: Cell) -> dict[str, Origin]:
    return {each.letter: each.origin for each in shown.letters if each is not None}


def test_a_letter_knows_where_it_comes_from(model: Model) -> None:
    expected = {"a": Origin.DIRECT, "r": Origin.INHERITED, "d": Origin.PUBLIC}
    if model.facts.version >= 160000:
        expected["w"] = Origin.LATENT
    shown = cell(model, "alice", "s.t")
    assert letters(shown) == expected
    assert {each.letter for each in shown.letters if each and each.grantable} == {"a"}


def test_public_has_a_row_and_the_reader_is_first(model: Model) -> None:
    heads = role_heads(model)
    assert heads[0].name == model.facts.user
    assert heads[1].number == EVERYBODY
    shown = cell(model, "PUBLIC", "s.t")
    assert letters(shown) == {"d": Origin.PUBLIC}
    assert all(each.blocked for each in shown.letters if each)  # PUBLIC has no USAGE on s


def test_a_privilege_without_usage_is_marked_and_so_is_row_security(model: Model) -> None:
    hidden = cell(model, "alice", "hidden.t")
    assert [each.blocked for each in hidden.letters if each] == [True]
    assert cell(model, "alice", "s.guarded").locked
    assert not cell(model, "readers", "s.guarded").locked  # it has nothing there
    assert not cell(model, model.facts.user, "s.guarded").locked  # superuser


def test_a_schema_says_how_many_of_its_tables_are_open(model: Model) -> None:
    assert cell(model, "alice", "schema s", "schemas").note == "2/2"
    assert cell(model, "alice", "schema hidden", "schemas").note == "0/1"


def check_matrix(model: Model) -> None:
    """Letters of every role on every table are the model's bits: those the server affirms."""
    level = Level("tables", "".join(c for c in "arwdDxtm" if LETTERS[c] & _tables(model)))
    heads = [head for head in object_heads(model, level) if not head.system]
    for number in range(len(model.roles)):
        row, held = Row(model, number, level), model.held(number)
        states = model.states(number)
        for head in heads:
            shown = row.cell(head.number)
            for each, letter in zip(shown.letters, level.letters, strict=True):
                bit = LETTERS[letter]
                has = bool(held.get(bit, 0) >> head.number & 1)
                latent = bool(states[State.LATENT].get(bit, 0) >> head.number & 1)
                assert (each is not None) == (has or latent)
                if each is not None:
                    assert (each.origin is Origin.LATENT) == latent
                    blocked = states[State.BLOCKED].get(bit, 0) >> head.number & 1
                    assert each.blocked == bool(blocked)


def _tables(model: Model) -> int:
    there = bitset.members(model.of_kind[Kind.TABLE])
    securable = model.securables[next(there)]
    assert securable.kind in RELATIONS
    return model.privileges(securable)
