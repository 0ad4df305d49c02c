"""Signals that ask a pass to stop after the unit of work at hand."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def on_stop(ask: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Call `ask` on SIGTERM, SIGINT and SIGHUP; a SIGHUP that was ignored at the start, as by nohup, stays ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        del before[signal.SIGHUP]
    for number in before:
        signal.signal(number, lambda got, _frame: ask(signal.Signals(got)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
