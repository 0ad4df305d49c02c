"""Processes of dask, one of which is killed while they study."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from distributed import Client


@contextlib.contextmanager
def one_is_killed(n_workers: int) -> Iterator[tuple[Client, Callable[[str, int, int], None], list[int]]]:
    """A client, a listener to progress that kills the first worker after two parts, and whom it has killed."""
    distributed = pytest.importorskip("distributed")
    killed: list[int] = []
    with (
        distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as here,
        distributed.Client(here) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def kill(what: str, done: int, _n: int) -> None:
            if what == "parts" and done == 2 and not killed:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        yield client, kill, killed
