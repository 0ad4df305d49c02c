"""The ECB's rates as they are today: its daily file over the network, or the bundled history, and then said so."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from eventstudy.config.sources import SourceConfig
from eventstudy.errors import DataError, MalformedAnswer, NoDataInRange, SourceDown, SourceError
from eventstudy.prices.download import download
from eventstudy.prices.ecb import FACTS, EcbSource, History, bundled, cut, read_history
from eventstudy.prices.ecb_check import problem_of
from eventstudy.prices.source import SourceFacts, check_question
from eventstudy.records import Snapshot
from eventstudy.tables.content import unpack

DAILY_FILE = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEcbSource:
    """As `EcbSource`, with the history of today where there is a network.

    The file is fetched once in the life of the object, which is one pass: all pairs come out of it.

    Attributes
    ----------
    name : str
    url : str
        The zip file, or the CSV inside it.
    timeout : float
        Seconds for one attempt.
    attempts : int
        How often it is tried in all.
    now : callable
        Gives the present UTC instant: a file is old when a fixing is missing that was published by then.
    """

    name: str = "ecb"
    url: str = DAILY_FILE
    timeout: float = 10.0
    attempts: int = 4
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    _held: dict[str, History | SourceError] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def version(self) -> str:
        """Which edition of the history is read."""
        held = self._history()
        return bundled().edition if isinstance(held, SourceError) else held.edition

    @property
    def facts(self) -> SourceFacts:
        """One fixing a day since 1999."""
        return FACTS

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        """Fixings of a pair such as ``EURUSD`` for sessions in [start, end]; see `EcbSource.fetch`.

        Where the ECB cannot be reached, or its file is old, cut, gappy or garbled, the bundled history answers, with a
        note and with the fault.

        Raises
        ------
        UnknownSymbol, NoDataInRange
            As of `EcbSource.fetch`.
        SourceError
            Transient: the ECB cannot be reached, and the bundled history has nothing in the range.
        """
        check_question(self, symbol, start, end, bar)
        held = self._history()
        if isinstance(held, History):
            return cut(held, self.name, symbol, start, end)
        spare = bundled()
        note = f"{held.problem}; the bundled history stood in, which ends on {spare.sessions[-1]}"
        try:
            snapshot = cut(spare, self.name, symbol, start, end)
        except NoDataInRange as error:
            if str(end) <= str(spare.sessions[-1]):
                raise
            raise SourceDown(f"{note}: {error.problem}", source=self.name, symbol=symbol) from held
        fault = type(held)(note, source=self.name, symbol=symbol)
        return replace(snapshot, notes=(*snapshot.notes, note), fault=fault)

    def _history(self) -> History | SourceError:
        """The file, or why there is none."""
        with self._lock:
            if "file" not in self._held:
                try:
                    self._held["file"] = self._fetch()
                except SourceError as error:
                    self._held["file"] = error
            return self._held["file"]

    def _fetch(self) -> History:
        about = {"source": self.name, "symbol": "all"}
        data = download(self.url, timeout=self.timeout, attempts=self.attempts, **about)
        try:
            text = unpack(data, "file").data.decode("ascii")
            history = read_history(text, "")
        except (DataError, ValueError) as error:  # ValueError: undecodable bytes, and what pandas cannot parse
            raise MalformedAnswer(f"{self.url} is not the ECB's daily file ({error})", **about) from error
        if wrong := problem_of(history, self.now()):
            raise MalformedAnswer(f"{self.url} {wrong}", **about)
        return replace(history, edition=f"ECB file up to {history.sessions[-1]}")


def open_ecb(name: str, settings: SourceConfig, now: Callable[[], dt.datetime]) -> EcbSource | LiveEcbSource:
    """The source that the settings describe."""
    if not settings.live:
        return EcbSource(name=name)
    return LiveEcbSource(
        name=name, url=settings.url or DAILY_FILE, timeout=settings.timeout, attempts=settings.attempts, now=now
    )
