"""Studies of a pass by the workers of a cluster, where the settings name one and there are enough; else here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from eventstudy.errors import InputError, NumbersDisagree, without_secrets
from eventstudy.store.ledger import Run
from eventstudy.study.event import Request
from eventstudy.study.results import EventResult
from eventstudy.study.spread.workers import Workers, workers

FEWEST = 64  # requests that are worth the way to a cluster
A_WORKER = 2  # pieces, so that none waits long for another

Found = list[EventResult | NumbersDisagree]
Work = Callable[[Sequence[Request]], Found]


def here(work: Work, requests: Sequence[Request]) -> Found:
    """What `work` gives, by this process."""
    return work(requests)


class Studies:
    """Calls a function where the settings say, and here once a cluster has failed: the numbers are the same.

    Parameters
    ----------
    cluster : str or None
        As of the settings; reached when it is first needed.
    record : Run
        Told that a cluster failed, or works again.
    """

    def __init__(self, cluster: str | None, record: Run) -> None:
        self._cluster, self._record = cluster, record
        self._open = ExitStack()
        self._workers: Workers | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def __call__(self, work: Work, requests: Sequence[Request]) -> Found:
        """Results in the order of `requests`; none depends on what else `work` is given."""
        if self._cluster is None or len(requests) < FEWEST:
            return work(requests)
        shown = without_secrets(self._cluster)
        try:
            found = self._spread(work, requests)
        except Exception as error:  # noqa: BLE001  # of the cluster; what is wrong with an event comes again here
            found = work(requests)
            said = error.problem if isinstance(error, InputError) else str(error).partition("\n")[0]
            said = said or type(error).__name__
            self._record.note("cluster", shown, "failed", f"{said}; studied in this process, with the same numbers")
            self._cluster = None
            return found
        self._record.note_good("cluster", shown)
        return found

    def _spread(self, work: Work, requests: Sequence[Request]) -> Found:
        """A run of the requests for each call."""
        if self._workers is None:
            self._workers = self._open.enter_context(workers(self._cluster))
        size = -(-len(requests) // (A_WORKER * self._workers.n))
        runs = [requests[first : first + size] for first in range(0, len(requests), size)]
        sent = [self._workers.submit(work, run) for run in runs]
        return [result for found in self._workers.gather("studies", sent) for result in found]
