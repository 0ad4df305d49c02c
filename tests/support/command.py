"""The command line, called in this process: what it printed, and its exit code."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import io
from typing import Any

from eventstudy.cli import main


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


def eventstudy(*arguments: Any) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as done:
            code = done.code
        finally:
            gc.enable()  # this process goes on, and what errors hold of databases adds up
    assert isinstance(code, int)
    return Done(code=code, out=out.getvalue(), err=err.getvalue())
