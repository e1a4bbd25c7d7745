"""Files of ours and of the AWS CLI's that somebody, or a torn disk, has spoilt: never an exception,
and what is kept next is kept."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolebrowser import bookmarks, config, queries
from rolebrowser.database.remembered import Remembered
from rolebrowser.errors import ConfigError
from rolebrowser.history import FILE, History
from rolebrowser.identity import caches, profiles
from rolebrowser.kept import Kept
from rolebrowser.state import Recents
from rolebrowser.target import Bookmark, Target

from .worlds import DATES, documents, torn

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
TARGET = Target(profile="p", database="d", user="u")
DEEP = b"[" * 5_000


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory; each example writes its own content over the last one's."""
    return tmp_path_factory.mktemp("kept")


_dated = st.fixed_dictionaries(
    {"at": st.sampled_from(DATES) | st.text(max_size=5), "body": st.integers()}
)


@given(torn(("version", "answers", "at", "body"),
            st.fixed_dictionaries({"version": st.just(1),
                                   "answers": st.dictionaries(st.just("k"), _dated)})))  # fmt: skip
@example(DEEP)
def test_kept_answers(room: Path, content: bytes) -> None:
    path = room / "kept.json"
    path.write_bytes(content)
    kept = Kept(path)
    for answer in (kept.recall("k"), *kept.answers()):
        if answer is not None:
            answer.age(NOW)
    kept.keep("new", [1], NOW)
    answer = kept.recall("new")
    assert answer is not None
    assert (answer.body, answer.at) == ([1], NOW)


_DATABASE_KEYS = (
    *("id", "engine", "version", "region", "account", "resource_id", "status", "master_user"),
    *("dbname", "arn", "ca_identifier", "endpoints", "role", "host", "port", "name", "kind"),
    *("iam_auth", "publicly_accessible"),
)


@given(torn(("version", "answers", "k", "at", "body", *_DATABASE_KEYS),
            st.fixed_dictionaries({"version": st.just(1), "answers": st.dictionaries(
                st.just("k"), st.fixed_dictionaries({"at": st.sampled_from(DATES),
                                                     "body": documents(_DATABASE_KEYS)}))}),
            ))  # fmt: skip
@example(DEEP)
def test_remembered_databases(room: Path, content: bytes) -> None:
    (room / "databases.json").write_bytes(content)
    remembered = Remembered(room)
    remembered.recall("k", NOW)
    remembered.latest("d")
    remembered.forget("k")
    assert remembered.recall("k", NOW) is None


_recent = st.fixed_dictionaries(
    {
        "target": documents(("profile", "url", "database")),
        "weight": st.floats() | st.integers() | st.text(max_size=3),
        "last": st.sampled_from(DATES),
    }
)


@given(torn(("version", "recents", "target", "weight", "last"),
            st.fixed_dictionaries({"version": st.just(1),
                                   "recents": st.lists(_recent)})))  # fmt: skip
@example(DEEP)
def test_recents(room: Path, content: bytes) -> None:
    path = room / "recents.json"
    path.write_bytes(content)
    recents = Recents(room)
    recents.ranked(NOW)
    assert recents.opened(TARGET, NOW) == ""
    assert TARGET in {each.target for each in Recents(room).entries}


@given(torn(("time", "database", "statement"),
            st.fixed_dictionaries({"time": st.sampled_from(DATES), "database": st.text(),
                                   "statement": st.text()})))  # fmt: skip
@example(b'{"time": "0001-01-01T00:00:00+14:00", "database": "d", "statement": "s"}')
@example(DEEP)
def test_history(room: Path, content: bytes) -> None:
    path = room / FILE
    path.write_bytes(content + b"\n")
    history = History(room)
    for entry in history.entries():
        assert entry.when is None or entry.when.tzinfo is UTC
    assert history.add(["SELECT 1"], "d", NOW) == ""
    assert history.entries()[0].statement == "SELECT 1"


_CACHE_KEYS = (
    *("Credentials", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "expiresAt"),
    *("accessToken", "refreshToken", "clientId", "clientSecret", "registrationExpiresAt"),
    *("startUrl", "region", "tokenType", "idToken", "dpopKey", "accountId", "ProviderType"),
)


@given(torn(_CACHE_KEYS,
            st.fixed_dictionaries({"Credentials": documents(_CACHE_KEYS)}),
            st.fixed_dictionaries({"accessToken": documents(_CACHE_KEYS),
                                   "expiresAt": st.sampled_from(DATES)})))  # fmt: skip
@example(DEEP)
@example(b'{"Credentials": {"Expiration": "0001-01-01T00:00:00+14:00"}}')
def test_caches_of_the_aws_cli(room: Path, content: bytes) -> None:
    aws_dir = room / "aws"
    for directory in (
        caches.cli_cache(aws_dir),
        caches.sso_cache(aws_dir),
        caches.login_cache(aws_dir, {}),
    ):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "x.json").write_bytes(content)
    caches.read(aws_dir, {}, store="keyring")
    cache = caches.FileCache(caches.cli_cache(aws_dir))
    with contextlib.suppress(KeyError):
        _ = cache["x"]
    _ = cache.ours
    body = {
        "Credentials": {
            "AccessKeyId": "ASIAX",
            "SecretAccessKey": "s",
            "SessionToken": "t",
            "Expiration": "9000-01-01T00:00:00Z",
        }
    }
    cache["x"] = body
    assert cache["x"] is not None


_lines = st.sampled_from(
    (
        *("[default]", "[profile a]", "[profile b]", "[sso-session s]", "[a]", "[services x]"),
        *("role_arn = arn:aws:iam::1:role/R", "role_arn=:::::", "source_profile = a"),
        *("source_profile = b", "credential_source = Environment", "sso_session = s"),
        *("sso_start_url = https://x", "sso_region = ", "credential_process = '", "region = \x85"),
        *("mfa_serial = arn", "duration_seconds = 99999999999999999999", "duration_seconds = x"),
        *("web_identity_token_file = /x", "login_session = y", "aws_access_key_id = AKIA", "s3 ="),
        *("  a = b", "=", "[", "]", "\x00", "\u2028", "[profile 'a b']", '[profile "x]', "# c"),
    )
)
ini = st.one_of(
    st.lists(_lines, max_size=25).map("\n".join),
    st.text(max_size=200),
    st.binary(max_size=100).map(lambda each: each.decode(errors="surrogateescape")),
)


@given(ini, ini)
def test_config_and_credentials_of_aws(config_text: str, credentials_text: str) -> None:
    found = profiles.parse(config_text, credentials_text, environ={"AWS_ACCESS_KEY_ID": "AKIAX"})
    for profile in found.profiles:
        assert found.get(profile.name) is not None
        found.sso(profile)


_toml = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            (
                *("[guard]", "[[bookmarks]]", "[[routes]]", "[keymap]", "[timeouts]", "[a.b]"),
                *('name = "x"', 'database = "d"', 'endpoint = "*"', 'address = "h:99999"'),
                *('address = "[::1]:5"', 'address = ":"', "page_rows = 1e400", "history = -1"),
                *("connect = inf", "aws = nan", 'patterns = ["["]', "accounts = [1]", 'user = ""'),
                *('state_dir = "~nobody/x"', 'ca_bundle = "\\u0000"', "bookmarks = [{}]"),
                *('"browser.refresh" = "ctrl+r"', "d = 1979-05-27T07:32:00Z", "x = 0x" + "f" * 20),
                *('url = "postgresql://a:b@["', 'command = [""]', 'ssm = "i-1"', 'ssh = "-oX"'),
            )
        ),
        max_size=14,
    ).map("\n".join),
)


@given(_toml)
@example("a = " + "[" * 5_000)
@example("page_rows = " + "1" * 5_000)
def test_config_toml_is_read_or_refused_in_a_sentence_and_saved_beside(
    room: Path, text: str
) -> None:
    path = room / "config.toml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    bookmark = Bookmark("kept", TARGET)
    try:
        config.load({"ROLEBROWSER_CONFIG": str(path)})
    except ConfigError:
        before = path.read_bytes()
        with pytest.raises(ConfigError):
            bookmarks.save(path, bookmark)
        assert path.read_bytes() == before
        return
    bookmarks.save(path, bookmark)
    assert bookmark in config.load({"ROLEBROWSER_CONFIG": str(path)}).bookmarks


@given(st.text(), st.text(min_size=1, max_size=20), st.text(max_size=60))
def test_saved_queries(room: Path, text: str, name: str, body: str) -> None:
    path = room / "queries.sql"
    path.write_bytes(text.encode(errors="surrogatepass"))
    kept = queries.Queries(path)
    with contextlib.suppress(ConfigError):
        before = kept.load()
        kept.save(queries.Query(name, body))
        assert len(kept.load()) >= len(before)
    json.dumps(path.read_bytes().decode(errors="replace"))
