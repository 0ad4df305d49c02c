"""Earnings dates from Yahoo, through yfinance: of one symbol, or of the whole market.

They go the way of the prices: one question at a time, through the same session and endpoint, with the same retries.
yfinance turns a page that it cannot read into None or an empty frame; here the answer itself is looked at first.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from eventstudy.errors import MalformedAnswer, SourceError
from eventstudy.prices.yahoo.faults import Answer, translate
from eventstudy.prices.yahoo.source import _TURNSTILE, YahooSource, _session, _yfinance

MARKET = "the earnings calendar"

# Rows per page of the market-wide calendar, Yahoo's own limit; and the pages after which we stop asking.
PAGE, PAGES = 100, 20
# How the calendar says that it has a day and no time.
NO_TIME = ("TNS", "TAS")
NEW_YORK = ZoneInfo("America/New_York")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningsDate:
    """One announcement of results, past or to come.

    Attributes
    ----------
    symbol : str
        Yahoo's.
    company : str
        Empty where the answer does not name it.
    at : datetime
        With a zone; its time counts for nothing when `is_day`.
    is_day : bool
        Whether only the day is known, in the zone of `at`.
    """

    symbol: str
    company: str
    at: dt.datetime
    is_day: bool


def by_symbol(source: YahooSource, symbol: str, limit: int = 12) -> list[EarningsDate]:
    """The newest `limit` dates of a symbol, coming ones included; Yahoo gives the hour.

    Raises
    ------
    SourceError
        One of its leaves; transient ones only after as many attempts as the source makes.
    """

    def ask(yf: Any, session: Any) -> list[EarningsDate]:
        frame = yf.Ticker(symbol, session=session).get_earnings_dates(limit=limit)
        if frame is None:
            problem = "the page holds no table of earnings dates; no company? leave it out of `assets:` of the feed"
            raise MalformedAnswer(problem, source=source.name, symbol=symbol)
        moments = [stamp.to_pydatetime() for stamp in frame.index[:limit]]
        return [EarningsDate(symbol=symbol, company="", at=at, is_day=at.hour == 0) for at in moments]

    return _asked(source, symbol, "/calendar/earnings", ask)


def market_wide(source: YahooSource, first: dt.date, last: dt.date) -> list[EarningsDate]:
    """All dates of the United States from `first` to `last`, both included.

    Raises
    ------
    SourceError
        As above; also when there are more rows than Yahoo gives.
    """

    def ask(yf: Any, session: Any) -> list[EarningsDate]:
        out: list[EarningsDate] = []
        calendars = yf.Calendars(start=first, end=last + dt.timedelta(days=1), session=session)
        for page in range(PAGES):
            frame = _page(calendars, page)
            out += [
                _row(source, symbol, row) for symbol, row in zip(frame.index, frame.to_dict("records"), strict=True)
            ]
            if len(frame) < PAGE:
                return [date for date in out if first <= date.at.date() <= last]
        raise MalformedAnswer(f"more than {PAGE * PAGES} rows; ask for fewer days", source=source.name, symbol=MARKET)

    return _asked(source, MARKET, "/v1/finance/visualization", ask)


def _page(calendars: Any, page: int) -> Any:
    """One page of the calendar; yfinance sorts an empty one by a column that it has not made."""
    try:
        return calendars.get_earnings_calendar(filter_most_active=False, limit=PAGE, offset=page * PAGE, force=True)
    except KeyError:
        frame = calendars.calendars.get("sp_earnings")
        if frame is None or not frame.empty:
            raise
        return frame


def _row(source: YahooSource, symbol: Any, row: dict[str, Any]) -> EarningsDate:
    at, company = row["Event Start Date"], row.get("Company")
    if not isinstance(symbol, str) or at is None or at != at:  # noqa: PLR0124  # NaT is not equal to itself
        raise MalformedAnswer(f"a row without a symbol or a date ({symbol}, {at})", source=source.name, symbol=MARKET)
    moment = at.to_pydatetime()
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(NEW_YORK)
    is_day = row.get("Timing") in NO_TIME
    if is_day:  # the day stands in the text as such, whatever the zone
        moment = dt.datetime(at.year, at.month, at.day, tzinfo=NEW_YORK)
    return EarningsDate(symbol=symbol, company=company if isinstance(company, str) else "", at=moment, is_day=is_day)


def _asked(source: YahooSource, symbol: str, path: str, ask: Callable[[Any, Any], T]) -> T:
    return source.patiently(_ask_once, source, symbol, path, ask)


def _ask_once(source: YahooSource, symbol: str, path: str, ask: Callable[[Any, Any], T]) -> T:
    yf = _yfinance(source.cache_dir)
    session = _session(source.endpoint, source.timeout)
    with _TURNSTILE.turn(source.pace), _listening(session, path) as answers:
        yf.config.debug.hide_exceptions = False
        yf.data.YfData.cache_get.cache_clear()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = ask(yf, session)
        except Exception as error:
            answer = answers[-1] if answers and answers[-1].status >= 400 else None
            if isinstance(error, SourceError) and answer is None:
                raise
            raise translate(error, answer, source=source.name, symbol=symbol) from error
    if not answers or answers[-1].status >= 400:
        failed = ValueError("no answer")
        raise translate(failed, answers[-1] if answers else None, source=source.name, symbol=symbol)
    return found


@contextlib.contextmanager
def _listening(session: Any, path: str) -> Iterator[list[Answer]]:
    """The answers to questions about `path` while this is open."""
    answers: list[Answer] = []
    request = session.request

    def heard(method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        response = request(method, url, *args, **kwargs)
        if path in url:
            is_bad = response.status_code >= 400
            answers.append(
                Answer.read(response.status_code, response.text)
                if is_bad
                else Answer(status=response.status_code, says="", chart={})
            )
        return response

    session.request = heard
    try:
        yield answers
    finally:
        del session.request
