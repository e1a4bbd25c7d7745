"""Foreign text on a terminal: what could drive it is made visible; secrets are taken out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.safetext import Secret, clean, redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße 字 🎉", "Grüße 字 🎉"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]52;c;x\x07", "␛]52;c;x␇"),
        ("a\x7fb", "a␡b"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ufeffbom", "\\ufeffbom"),
        ("\ud800", "\\ud800"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("two\nlines", "two␊lines"),
    ],
)
def test_what_could_drive_a_terminal_is_made_visible(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_line_breaks_stay_where_asked() -> None:
    assert clean("two\nlines\x1b", keep="\n") == "two\nlines␛"


@given(st.text(st.characters(), max_size=50))
def test_nothing_invisible_is_ever_left(text: str) -> None:
    for char in clean(text):
        assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(st.text(st.characters(), max_size=50))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("?X-Amz-Signature=deadbeef&x=1", "deadbeef"),
        ("X-Amz-Security-Token=IQoJb3JpZ2lu%2Babc", "IQoJb3JpZ2lu"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
        ('{"SecretAccessKey": "abc/def"}', "abc/def"),
        ("AKIAIOSFODNN7EXAMPLE", "NN7EXAMPLE"),
        ("ALTER ROLE x PASSWORD 'hunter2'", "hunter2"),
        ("CREATE USER u IDENTIFIED BY 'hunter2'", "hunter2"),
        ("IDENTIFIED BY PASSWORD '*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9'", "6BB4837E"),
        ("postgresql://me:hunter2@host/db", "hunter2"),
        ("PGPASSWORD=hunter2 psql", "hunter2"),
        ("/federation?Action=login&SigninToken=abcdef", "abcdef"),
        ("?Action=getSigninToken&Session=%7B%22sessionId%22%3A%22ASIAX", "sessionId"),
    ],
)
def test_secrets_are_taken_out_of_texts(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert "***" in redact(text)


def test_what_every_iam_user_is_identified_by_is_no_secret() -> None:
    made = "CREATE USER u IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS';"
    assert redact(made) == made


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r}"
    assert secret.reveal() == "hunter2"
