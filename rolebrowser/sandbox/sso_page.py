"""The page on which a person approves a device's login. No log-in of its own: this is a demo."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qsl

from rolebrowser.sandbox.wire import Answer, Request
from rolebrowser.sandbox.world_sso import SSO_USER

_FRAME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in</title>
<style>body{{font:1.1rem sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
code{{font-size:1.6rem}}button,input{{font-size:1.1rem;padding:.4rem 1rem;margin-right:1rem}}
</style>{}</html>"""


def device_page(
    request: Request,
    waiting: Callable[[str], bool],
    decide: Callable[[str, str], bool],
) -> Answer:
    """`/device`: asks for the code, then for a decision, then says what became of it.

    Args:
        waiting: whether a code is known and undecided.
        decide: (code, "approve" or "deny").
    """
    if request.method == "POST":
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        decision = form.get("decision", "")
        if decision in ("approve", "deny") and decide(form.get("user_code", "").upper(), decision):
            word = "approved" if decision == "approve" else "denied"
            return _page(200, f"<h1>Request {word}</h1><p>You can close this page.</p>")
        return _page(400, "<h1>There is no such request</h1>")
    code = request.query.get("user_code", "").strip().upper()
    if waiting(code):
        return _page(
            200,
            f"<h1>Allow access?</h1><p>A program asks to act as {escape(SSO_USER)}. Does it show "
            f'this code?</p><p><code>{escape(code)}</code></p><form method="post">'
            f'<input type="hidden" name="user_code" value="{escape(code)}">'
            '<button name="decision" value="approve">Allow</button>'
            '<button name="decision" value="deny">Deny</button></form>',
        )
    wrong = "<p>That code is not waiting for anybody.</p>" if code else ""
    return _page(
        400 if code else 200,
        f'<h1>Enter the code</h1>{wrong}<form><input name="user_code" autofocus>'
        "<button>Next</button></form>",
    )


def _page(status: int, inner: str) -> Answer:
    return Answer(status, _FRAME.format(inner).encode(), "text/html; charset=utf-8")
