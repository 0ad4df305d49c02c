"""What every price source can do, and what it says of itself."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from eventstudy.errors import NoDataInRange, SourceError
from eventstudy.records import Snapshot

BARS: dict[str, dt.timedelta] = {
    "1d": dt.timedelta(days=1),
    "1h": dt.timedelta(hours=1),
    "30m": dt.timedelta(minutes=30),
    "15m": dt.timedelta(minutes=15),
    "5m": dt.timedelta(minutes=5),
    "1m": dt.timedelta(minutes=1),
}

# How a note begins that was true of one answer and of no later one.
UNFINISHED = "not finished when fetched"
UNASKED = 5  # days: a longer stretch that nobody asked for ends a series of returns


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What a source can give, for people and for whoever decides which source to ask.

    Attributes
    ----------
    bars : tuple of str
        Sizes of bar, out of ``1d``, ``1h``, ``30m``, ``15m``, ``5m`` and ``1m``.
    snapshot_time : str
        When in its session the price of a daily bar is taken.
    delay : str
        How long after that the source has it.
    currency : str
        Unit of the prices.
    calendar : str
        Which days are sessions.
    history : mapping of str to int or None
        Days that bars of a size reach back; None, as for a size that is not listed, where there is no limit.
    prepost : bool
        Whether it knows bars before the open and after the close of the regular session.
    is_file : bool
        Whether it reads files of the user's own, which are never down: what is wrong with them is to be mended.
    """

    bars: tuple[str, ...]
    snapshot_time: str
    delay: str
    currency: str
    calendar: str
    history: Mapping[str, int | None] = field(default_factory=dict)
    prepost: bool = False
    is_file: bool = False


class Source(Protocol):
    """A place that prices come from."""

    @property
    def name(self) -> str:
        """As named in the config and stored with every snapshot."""
        ...

    @property
    def version(self) -> str:
        """Version of the data or of the library that fetched them."""
        ...

    @property
    def facts(self) -> SourceFacts:
        """What it can give."""
        ...

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        """Bars of `symbol` for sessions in [start, end], both included.

        Raises
        ------
        SourceError
            One of its leaves; never an empty series in place of a failure.
        """
        ...


def check_question(source: Source, symbol: str, start: dt.date, end: dt.date, bar: str) -> None:
    """Refuse what cannot be answered, before anyone is asked.

    Raises
    ------
    NoDataInRange
        When the source has no bars of that size, or the range is empty.
    """
    bars = source.facts.bars
    if bar not in bars:
        raise NoDataInRange(f"no bars of size {bar!r}; it has {', '.join(bars)}", source=source.name, symbol=symbol)
    if start > end:
        raise NoDataInRange(f"the range ends ({end}) before it starts ({start})", source=source.name, symbol=symbol)


def wait_or_give_up(longest: float) -> Callable[[Exception], bool | float]:
    """The rule by which a question is repeated: only what may pass, and not before the source wants to be asked.

    Parameters
    ----------
    longest : float
        Seconds that are worth waiting for; a source that asks for more is left alone until the next pass.
    """

    def decide(error: Exception) -> bool | float:
        if not isinstance(error, SourceError) or not error.transient:
            return False
        wanted = getattr(error, "retry_after", None)
        if wanted is None:
            return True
        return float(wanted) if wanted <= longest else False

    return decide


def seconds_to_wait(header: str | None, now: dt.datetime) -> float | None:
    """What a ``Retry-After`` header asks for, in seconds; None where it says nothing that can be read.

    Parameters
    ----------
    header : str or None
        A number of seconds, or a date as HTTP writes it.
    now : datetime
        With a zone.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())
