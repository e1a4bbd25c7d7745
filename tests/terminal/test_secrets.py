"""What a whole tour leaves behind: no key, no token, no password, and nothing others could read."""

from __future__ import annotations

import json
from pathlib import Path

from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Run

PASSWORD = "hunter2-correct-horse"
KEPT_BY_DESIGN = (".aws/cli/cache", ".aws/sso/cache")


def test_a_tour_leaves_no_secret_behind_and_nothing_open_to_others(
    run: Run, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    terminal = run(**sandbox.wait_ready())
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press(f"ALTER ROLE app_oncall PASSWORD '{PASSWORD}'")
    terminal.wait_for("PASSWORD")
    terminal.press("f5")
    terminal.wait_for("read-only")
    process = Path(f"/proc/{terminal.pid}")
    outside = process.joinpath("cmdline").read_bytes() + process.joinpath("environ").read_bytes()
    terminal.press("f7")
    terminal.wait_for("List of role grants")
    terminal.press("f7")
    terminal.wait_for("roles ×")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0

    files = [path for path in home.rglob("*") if path.is_file()]
    cached = [path for path in files if str(path.relative_to(home)).startswith(KEPT_BY_DESIGN)]
    secrets = [PASSWORD, "X-Amz-Signature="]
    for path in cached:
        keys = json.loads(path.read_text()).get("Credentials", {})
        secrets += [keys[name] for name in ("SecretAccessKey", "SessionToken") if name in keys]
    assert len(secrets) > 2, "the tour used no session"
    for path in files:
        assert path.stat().st_mode & 0o077 == 0, path
    for path in {path.parent for path in files}:
        assert path == home or path.stat().st_mode & 0o022 == 0, path
    left = {path: path.read_bytes() for path in files if path not in cached}
    assert any(path.name == "history.jsonl" for path in left)
    assert any(path.name == "audit.jsonl" for path in left)
    for secret in secrets:
        found = [str(path) for path, text in left.items() if secret.encode() in text]
        assert not found, found
        assert secret.encode() not in outside
    for secret in secrets[1:]:
        assert secret.encode() not in terminal.raw


def test_the_demo_leaves_nothing_in_the_home(run: Run, tmp_path: Path) -> None:
    terminal = run("demo")
    terminal.wait_for("BOOKMARKS", "engineer")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press("SELECT 4711 AS answer")
    terminal.wait_for("4711")
    terminal.press("f5")
    terminal.wait_for("1 row")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []
