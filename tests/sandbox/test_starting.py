"""A sandbox that can't start says why, and ends as a program does."""

from __future__ import annotations

import subprocess
import sys

WITHOUT_MOTO = (
    "import sys; sys.modules['moto'] = None\n"
    "from rolebrowser.sandbox.__main__ import serve\n"
    "sys.exit(serve(parent_pipe=True))"
)


def test_without_the_demo_extra_it_ends_with_a_sentence_while_its_parent_lives() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_MOTO],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.wait(60) == 1  # its standard input, the parent's pipe, is still open
        assert process.stderr is not None
        said = process.stderr.read()
    assert "pip install 'rolebrowser[demo]'" in said
    assert "Fatal" not in said
