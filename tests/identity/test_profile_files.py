"""Finding and reading the two files, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.session import Session as BotocoreSession
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.profile_files import load

from .conftest import Machine

KEYS = "aws_access_key_id = x\naws_secret_access_key = y\n"


def names(environ: dict[str, str], home: Path) -> list[str]:
    return [profile.name for profile in load(environ, home)]


def test_without_any_file_there_are_no_profiles_and_no_problems(tmp_path: Path) -> None:
    found = load({}, tmp_path)
    assert (found.profiles, found.problems) == ((), ())


def test_the_usual_places_are_under_home(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[profile a]\n")
    (tmp_path / ".aws" / "credentials").write_text(f"[b]\n{KEYS}")
    assert names({}, tmp_path) == ["a", "b"]
    assert names({"HOME": str(tmp_path)}, Path(tmp_path)) == ["a", "b"]


@pytest.mark.parametrize("place", ["~/own", "$PLACE/own", "${PLACE}/own", "{home}/own"])
def test_the_environment_says_where_as_botocore_reads_it(bare: Machine, place: str) -> None:
    (bare.home / "own").write_text("[profile a]\n")
    bare.patch.setenv("PLACE", str(bare.home))
    bare.patch.setenv("AWS_CONFIG_FILE", place.replace("{home}", str(bare.home)))
    assert [profile.name for profile in load()] == ["a"]
    assert list(BotocoreSession().full_config["profiles"]) == ["a"]


def test_an_empty_variable_means_no_file(bare: Machine) -> None:
    (bare.home / ".aws").mkdir()
    (bare.home / ".aws" / "config").write_text("[profile a]\n")
    bare.patch.setenv("AWS_CONFIG_FILE", "")
    assert load().profiles == ()
    assert BotocoreSession().full_config["profiles"] == {}


def test_a_directory_in_the_files_place_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".aws" / "config").mkdir(parents=True)
    (tmp_path / ".aws" / "credentials").write_text(f"[b]\n{KEYS}")
    found = load({}, tmp_path)
    assert [profile.name for profile in found] == ["b"]
    assert found.named("b").problem is None
    assert "is not a file" in str(found.problems[0])


def test_a_file_that_cannot_be_opened_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(f"[b]\n{KEYS}")
    # Longer than a path may be: nobody can open it, root included.
    found = load({"AWS_CONFIG_FILE": "/" + "x" * 5000}, tmp_path)
    assert [profile.name for profile in found] == ["b"]
    assert "can't be read" in str(found.problems[0])


def test_text_that_is_not_utf8_names_its_line_and_breaks_every_profile(bare: Machine) -> None:
    path = bare.home / "config"
    path.write_bytes(b"[profile a]\nregion = x\n[profile b]\nregion = \xff\n")
    bare.patch.setenv("AWS_CONFIG_FILE", str(path))
    found = load()
    assert [profile.name for profile in found] == ["a", "b"]
    (problem,) = found.problems
    assert str(problem) == f"{path}:4: AWS tools refuse this file: it is not UTF-8 text."
    assert all(profile.problem == problem for profile in found)


@given(config=st.binary(max_size=200), credentials=st.binary(max_size=60))
def test_no_bytes_make_it_raise(
    tmp_path_factory: pytest.TempPathFactory, config: bytes, credentials: bytes
) -> None:
    home = tmp_path_factory.getbasetemp() / "fuzzed-home"
    (home / ".aws").mkdir(parents=True, exist_ok=True)
    (home / ".aws" / "config").write_bytes(config)
    (home / ".aws" / "credentials").write_bytes(credentials)
    found = load({}, home)
    assert len({profile.name for profile in found}) == len(found)
