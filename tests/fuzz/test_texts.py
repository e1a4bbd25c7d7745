"""Texts from outside: policies, ARNs, URLs, SQL, names for the screen."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from rolebrowser.connection import client_command, effects, url
from rolebrowser.connection.lexer import tokens
from rolebrowser.connection.statements import split, statement_at
from rolebrowser.database import users
from rolebrowser.database.model import Database, DatabaseKind
from rolebrowser.errors import ConfigError, RolebrowserError
from rolebrowser.identity import policy_document, policy_pattern, policy_principal, policy_request
from rolebrowser.safetext import clean, redact
from rolebrowser.state import without_password
from rolebrowser.target import Engine, Target

from .worlds import documents

engines = st.sampled_from(list(Engine))

_POLICY_KEYS = (
    *("Version", "Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Sid"),
    *("Principal", "NotPrincipal", "Condition", "StringEquals", "StringLike", "ArnLike", "AWS"),
    *("Bool", "Null", "IpAddress", "NumericLessThan", "DateGreaterThan", "BinaryEquals", "Id"),
    *("ForAllValues:StringLike", "ForAnyValue:StringEquals", "StringEqualsIfExists", "Service"),
    *("aws:SourceIp", "aws:CurrentTime", "aws:username", "aws:MultiFactorAuthPresent"),
)
_policy_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=10),
    st.sampled_from(
        (
            *("Allow", "Deny", "*", "sts:AssumeRole", "sts:*", "2012-10-17", "arn:aws:iam::1:root"),
            *("${aws:username}", "${", "${a, 'b'}", "10.0.0.0/99", "::/0", "2026-11-24T20:00:00Z"),
            *("0001-01-01T00:00:00+14:00", "1e999", "NaN", "true", "a?*?*?*?*?*?*b", "AAAA==="),
            "9" * 400,
        )
    ),
)
policies = documents(_POLICY_KEYS, _policy_leaves)


@given(policies, documents(_POLICY_KEYS[-4:], _policy_leaves))
def test_no_policy_and_no_context_is_too_strange(policy: Any, context: Any) -> None:
    given_ = {
        "principal": "arn:aws:iam::1:user/alice",
        "action": "sts:AssumeRole",
        "resource": "arn:aws:iam::1:role/R",
        "context": context,
        "identityPolicies": [policy],
        "resourcePolicy": policy,
    }
    with contextlib.suppress(ValueError):
        answer = policy_request.answer(given_)
        assert json.dumps(answer)


@given(st.one_of(st.text(max_size=80), policies.map(json.dumps)))
@example("[" * 5_000)
@example("1" * 5_000)
@example("%FF%")
def test_no_policy_text_makes_the_reader_raise(text: str) -> None:
    policy_document.parse("p", text)


arns = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            (*"a*?:/$", "arn", "aws", "iam", "::", "role/", "assumed-role/", "root", "${", "}")
        ),
        max_size=16,
    ).map("".join),
)


@given(arns, arns)
def test_no_arn_is_too_strange(pattern: str, arn: str) -> None:
    policy_principal.parse(arn)
    policy_pattern.resource(pattern, arn)
    policy_pattern.arn_like(pattern, arn)
    policy_principal.named([("AWS", pattern)], policy_principal.parse(arn))
    users.overlap(pattern, arn)


@given(arns)
def test_a_resource_pattern_leaves_no_user_it_does_not_name(pattern: str) -> None:
    database = Database(
        "d", DatabaseKind.CLUSTER, "postgres", "16", "eu-west-1", "1", "cluster-X", "", True
    )
    for left in users.user_patterns(pattern, database):
        user = left.replace("*", "x").replace("?", "y")
        assert policy_pattern.glob(pattern, users.resource_arn(database, user))


@given(
    st.sampled_from(url.SCHEMES),
    st.lists(
        st.sampled_from((*":/@?#[]%=&,.", "%00", "%zz", "host", "user", "p%3Aw", "5432", "99999",
                         "sslmode=", "ssl-mode=REQUIRED", "password=hush", "port=-1", "\ud800",
                         "\u2460", "\uff0f", "hostaddr=", "::1"))
        | st.text(max_size=4),
        max_size=14,
    ).map("".join),
)  # fmt: skip
@example("postgresql://", ":\u2460")
@example("postgresql://", "%99999")
@example("postgresql://", ":99999")
@example("mysql://", "%00")
def test_a_url_is_understood_or_refused_in_a_sentence(scheme: str, rest: str) -> None:
    text = scheme + rest
    with contextlib.suppress(ConfigError):
        address = url.parse(text, {})
        assert 0 < address.port < 65_536
        assert "\0" not in address.host + address.user + address.dbname
    with contextlib.suppress(RolebrowserError, ValueError):
        url.elsewhere(Target(url=text), "other", "me")


@given(
    st.text("abcXYZ019", min_size=6),
    st.sampled_from(url.SCHEMES),
    st.text("ab.:/?&=@#", max_size=12),
)
@example("SECRET", "mysql://", "[")
def test_no_password_of_a_url_is_kept_or_shown(secret: str, scheme: str, tail: str) -> None:
    secret = f"s3cr3t{secret}"
    text = f"{scheme}me:{secret}@host{tail}"
    assert secret not in without_password(text)
    assert secret not in redact(text)
    assert secret not in refusal(text)


def refusal(text: str) -> str:
    """Why a URL is refused; empty when it isn't."""
    try:
        url.parse(text, {})
    except ConfigError as error:
        return str(error)
    return ""


_SQL = (
    *("'", '"', "`", "$", "$$", "$a$", "--", "/*", "*/", "/*!", "\\", ";", "(", ")", "\n", " "),
    *("E'", "a", "1", "é", "\0", "BEGIN ", "ATOMIC ", "END ", "CASE ", "CREATE ", "FUNCTION "),
    *("DELIMITER ", "//", "\ud800", "''", "\\'", "#", "\\d", "\\g x", "\r", "U&'", "@", ":", "->"),
    *("SELECT ", "DELETE ", "INTO ", "OUTFILE ", "COPY ", "FROM ", "STDIN ", "EXPLAIN ANALYZE "),
)
sql = st.one_of(st.lists(st.sampled_from(_SQL), max_size=30).map("".join), st.text(max_size=80))


def joined(text: str, engine: Engine) -> str:
    """The statements with what lies between them: the whole text again."""
    place, whole = 0, ""
    for statement in split(text, engine):
        assert text[statement.start : statement.end] == statement.text
        assert place <= statement.start <= statement.end
        whole += text[place : statement.start] + statement.text
        place = statement.end
    return whole + text[place:]


@given(sql, engines)
def test_statements_and_what_lies_between_them_are_the_text(text: str, engine: Engine) -> None:
    assert "".join(token.text for token in tokens(text, engine)) == text
    assert joined(text, engine) == text


@given(sql, engines, st.integers(-3, 100))
def test_nothing_typed_is_too_strange_to_be_looked_at(text: str, engine: Engine, at: int) -> None:
    statement_at(text, at, engine)
    for statement in split(text, engine):
        effects.classify(statement.text, engine)
        with contextlib.suppress(RolebrowserError):
            client_command.client_command(statement.text)
    redact(text)


def bidi_or_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or (
        unicodedata.bidirectional(char)
        in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")
    )


characters = st.text(st.characters(), max_size=40)


@given(characters)
def test_nothing_that_could_drive_a_terminal_comes_through(text: str) -> None:
    shown = clean(text)
    assert not [char for char in shown if bidi_or_control(char)]
    assert clean(shown) == shown
    shown.encode()  # no lone surrogate: whatever writes it can


@given(characters)
def test_what_is_shown_is_as_wide_as_it_is_measured(text: str) -> None:
    shown = clean(text)
    assert cell_len(shown) == sum(cell_len(char) for char in shown)
    # Nothing is lost: where no character was hidden, the text is the same.
    if not [char for char in text if clean(char) != char]:
        assert shown == text


@given(characters, st.sampled_from(["\n", "\n\t"]))
def test_only_what_was_asked_for_stays(text: str, keep: str) -> None:
    left = {char for char in clean(text, keep=keep) if bidi_or_control(char)}
    assert left <= set(keep)
