"""Who is to blame, and the report."""

from __future__ import annotations

import pytest

from rolebrowser.check import Status
from rolebrowser.doctor import Cause, CheckName, Diagnosis, Finding
from rolebrowser.doctor.causes import of_login
from rolebrowser.doctor.finding import TITLES, failed, headline, likely, markdown, passed, unknown
from rolebrowser.errors import LoginRefused


def bad(check: CheckName, cause: Cause, fix: str = "do it") -> Finding:
    return failed(check, cause, "seen", fix)


def test_nothing_failed_means_nobody_is_to_blame() -> None:
    found = (passed(CheckName.DNS, "there"), unknown(CheckName.POLICY, "not readable"))
    assert likely(found) is None
    healthy = Diagnosis("orders", found)
    assert healthy.healthy
    assert headline(healthy) == "Nothing stands in the way of orders (1 could not be told)."


def test_the_first_obstacle_on_the_road_is_to_blame() -> None:
    policy, tcp = bad(CheckName.POLICY, Cause.POLICY), bad(CheckName.TCP, Cause.TIMEOUT)
    assert likely((policy, tcp)) == tcp


def test_a_clock_that_is_off_explains_credentials_that_look_bad() -> None:
    keys, clock = bad(CheckName.CREDENTIALS, Cause.KEYS), bad(CheckName.CLOCK, Cause.CLOCK)
    assert likely((keys, clock)) == clock


def test_a_vague_refusal_is_explained_by_whatever_else_fails() -> None:
    login, policy = bad(CheckName.LOGIN, Cause.IAM_REFUSED), bad(CheckName.POLICY, Cause.POLICY)
    assert likely((login, policy)) == policy
    assert likely((login,)) == login


def test_a_servers_clear_word_goes_before_what_policies_seem_to_say() -> None:
    login, policy = bad(CheckName.LOGIN, Cause.FULL), bad(CheckName.POLICY, Cause.POLICY)
    assert likely((policy, login)) == login


def test_every_cause_has_a_title() -> None:
    assert set(TITLES) == set(Cause)


def test_the_report_keeps_its_shape_and_no_secret() -> None:
    found = failed(
        CheckName.LOGIN,
        Cause.OTHER,
        "a | b\nc postgresql://u:hunter2@h/d",
        "``` evil\nANTHER_LINE X-Amz-Security-Token=FwoGZXIvYXdzEAAaD",
    )
    report = markdown(Diagnosis("x | y", (found, Finding(CheckName.USER, Status.SKIP))))
    table = [line for line in report.splitlines() if line.startswith("| login")]
    assert table == ["| login | fail | a \\| b c postgresql://u:***@h/d |"]
    assert "hunter2" not in report
    assert "FwoGZXIvYXdzEAAaD" not in report
    assert "    ``` evil" in report


def test_what_a_vague_refusal_guesses_at_is_no_advice_where_something_else_explains_it() -> None:
    guess = bad(CheckName.LOGIN, Cause.IAM_REFUSED, "add a statement")
    limit = bad(CheckName.POLICY, Cause.ORGANISATION, "ask for the boundary")
    user = unknown(CheckName.USER, "no way in", "name a bookmark")
    assert Diagnosis("x", (guess, limit, user)).advice == (limit, user)
    assert Diagnosis("x", (guess, user)).advice == (guess, user)
    assert "add a statement" not in markdown(Diagnosis("x", (guess, limit)))


@pytest.mark.parametrize(
    ("fix", "paste"),
    [
        ("As the master user: GRANT rds_iam TO x;", "GRANT rds_iam TO x;"),
        ("Turn it on: aws rds modify-db-instance --x", "aws rds modify-db-instance --x"),
        ('Its policies must allow:\n{"Effect": "Allow"}', '{"Effect": "Allow"}'),
        ("Ask who runs the instance: it must be restarted.", ""),
        ("GRANT a: b", ""),
    ],
)
def test_what_is_pasted_has_no_words_before_it(fix: str, paste: str) -> None:
    assert bad(CheckName.USER, Cause.NO_USER, fix).paste == (paste or fix)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ('role "me" does not exist', Cause.NO_USER),
        ('role "the database" does not exist', Cause.NO_USER),
        ('database "role" does not exist', Cause.NO_DBNAME),
    ],
)
def test_who_is_missing_is_the_one_the_server_names(words: str, cause: Cause) -> None:
    refused = LoginRefused("The login was refused by the database.", why=words, code="28000")
    assert of_login(refused) is cause
