"""config.toml: what is read, what is refused with which line; `rolebrowser config`."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser import config
from rolebrowser.config_lines import line_of, lines
from rolebrowser.errors import ConfigError

PATH = Path("/etc/rolebrowser.toml")


def test_every_key_of_the_schema_can_be_set() -> None:
    read = config.parse(
        """
read_only = false
theme = "textual-light"
ca_bundle = "/ca.pem"
proxy_ca_bundle = "system"
page_rows = 50
audit_log = false
aws_dir = "/a"
state_dir = "/s"
cache_dir = "/c"
[timeouts]
aws = 1
connect = 2
route = 3
statement = 0
idle_in_transaction = 5.5
[guard]
patterns = ["live-*"]
accounts = ["333333333333"]
except_patterns = []
[keymap]
"browser.refresh" = "ctrl+y"
sql.run = "f8"
[[routes]]
endpoint = "*.rds.amazonaws.com"
address = "127.0.0.1"
[[bookmarks]]
name = "orders"
database = "orders-production"
guarded = true
""",
        PATH,
    )
    assert not read.read_only
    assert read.timeouts.statement == 0
    assert read.guard.covers("live-1")
    assert dict(read.keymap) == {"browser.refresh": "ctrl+y", "sql.run": "f8"}
    assert read.bookmark("1") is read.bookmark("orders")
    assert read.routes[0].address == "127.0.0.1"
    assert read.path == PATH


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("page_row = 5\n", ":1: the key 'page_row' is not known.", "Did you mean 'page_rows'?"),
        ("\n[timeout]\naws = 1\n", ":2: the key 'timeout' is not known.", "'timeouts'"),
        ("[guard]\n\npattern = []\n", ":3: the key 'guard.pattern' is not known.", "'patterns'"),
        ("page_rows = 0\n", ":1: the key 'page_rows' must be a whole number", ""),
        ("read_only = 1\n", ":1: the key 'read_only' must be true or false, not 1.", ""),
        ("[timeouts]\naws = -1\n", ":2: the key 'timeouts.aws' must be seconds", ""),
        (
            "[timeouts]\naws = 5\ncredential_process = 0\n",
            ":3: the key 'timeouts.credential_process' must be more than 0 seconds",
            "",
        ),
        ("timeouts = { aws = 0.0 }\n", ":1: the key 'timeouts.aws' must be more than 0", ""),
        ("[timeouts]\nroute = 0\n", ":2: the key 'timeouts.route' must be more than 0", ""),
        ("timeouts = 3\n", ":1: the key 'timeouts' must be a table: [timeouts].", ""),
        ("bookmarks = 3\n", ":1: the key 'bookmarks' must be a list of tables", ""),
        (
            '[[bookmarks]]\nname = "a"\ndatabase = "b"\n[[bookmarks]]\nname = "c"\nuser = 5\n',
            ":6: the key 'bookmarks.user' must be a string, not 5.",
            "",
        ),
        (
            '[[bookmarks]]\nname = "a"\ndatabase = "b"\n\n[[bookmarks]]\nname = "c"\n',
            ":5: the key 'bookmarks' needs a name, and a database or a url.",
            "",
        ),
        ("[keymap]\nbrowser.refresh = 3\n", ":2: the key 'keymap.browser.refresh' must be", ""),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, said: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, PATH)
    assert f"{PATH}{said}" in caught.value.what
    assert fix in caught.value.fix


def test_what_is_not_toml_is_said_with_the_line() -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse("read_only = true\ntheme = oops\n", PATH)
    assert "line 2" in caught.value.why


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="doesn't exist"):
        config.load({"ROLEBROWSER_CONFIG": str(tmp_path / "none.toml")})


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with contextlib.suppress(ConfigError):
        config.parse(text, PATH)


_VALUE = st.sampled_from(["1", '"x"', "true", "[]", "{}", "{ a = 1 }", "1979-05-27"])
_KEY = st.sampled_from(
    ["read_only", "theme", "timeouts", "guard", "routes", "bookmarks", "keymap", '"a.b"', "name"]
)


@given(
    st.lists(
        st.one_of(
            st.tuples(_KEY, _VALUE).map(lambda pair: f"{pair[0]} = {pair[1]}"),
            _KEY.map(lambda key: f"[{key}]"),
            _KEY.map(lambda key: f"[[{key}]]"),
        ),
        max_size=8,
    ).map("\n".join)
)
def test_any_toml_is_read_or_refused_with_a_sentence(text: str) -> None:
    with contextlib.suppress(ConfigError):
        config.parse(text, PATH)


def test_lines_of_two_alike_are_told_apart() -> None:
    text = '[[b]]\nname = "1"\n[[b]]\nx = """\nname = 2\n"""\nname = "2" # 3\n[c.d]\n"e.f" = 1\n'
    found = lines(text)
    assert found["b", 0, "name"] == 2
    assert found["b", 1, "name"] == 7
    assert found["c", "d", "e.f"] == 9
    assert line_of(("b", 1, "y", "z"), found) == 3
    assert line_of(("q",), found) == 0


def test_the_command_says_what_holds_and_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rolebrowser.cli.main import run

    path = tmp_path / "config.toml"
    path.write_text('theme = "x"\n[guard]\n\naccounts = ["1"]\n[[bookmarks]]\nname="a"\nurl="u"\n')
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert run(["config", "--json"]) == 0
    said = {each["key"]: each for each in json.loads(capsys.readouterr().out)}
    assert said["theme"]["source"] == f"{path}:1"
    assert said["guard.accounts"] == {
        "key": "guard.accounts",
        "value": ["1"],
        "source": f"{path}:4",
        "help": "Account ids: production.",
    }
    assert said["bookmarks.1"]["source"] == f"{path}:5"
    assert said["timeouts.aws"]["source"] == "default"
    assert said["state_dir"]["source"] == "environment XDG_STATE_HOME"


PASTED = """theme = "a \\u001b \\" # b"
[keymap]
"browser.refresh" = "f5"
[guard]
accounts = ["111111111111"]
patterns = []
[[routes]]
endpoint = "*.x"
command = ["tunnel", "{host}"]
[[bookmarks]]
name = "one"
profile = "p"
database = "d"
guarded = false
[[bookmarks]]
name = "two"
url = "postgresql://h/d"
"""


@pytest.mark.parametrize("text", ["", PASTED])
def test_what_the_command_prints_is_a_config_that_says_the_same(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rolebrowser.cli.main import run

    path = tmp_path / "config.toml"
    path.write_text(text)
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(path))
    assert run(["config"]) == 0
    printed = capsys.readouterr().out
    assert config.parse(printed, path) == config.load()
    if text:
        assert f"  # {path}:3\n" in printed
        assert f"[[bookmarks]]  # {path}:10\n" in printed
    assert "page_rows = 500" in printed
    assert "# default" in printed
