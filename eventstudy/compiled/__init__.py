"""Inner loops compiled by numba, for studies of very many events; the extra ``[fast]`` brings it.

Without numba, and for fewer events, numpy does the same; sums may then differ in their last digits.
"""

from __future__ import annotations

import functools
import importlib.util
from types import ModuleType

# Loading numba takes a second, and compiling, once per machine, ten; numpy needs that long for this many events.
WORTH = 20_000


def loops(n_events: int) -> ModuleType | None:
    """The compiled loops, where they are worth it and numba is installed; depends on nothing else."""
    return _loops() if n_events >= WORTH else None


@functools.cache
def _loops() -> ModuleType | None:
    if importlib.util.find_spec("numba") is None:
        return None
    try:
        from eventstudy.compiled import kernels
    except RuntimeError:  # numba finds no folder in which it may keep what it compiles
        return None
    return kernels
