"""Prices from Yahoo, through yfinance as its makers ship it.

yfinance by default turns almost every failure into an empty frame, sorts, merges and drops rows without a word, and
keeps answers for the life of the process. Here it is made to raise, its memory is cleared before each question,
and every answer is kept beside the frame as evidence, so that whatever was done to a row can be said.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import importlib.metadata
import re
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import stamina

from eventstudy.calendars import named_calendar, to_instant
from eventstudy.config.sources import SourceConfig
from eventstudy.database.faults import is_damage
from eventstudy.errors import BeyondHistory, MalformedAnswer, NoDataInRange, UnknownSymbol
from eventstudy.prices.source import UNFINISHED, SourceFacts, check_question, seconds_to_wait, wait_or_give_up
from eventstudy.prices.yahoo import bars as yahoo_bars
from eventstudy.prices.yahoo import intraday as yahoo_intraday
from eventstudy.prices.yahoo.faults import Answer, dig, translate
from eventstudy.prices.yahoo.intraday import HISTORY
from eventstudy.prices.yahoo.venues import another_symbol, another_venue, calendar_of
from eventstudy.records import SessionArray, Snapshot

P = ParamSpec("P")
T = TypeVar("T")

# stamina would say each retry on the terminal
stamina.instrumentation.set_on_retry_hooks([])

LONGEST_WAIT = 60.0  # seconds that Yahoo may ask us to wait within a pass; past that the next pass asks again


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class YahooSource:
    """Yahoo's chart service, one symbol at a time.

    Attributes
    ----------
    cache_dir : Path
        Where yfinance keeps time zones and cookies; the first one used holds for the whole process.
    name : str
    endpoint : str or None
        Scheme and host that every request is sent to in place of Yahoo's own hosts; None means Yahoo.
    timeout : float
        Seconds that one request may take.
    attempts : int
        How often a transient failure is tried in all, with exponential back-off.
    pace : float
        Fewest seconds between the end of one question and the start of the next, over the whole process.
    prepost : bool
        Whether bars of less than a day include those before the open and after the close.
    now : callable
        The clock that decides whether the last session, or bar, is finished; returns a tz-aware datetime.
    """

    cache_dir: Path
    name: str = "yahoo"
    endpoint: str | None = None
    timeout: float = 10.0
    attempts: int = 4
    pace: float = 0.5
    prepost: bool = False
    now: Callable[[], dt.datetime] = _utc_now

    @property
    def version(self) -> str:
        """The library that fetches."""
        return _version()

    @property
    def facts(self) -> SourceFacts:
        """Bars from a minute to a day, the smaller the shorter their history."""
        return SourceFacts(
            bars=tuple(HISTORY),
            snapshot_time="the close of its calendar on that day; whole days of currencies end at midnight",
            delay="about 15 minutes; a bar is taken once it is finished",
            currency="as quoted, told with every answer; pence (GBp) stay pence",
            calendar="that of the venue, by the ending of the symbol or the exchange that the answer names",
            history=HISTORY,
            prepost=self.prepost,
        )

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        """Bars, dividends and splits for sessions in [start, end], both included.

        Closes are split-adjusted by Yahoo and never dividend-adjusted. Sessions are dates in the zone of the
        exchange. A session or bar that is not finished, or has no price, is left out and noted; a dividend of a row
        without a price counts on the next one. Closes of days are taken when the venue closed on that day; of a venue
        without a calendar, at the regular closing time of today. Of a range that reaches beyond Yahoo's history for
        the size of bar, what is left is fetched.

        Raises
        ------
        SourceError
            One of its leaves; transient ones only after `attempts` attempts.
        """
        if not re.fullmatch(r"[\w^][\w.^=&+-]*", symbol, re.ASCII) or re.fullmatch(
            r"[A-Z]{2}[A-Z0-9]{9}\d", symbol.upper()
        ):
            # yfinance would look up an ISIN and silently fetch whatever that finds
            raise UnknownSymbol(
                "not a Yahoo symbol; write for example GS, EUR=X or ^GSPC", source=self.name, symbol=symbol
            )
        check_question(self, symbol, start, end, bar)
        if bar == "1d":
            return self.patiently(self._daily, symbol, start, end)
        return self._intraday(symbol, start, end, bar)

    def patiently(self, ask: Callable[P, T], *question: P.args, **more: P.kwargs) -> T:
        """The answer of `ask`; what may pass is tried again, `attempts` times in all, with exponential back-off."""
        caller = stamina.RetryingCaller(
            attempts=self.attempts, timeout=None, wait_initial=1.0, wait_max=30.0, wait_jitter=1.0
        )
        return caller(wait_or_give_up(LONGEST_WAIT), ask, *question, **more)

    def _daily(self, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
        frame, chart = self._ask(symbol, start, end + dt.timedelta(days=1), "1d")
        if dig(chart, "meta", "currentTradingPeriod", "regular", "end") is None:
            raise MalformedAnswer("the answer does not say when the market closes", source=self.name, symbol=symbol)
        sessions = np.array(list(frame.index.date), dtype="datetime64[D]")
        close = frame["Close"].to_numpy(dtype=float)
        name = calendar_of(symbol, chart["meta"])
        calendar = named_calendar(name) if name else None
        instants, clock = yahoo_bars.closing_instants(sessions, chart["meta"], calendar)
        paid, dividend_notes = yahoo_bars.dividends(frame, chart)

        due = (sessions >= np.datetime64(start)) & (sessions <= np.datetime64(end))
        now = to_instant(self.now())
        finished = due & (instants <= now)
        if sessions.size and yahoo_bars.is_live(sessions[-1], instants[-1], chart["meta"], now):
            finished[-1] = False
        keep = finished & np.isfinite(close)  # a zero, which Yahoo writes at times, is kept and marked by the archive
        if not finished.any():
            raise NoDataInRange("no session in these dates is finished", source=self.name, symbol=symbol)
        if not (keep & (close != 0)).any():
            problem = f"none of the {finished.sum()} sessions from {sessions[finished][0]} has a closing price"
            raise MalformedAnswer(problem, source=self.name, symbol=symbol)

        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency=chart["meta"]["currency"] or "",
            version=self.version,
            sessions=sessions[keep],
            instants=instants[keep],
            close=close[keep],
            dividends=yahoo_bars.carry(np.where(finished, paid, 0.0), keep),
            splits=yahoo_bars.carry_splits(np.where(finished, yahoo_bars.splits(frame), 1.0), keep),
            open=frame["Open"].to_numpy(dtype=float)[keep],
            high=frame["High"].to_numpy(dtype=float)[keep],
            low=frame["Low"].to_numpy(dtype=float)[keep],
            volume=frame["Volume"].to_numpy(dtype=float)[keep],
            adjusted=frame["Adj Close"].to_numpy(dtype=float)[keep],
            notes=(
                f"Yahoo daily bars; {f'{name}: ' if name else ''}{clock}",
                *yahoo_bars.repairs(sessions, close, chart),
                *_left_out("no closing price", sessions[finished & ~keep]),
                *_left_out(UNFINISHED, sessions[due & ~finished]),
                *dividend_notes,
                *yahoo_bars.actions(frame),
            ),
            calendar=name,
            doubt=another_venue(symbol, chart["meta"]),
        )

    def _intraday(self, symbol: str, start: dt.date, end: dt.date, bar: str) -> Snapshot:
        now = self.now()
        asked = yahoo_intraday.requests(bar, start, end, now)
        oldest = yahoo_intraday.wall(bar, now)
        if not asked and dt.datetime.combine(end, dt.time(), dt.UTC) < now:
            raise BeyondHistory(
                f"Yahoo serves {bar} bars for the last {HISTORY[bar]} days only, from {oldest:%Y-%m-%d %H:%M} UTC on; "
                "use daily bars, or the archive if it was pulled at the time",
                source=self.name,
                symbol=symbol,
            )
        parts, refusal = self._parts(symbol, asked, bar)
        if refusal is not None and not parts:
            raise refusal
        if not parts:
            raise NoDataInRange("no session in these dates", source=self.name, symbol=symbol)
        bars = yahoo_intraday.joined(parts)
        due = (bars.sessions >= np.datetime64(start)) & (bars.sessions <= np.datetime64(end))
        keep = due & (bars.ends <= to_instant(now))
        if not keep.any():
            raise NoDataInRange("no bar in these dates is finished", source=self.name, symbol=symbol)
        column = {name: values[keep] for name, values in bars.columns.items()}
        late = bars.starts[due & ~keep]
        notes = [f"Yahoo {bar} bars{', with pre- and post-market' if self.prepost else ''}; {bars.zone}", *bars.notes]
        if dt.datetime.combine(start, dt.time(), ZoneInfo(bars.zone)) < oldest:
            notes.append(f"Yahoo no longer serves {bar} bars from before {oldest:%Y-%m-%d %H:%M} UTC")
        if refusal is not None:
            notes.append(f"Yahoo refused a part of the range: {refusal.problem}")
        if late.size:
            notes.append(f"{UNFINISHED}, left out: {', '.join(np.datetime_as_string(late, 'm'))} UTC")
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency=bars.currency,
            version=self.version,
            bar=bar,
            sessions=bars.sessions[keep],
            starts=bars.starts[keep],
            instants=bars.ends[keep],
            open=column["open"],
            high=column["high"],
            low=column["low"],
            close=column["close"],
            volume=column["volume"],
            dividends=column["dividends"],
            splits=column["splits"],
            notes=tuple(notes),
            calendar=bars.calendar,
        )

    def _parts(
        self, symbol: str, asked: list[yahoo_intraday.Request], bar: str
    ) -> tuple[list[yahoo_intraday.Bars], BeyondHistory | None]:
        """What the requests gave, and the refusal where Yahoo's wall turned out to be nearer than we know it."""
        parts, refusal = [], None
        for span in asked:
            try:
                part = self.patiently(self._part, symbol, *span, bar)
            except BeyondHistory as error:
                refusal = error
                continue
            if part is not None:
                parts.append(part)
        return parts, refusal

    def _part(self, symbol: str, start: dt.datetime, end: dt.datetime, bar: str) -> yahoo_intraday.Bars | None:
        """The bars of one request; None when no market was open."""
        try:
            frame, chart = self._ask(symbol, start, end, bar)
        except NoDataInRange:
            return None
        bars = yahoo_intraday.read(frame, chart, bar)
        if not bars.starts.size:
            raise MalformedAnswer(f"none of the {len(frame)} bars has a price", source=self.name, symbol=symbol)
        return replace(bars, calendar=calendar_of(symbol, chart["meta"]))

    def _ask(self, symbol: str, start: dt.date, end: dt.date, bar: str) -> tuple[Any, dict[str, Any]]:
        """The frame as yfinance made it, and the chart as Yahoo gave it; `end` is excluded."""
        with _TURNSTILE.turn(self.pace):
            yf = _yfinance(self.cache_dir)
            session = _session(self.endpoint, self.timeout)
            session.answer = None
            yf.config.debug.hide_exceptions = False
            # a request for past dates is answered from an lru_cache for ever, failures too (ranaroussi/yfinance#2838)
            yf.data.YfData.cache_get.cache_clear()
            try:
                with warnings.catch_warnings():
                    # yfinance 1.7.0 uses what pandas 3 deprecates; nothing in it depends on us
                    warnings.simplefilter("ignore")
                    frame = yf.Ticker(symbol, session=session).history(
                        start=start,
                        end=end,
                        interval=bar,
                        prepost=self.prepost and bar != "1d",
                        auto_adjust=False,
                        actions=True,
                        keepna=True,
                        repair=False,
                        timeout=self.timeout,
                    )
            except Exception as error:  # KeyError, TypeError, …: whatever an odd answer makes yfinance do
                raise translate(error, session.answer, source=self.name, symbol=symbol) from error
            chart = session.answer.chart
        if frame.empty:
            raise NoDataInRange("no session in these dates", source=self.name, symbol=symbol)
        problem = another_symbol(symbol, chart["meta"]) or yahoo_bars.contradiction(chart, is_daily=bar == "1d")
        if problem:
            raise MalformedAnswer(problem, source=self.name, symbol=symbol)
        return frame, chart


def _left_out(why: str, sessions: SessionArray) -> tuple[str, ...]:
    return (f"{why}, left out: {', '.join(np.datetime_as_string(sessions))}",) if sessions.size else ()


class _Turnstile:
    """One question at a time: yfinance keeps its session, cookie and crumb in one object per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = -float("inf")

    @contextlib.contextmanager
    def turn(self, pace: float) -> Iterator[None]:
        with self._lock:
            time.sleep(max(0.0, self._last + pace - time.monotonic()))
            try:
                yield
            finally:
                self._last = time.monotonic()


_TURNSTILE = _Turnstile()


@functools.cache
def _version() -> str:
    return f"yfinance {importlib.metadata.version('yfinance')}"


@functools.cache
def _yfinance(cache_dir: Path) -> Any:
    import yfinance

    _put_damaged_aside(cache_dir)
    yfinance.set_tz_cache_location(str(cache_dir))
    return yfinance


def _put_damaged_aside(cache_dir: Path) -> None:
    """Rename the damaged files of yfinance's cache; it makes new ones, and nothing in them is worth a repair."""
    for path in sorted(cache_dir.glob("*.db")):
        try:
            with contextlib.closing(sqlite3.connect(path, timeout=1.0)) as connection:
                (state,) = connection.execute("pragma quick_check(1)").fetchone()
            is_bad = state != "ok"
        except sqlite3.DatabaseError as error:
            is_bad = is_damage(error)
        if is_bad:
            for suffix in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(OSError):
                    path.with_name(path.name + suffix).rename(path.with_name(f"{path.name}{suffix}.damaged"))


@functools.cache
def _session(endpoint: str | None, timeout: float) -> Any:
    """The HTTP session given to yfinance; it remembers the last answer of the chart service."""
    from curl_cffi.requests import Response, Session

    class Recorder(Session[Response]):
        answer: Answer | None = None

        def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:
            is_chart = "/finance/chart/" in url
            if is_chart:
                self.answer = None
            if endpoint is not None:
                host = urlsplit(endpoint)
                url = urlsplit(url)._replace(scheme=host.scheme, netloc=host.netloc).geturl()
            # yfinance waits up to 30 s for a cookie, a crumb or a time zone whatever it is told
            response = super().request(method, url, *args, **{**kwargs, "timeout": timeout})
            if is_chart:
                self.answer = Answer.read(
                    response.status_code,
                    response.text,
                    seconds_to_wait(response.headers.get("Retry-After"), _utc_now()),
                )
            return response

    return Recorder(impersonate="chrome")


def open_yahoo(name: str, settings: SourceConfig, now: Callable[[], dt.datetime]) -> YahooSource:
    """The source that the settings describe."""
    return YahooSource(
        name=name,
        endpoint=settings.endpoint,
        cache_dir=settings.cache,
        timeout=settings.timeout,
        attempts=settings.attempts,
        pace=settings.pace,
        prepost=settings.prepost,
        now=now,
    )
