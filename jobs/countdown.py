"""How far long work is, and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable

SOON = 5.0  # seconds of work before a guess is worth a word


class Countdown:
    """Tells each of a number of steps as it begins: ``12/300 Title, about 4 min left``.

    Parameters
    ----------
    talk : callable
        Where the words go.
    total : int
        Steps in all.
    clock : callable
        Seconds that never run backwards, whatever the clock on the wall does.
    """

    def __init__(self, talk: Callable[[str], None], total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._talk, self._total, self._clock = talk, total, clock
        self._begun, self._done = clock(), 0

    def step(self, words: str, done: int | None = None) -> None:
        """Say that the next step begins; `done` where steps before it needed no word."""
        if done is not None:
            self._done = done
        self._talk(f"{self._done + 1}/{self._total} {words}{self._left()}")
        self._done += 1

    def _left(self) -> str:
        spent = self._clock() - self._begun
        if not self._done or spent < SOON:
            return ""
        seconds = spent / self._done * (self._total - self._done)
        return f", about {seconds:.0f} s left" if seconds < 90 else f", about {seconds / 60:.0f} min left"
