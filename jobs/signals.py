"""Signals that ask a pass to stop after the unit of work at hand."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

STDERR = 2


@contextlib.contextmanager
def on_stop() -> Iterator[threading.Event]:
    """A flag that SIGTERM, SIGINT and SIGHUP set; a SIGHUP that was ignored at the start, as by nohup, stays ignored.

    To be entered before slow libraries are loaded: a signal that comes earlier ends the process at once.
    """
    stop = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if not stop.is_set():
            with contextlib.suppress(OSError):  # not through sys.stderr, which may be writing just now
                os.write(STDERR, f"{signal.Signals(number).name}: finishing the event at hand\n".encode())
        stop.set()

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        del before[signal.SIGHUP]
    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
