"""Proof that the archive holds what came, and what in it contradicts itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.archive import bars as store
from eventstudy.archive import seal
from eventstudy.archive.answers import calendar_of
from eventstudy.archive.bars import ADJUSTED, DAILY, Bars, Key
from eventstudy.archive.coverage import after_unasked, covered
from eventstudy.archive.flags import all_flags, quotes_of
from eventstudy.calendars import ExchangeCalendar, named_calendar, session_date
from eventstudy.config.calendar_names import NONE
from eventstudy.config.model import Config
from eventstudy.errors import CannotEstimate, EventStudyError
from eventstudy.evidence.flags import FLAGS, Flag
from eventstudy.evidence.rules import adjusted_gaps
from eventstudy.evidence.sessions import calendar_flags, off_session
from eventstudy.records import SessionArray

ADJUSTED_TOLERANCE = 2e-4  # relative, of one return: vendors round
SHOWN = 5  # sessions named in a finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold.

    Attributes
    ----------
    source, symbol, bar : str
        Empty where it is about the whole archive.
    check : str
        ``hash``, ``rows``, ``seal``, ``order``, ``keys``, ``adjusted``, ``calendar``, or a key of `FLAGS`.
    is_broken : bool
        Whether the archive is not what it was, or contradicts its source; else a doubt that a reader should know.
    detail : str
    """

    source: str = ""
    symbol: str = ""
    bar: str = ""
    check: str
    is_broken: bool
    detail: str


def plain(finding: Finding) -> dict[str, str]:
    """A finding as plain values."""
    out = {name: getattr(finding, name) for name in ("source", "symbol", "bar", "check", "detail")}
    return {"grade": "fault" if finding.is_broken else "doubt", **out}


def calendars_of(config: Config) -> dict[tuple[str, str], str]:
    """The calendar of every (source, symbol) that the settings give one; ``none`` where they say so."""
    return {
        (asset.source, asset.symbol or name): asset.calendar
        for name, asset in config.assets.items()
        if asset.source is not None and asset.calendar is not None
    }


def verify(connection: sqlite3.Connection, calendars: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Everything that is wrong or doubtful in the archive, series by series.

    Parameters
    ----------
    connection : sqlite3.Connection
    calendars : mapping of (source, symbol) to str
        The calendars of the settings; of other symbols, the one that their source names counts.
    """
    for table in ("snapshots", "series", "bar_versions", "rebases", "bar_flags"):
        for row in connection.execute(f"pragma foreign_key_check({table})"):  # names of ours
            yield Finding(check="keys", is_broken=True, detail=f"{table}: row {row[1]} refers to no row of {row[2]}")
    for series_id, *names in connection.execute("select series_id, source, symbol, bar from series order by 2, 3, 4"):
        key: Key = (names[0], names[1], names[2])
        for check, is_broken, detail in _of_series(connection, series_id, key, calendars.get(key[:2])):
            yield Finding(source=key[0], symbol=key[1], bar=key[2], check=check, is_broken=is_broken, detail=detail)


def altered(
    connection: sqlite3.Connection, key: Key, *, is_whole: bool = False, stored: Bars | None = None
) -> str | None:
    """What shows that the stored bars of a series are not those that came; None where they are.

    Seals are checked where something was rebased or flagged, which bears on prices; of all answers if `is_whole`.
    `stored` are its versions, where they were read already.
    """
    series_id = store.series_of(connection, key)
    if series_id is None:
        return None
    if wrong := next((detail for _, _, detail in _sealed(connection, series_id, stored)), None):
        return wrong
    (bears,) = connection.execute(
        "select exists (select 1 from rebases where series_id = ?1) "
        "or exists (select 1 from bar_flags where series_id = ?1)",
        (series_id,),
    ).fetchone()
    return next(seal.broken(connection, key), None) if is_whole or bears else None


def any_altered(connection: sqlite3.Connection) -> str | None:
    """The first series whose stored bars are not those that came, in words; None where all are."""
    keys = connection.execute("select source, symbol, bar from series order by 1, 2, 3").fetchall()
    found = ((key, altered(connection, key, is_whole=True)) for key in keys)
    return next((f"the prices of {key[1]} from {key[0]}, {key[2]}: {wrong}" for key, wrong in found if wrong), None)


Found = Iterator[tuple[str, bool, str]]


def _of_series(connection: sqlite3.Connection, series_id: int, key: Key, mic: str | None) -> Found:
    yield from _sealed(connection, series_id)
    yield from (("seal", True, problem) for problem in seal.broken(connection, key))
    bars = store.read(connection, key)
    wrong = np.flatnonzero(np.diff(bars.instants) <= np.timedelta64(0, "ns")) + 1
    if wrong.size:
        yield "order", True, f"priced no later than the bar before: {_days(bars.sessions[wrong])}"
    yield from _adjusted(bars, after_unasked(bars.sessions, covered(connection, key)))
    found = all_flags(connection, key, bars, calendar=mic or "")
    calendar = mic or calendar_of(connection, key)
    if calendar and calendar != NONE and bars.size:
        try:
            found += _by_calendar(connection, key, bars, calendar)
        except EventStudyError as error:
            yield "calendar", False, str(error)
    for rule in dict.fromkeys(flag.rule for flag in found if flag.rule != "adjusted"):  # told above, and as a fault
        days = np.array([flag.session for flag in found if flag.rule == rule], dtype="datetime64[D]")
        yield rule, False, f"{FLAGS[rule][0]}: {_days(days)}"


def _sealed(connection: sqlite3.Connection, series_id: int, stored: Bars | None = None) -> Found:
    """Whether every answer's bars are still those that came: their number and their hash."""
    bars = store.versions(connection, series_id) if stored is None else stored
    bars = bars.at(np.argsort(bars.owners, kind="stable"))
    snapshots = connection.execute(
        "select n.snapshot_id, n.new_rows, n.stored_hash, n.fetched_at from snapshots n join series s "
        "using (source, symbol, bar) where s.series_id = ? order by 1",
        (series_id,),
    ).fetchall()
    known = {row[0] for row in snapshots}
    if strangers := sorted(set(np.unique(bars.owners).tolist()) - known):
        yield "rows", True, f"bars of an answer of another series: {strangers[0]}"
    edges = np.searchsorted(bars.owners, [(number, number + 1) for number, *_ in snapshots])
    for (_, count, sealed, fetched_at), (first, end) in zip(snapshots, edges.tolist(), strict=True):
        own = bars.at(slice(first, end))
        if own.size != count:
            yield "rows", True, f"the answer of {fetched_at} wrote {count} bars, and {own.size} are there"
        elif sealed is not None and store.content_hash(own) != sealed:
            yield "hash", True, f"the bars of the answer of {fetched_at} are not those that came"


def _adjusted(bars: Bars, unasked: Sequence[int]) -> Found:
    """Whether returns from closes and dividends are those of the source's own adjusted closes.

    Not over days that nobody asked for, the bars `unasked` being the first after those: what was paid then is not known
    here.
    """
    if not np.isfinite(bars.values[:, ADJUSTED]).any():
        return
    with np.errstate(all="ignore"):
        gap, allowed, places = adjusted_gaps(quotes_of(bars), unasked)
        wrong = np.flatnonzero(np.abs(gap) > ADJUSTED_TOLERANCE + allowed)
    if wrong.size:
        worst = wrong[np.argmax(np.abs(gap[wrong]))]
        days = f"{_days(bars.sessions[places[wrong + 1]])}; most on {bars.sessions[places[worst + 1]]}"
        problem = f"adjusted closes give another return than closes and dividends on {days}, by {gap[worst]:+.5f}"
        yield "adjusted", True, problem


def _by_calendar(connection: sqlite3.Connection, key: Key, bars: Bars, mic: str) -> list[Flag]:
    calendar, days = named_calendar(mic), (session_date(bars.sessions[0]), session_date(bars.sessions[-1]))
    if days[1] > calendar.last_day:
        raise CannotEstimate(f"{mic} ends on {calendar.last_day}, the bars on {days[1]}; upgrade exchange_calendars")
    if key[2] != DAILY:
        if not isinstance(calendar, ExchangeCalendar):
            return []
        return off_session(bars.labels, bars.sessions, *calendar.hours(*days))
    sessions, _ = calendar.sessions(*days)
    asked = np.zeros(sessions.size, dtype=bool)
    for first, last in covered(connection, key):
        asked |= (sessions >= np.datetime64(first)) & (sessions <= np.datetime64(last))
    return calendar_flags(bars.sessions, sessions[asked | np.isin(sessions, bars.sessions)])


def _days(sessions: SessionArray | Iterable[np.datetime64]) -> str:
    days = list(dict.fromkeys(str(day) for day in sessions))
    return ", ".join(days[:SHOWN]) + (f" and {len(days) - SHOWN} more" if len(days) > SHOWN else "")
