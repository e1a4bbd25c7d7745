"""The import direction, and what may not be loaded before the first paint."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "rolebrowser"
PURE = (
    "check.py",
    "connection/client_command.py",
    "connection/caution.py",
    "connection/describe_footers.py",
    "connection/csv_lines.py",
    "connection/encode.py",
    "connection/catalog.py",
    "connection/catalog_questions.py",
    "connection/completion.py",
    "connection/completion_context.py",
    "connection/completion_match.py",
    "connection/completion_outputs.py",
    "connection/completion_scan.py",
    "connection/completion_wants.py",
    "connection/completion_words.py",
    "connection/patterns.py",
    "connection/plan.py",
    "connection/plan_iterators.py",
    "connection/plan_mysql.py",
    "connection/plan_postgres.py",
    "connection/plan_text.py",
    "connection/protocol.py",
    "connection/psql.py",
    "connection/statements.py",
    "database/describe.py",
    "database/login_advice.py",
    "database/login_rights.py",
    "database/model.py",
    "database/usable.py",
    "database/users.py",
    "doctor/causes.py",
    "doctor/finding.py",
    "grants/acl.py",
    "grants/answers.py",
    "grants/audience.py",
    "grants/bitset.py",
    "grants/changes.py",
    "grants/compare.py",
    "grants/entitled.py",
    "grants/explain.py",
    "grants/facts.py",
    "grants/fix.py",
    "grants/holders.py",
    "grants/joining.py",
    "grants/listing.py",
    "grants/matrix.py",
    "grants/membership.py",
    "grants/model.py",
    "connection/names.py",
    "grants/mysql/compare.py",
    "grants/mysql/entitled.py",
    "grants/mysql/explain.py",
    "grants/mysql/facts.py",
    "grants/mysql/fix.py",
    "grants/mysql/listing.py",
    "grants/mysql/matching.py",
    "grants/mysql/model.py",
    "grants/mysql/operations.py",
    "grants/mysql/own.py",
    "grants/mysql/privileges.py",
    "grants/mysql/question.py",
    "grants/mysql/rows.py",
    "grants/mysql/sessions.py",
    "grants/mysql/shown.py",
    "grants/mysql/standing.py",
    "grants/operations.py",
    "grants/paths.py",
    "grants/picture.py",
    "grants/portrait.py",
    "grants/privileges.py",
    "grants/question.py",
    "grants/relation_names.py",
    "grants/report.py",
    "grants/signatures.py",
    "grants/survey.py",
    "identity/chains.py",
    "identity/durations.py",
    "identity/handout.py",
    "identity/model.py",
    "identity/policy.py",
    "identity/policy_case.py",
    "identity/policy_condition.py",
    "identity/policy_document.py",
    "identity/policy_gates.py",
    "identity/policy_match.py",
    "identity/policy_pattern.py",
    "identity/policy_principal.py",
    "identity/policy_request.py",
    "identity/production.py",
    "identity/profiles.py",
    "identity/sections.py",
    "identity/sessions.py",
    "identity/authorization_details.py",
    "identity/trust.py",
    "identity/supplies.py",
    "identity/truth.py",
    "identity/why.py",
    "identity/why_lines.py",
    "connection/mysql_wire.py",
    "sandbox/signature.py",
    "sandbox/token_check.py",
    "route.py",
    "database/tunnel_words.py",
    "target.py",
    "tui/cell_text.py",
    "tui/cells.py",
    "fuzzy.py",
    "tui/line.py",
    "tui/matrix_cells.py",
    "tui/rows/connected.py",
    "tui/rows/context.py",
    "tui/rows/sections.py",
)
IMPURE = {
    "boto3", "botocore", "moto", "os", "pathlib", "psycopg", "pymysql", "requests", "socket",
    "subprocess", "textual", "threading", "time", "urllib.request",
}  # fmt: skip


def test_the_layers_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(lint)], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_nothing_that_does_io(name: str) -> None:
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {each for each in imported if each in IMPURE or each.split(".")[0] in IMPURE}


def _loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


HEAVY = {"boto3", "botocore", "psycopg", "pymysql", "moto"}


def test_the_ui_loads_no_driver_and_no_aws_before_the_first_paint() -> None:
    assert not HEAVY & _loaded_by("import rolebrowser.tui.app")


@pytest.mark.parametrize("command", ["--help", "profiles"])
def test_a_plain_command_loads_neither_the_ui_nor_a_driver(command: str) -> None:
    code = f"from rolebrowser.cli.main import run\nrun(['{command}'])"
    assert not (HEAVY | {"textual", "rich"}) & _loaded_by(code)


def test_no_file_grows_past_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in PACKAGE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert not long
