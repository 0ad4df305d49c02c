"""Work on numpy arrays in chunks, on all cores: numpy lets other threads run while it computes."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

Part = TypeVar("Part")
Result = TypeVar("Result")

LARGEST_KEPT = 1 << 25  # bytes; glibc goes no further
_threads = os.cpu_count() or 1
_watcher: Callable[[int, int], None] | None = None


def use_threads(n: int) -> None:
    """Let the work of this process take no more than `n` cores: where it is one of several on its machine."""
    global _threads  # noqa: PLW0603  # a fact of the process
    _threads = n


def in_order(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Results of `work` on `parts`, in their order: so every sum over them is the same on any number of cores."""
    _keep_freed_memory()
    parts = list(parts)
    if len(parts) == 1 or _threads == 1:  # to start threads takes longer than most of what they would do
        yield from _counted(map(work, parts), len(parts))
        return
    with ThreadPoolExecutor(_threads) as pool:
        yield from _counted(pool.map(work, parts), len(parts))


def watch(say: Callable[[int, int], None] | None) -> None:
    """Let `say` be told how many parts of how many are done, of whatever has several; None for nobody."""
    global _watcher  # noqa: PLW0603  # a fact of the process
    _watcher = say


def _counted(results: Iterable[Result], total: int) -> Iterator[Result]:
    _tell(0, total)
    for done, result in enumerate(results, 1):
        _tell(done, total)
        yield result


def _tell(done: int, total: int) -> None:
    if _watcher is not None and total > 1 and threading.current_thread() is threading.main_thread():
        _watcher(done, total)


@functools.cache
def _keep_freed_memory() -> None:
    """Let the allocator keep what is freed, as it does once it has seen an array of this size come and go.

    Until then the C library gives every temporary array back to the system and has its pages zeroed again for the
    next one, which takes a third of the time of a chunk. Nothing is written here, so nothing is used.
    """
    np.empty(LARGEST_KEPT - (1 << 16), dtype=np.uint8)
