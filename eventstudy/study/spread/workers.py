"""Who does the work: this process, or the workers of a cluster of dask."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from eventstudy.config.cluster_names import LOCAL, named
from eventstudy.errors import DataError, without_secrets
from eventstudy.parallel import use_threads
from eventstudy.study.spread.saved import Kept

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 10  # seconds that a scheduler has to answer
WHERE = "cluster"

Progress = Callable[[str, int, int], None]  # what is done, how many of them, of how many


class Workers(Protocol):
    """A place where functions are called; what they give may stay there, to be handed to the next."""

    n: int

    def submit(self, work: Callable[..., Any], *parts: Any) -> Any:
        """What `work` will give of `parts`, some of which may be such results themselves, or lists of them."""
        ...

    def submit_later(self, work: Callable[..., Any], *parts: Any) -> Any:
        """The same, when nothing that was submitted waits."""
        ...

    def gather(self, what: str, results: Sequence[Any]) -> list[Any]:
        """The results, in their order; `what` they are is told to who waits."""
        ...


class Here:
    """The process that asks, one thing after the other."""

    n = 1

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress

    def submit(self, work: Callable[..., Any], *parts: Any) -> Any:
        """Call it at once."""
        return work(*map(_read, parts))

    submit_later = submit

    def gather(self, what: str, results: Sequence[Any]) -> list[Any]:
        """They are there."""
        if self._progress is not None:
            self._progress(what, len(results), len(results))
        return list(results)


class Dask:
    """The workers of a cluster of dask: one that dies is replaced, and what it had is made again."""

    def __init__(self, client: Client, progress: Progress | None = None) -> None:
        self._client, self._progress = client, progress
        self.n = len(client.scheduler_info(n_workers=-1)["workers"])

    def submit(self, work: Callable[..., Any], *parts: Any) -> Any:
        """Call it where dask sees fit: where its biggest part is."""
        return self._submitted(0, work, *parts)

    def submit_later(self, work: Callable[..., Any], *parts: Any) -> Any:
        """Call it behind all else."""
        return self._submitted(-1, work, *parts)

    def _submitted(self, priority: int, work: Callable[..., Any], *parts: Any) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")  # what is sent is needed there
            return self._client.submit(_alone, work, *parts, pure=False, priority=priority)

    def gather(self, what: str, results: Sequence[Any]) -> list[Any]:
        """Wait for them."""
        from distributed import as_completed

        if self._progress is not None:
            for done, _ in enumerate(as_completed(results), 1):  # type: ignore[no-untyped-call]
                self._progress(what, done, len(results))
        found: list[Any] = self._client.gather(list(results))  # type: ignore[no-untyped-call]
        return found


def count_of(cluster: str | None) -> int:
    """How many workers there are, without starting any.

    Raises
    ------
    DataError
        When the scheduler cannot be reached.
    """
    local = LOCAL.fullmatch(cluster or "")
    if local:
        return int(local[1])
    with workers(cluster) as found:
        return found.n


def _alone(work: Callable[..., Any], *parts: Any) -> Any:
    """Call `work` in a process that has neighbours."""
    use_threads(1)
    return work(*map(_read, parts))


def _read(part: Any) -> Any:
    """A part itself, where it is in its file."""
    return part.read() if isinstance(part, Kept) else part


@contextlib.contextmanager
def workers(cluster: str | Client | None, progress: Progress | None = None) -> Iterator[Workers]:
    """Workers as they are named: none, ``local:N``, the address of a scheduler, or a client of dask.

    Raises
    ------
    InputError
        When the name is none of these.
    DataError
        When dask is not installed, or the scheduler cannot be reached.
    """
    if cluster is None:
        yield Here(progress)
        return
    if not isinstance(cluster, str):
        yield Dask(cluster, progress)
        return
    local = LOCAL.fullmatch(named(cluster))
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise DataError(
            "a cluster needs dask, which is not installed",
            where=WHERE,
            value=cluster,
            remedy='pip install "eventstudy-service[cluster]"',
        ) from None
    if local:
        with (
            LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=int(local[1]),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs="ERROR",
            ) as here,
            Client(here) as client,  # type: ignore[no-untyped-call]
        ):
            yield Dask(client, progress)
        return
    try:
        client = Client(cluster, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        # dask names the address without the sign that shows it to be one
        said = _first_line(error).replace(cluster.partition("://")[2], without_secrets(cluster).partition("://")[2])
        raise DataError(
            "the scheduler cannot be reached",
            where=WHERE,
            value=cluster,
            remedy=f"start one with `dask scheduler` and workers with `dask worker` ({said})",
        ) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise DataError(
                "the scheduler has no workers", where=WHERE, value=cluster, remedy=f"start some: dask worker {cluster}"
            )
        yield Dask(client, progress)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
