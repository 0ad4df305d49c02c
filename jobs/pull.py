"""Pull every price that the due events need into the archive."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.archive import coverage as cover
from eventstudy.archive.coverage import Span
from eventstudy.archive.restatements import calls_for_all
from eventstudy.config.model import Config
from eventstudy.database.connection import transaction
from eventstudy.errors import (
    MalformedAnswer,
    NoDataInRange,
    OutOfDate,
    RateLimited,
    SourceDown,
    SourceError,
    UnreadableFile,
)
from eventstudy.prices import open_source
from eventstudy.prices.assets import symbols_of
from eventstudy.prices.source import Source
from eventstudy.records import Event, Snapshot
from eventstudy.store.ledger import Run
from jobs.countdown import Countdown

# Five sessions take seven calendar days; the rest is for holidays.
CALENDAR_DAYS_PER_SESSION = 1.6

DAY = dt.timedelta(days=1)
IN_A_ROW = 3  # symbols for which a source was down, one after the other, until it is held to be down for all

Key = tuple[str, str]  # (source, symbol)


class Faults(dict[Key, SourceError]):
    """What was wrong with the symbols that were asked for.

    Attributes
    ----------
    answered : set of str
        Sources that gave an answer about at least one symbol, if only that it has nothing.
    replaced : dict of str to str
        Sources in whose place what is installed gave all that was asked for → why.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answered: set[str] = set()
        self.replaced: dict[str, str] = {}

    def take(self, source: str, symbol: str, fault: SourceError | None, *, is_short: bool) -> bool:
        """Take notice of an answer, of why it was not the best and whether days are missing for it; whether it was."""
        if fault is not None and is_short:
            self[source, symbol] = fault
        if fault is not None and fault.transient:
            self.replaced[source] = fault.problem
            return False
        self.answered.add(source)
        return True

    @property
    def to_mend(self) -> list[str]:
        """What is wrong with files of the user's own, a line for each cause."""
        return list(dict.fromkeys(f"{f.source}: {f.problem}" for f in self.values() if isinstance(f, UnreadableFile)))

    @property
    def said(self) -> list[str]:
        """What went wrong, for a person; a source that something stood in for is named once."""
        passing = [str(f) for f in self.values() if f.transient and f.source not in self.replaced]
        return [*passing, *(f"{source}: {problem}" for source, problem in self.replaced.items()), *self.to_mend]

    @property
    def silent(self) -> set[str]:
        """Sources that were asked and gave nothing at all, for reasons that may pass."""
        return {source for (source, _), fault in self.items() if fault.transient} - self.answered


def spans(config: Config, due: Sequence[Event], started: dt.datetime) -> dict[Key, tuple[Span, ...]]:
    """The days of prices that the studies of the events `due` need of every symbol, oldest first.

    Events that lie far apart need spans of their own: what happened between them is not asked for.
    """
    out: dict[Key, list[Span]] = {}
    for event in due if config.studies else ():
        reach = _reach(config, event, started)
        for key in _daily_symbols(config, event):
            out.setdefault(key, []).append(reach)
    return {key: tuple(cover.join(reaches)) for key, reaches in out.items()}


def windows(config: Config, events: Sequence[Event], started: dt.datetime) -> dict[Key, tuple[Span, ...]]:
    """The days of prices round the event windows of `events`, which a revision would hurt most, of every symbol."""
    back = max((-study.event_window.start for study in config.studies), default=0)
    out: dict[Key, list[Span]] = {}
    for event in events if config.studies else ():
        first = moved(event.earliest.date(), -int(max(back, 0) * CALENDAR_DAYS_PER_SESSION) - 5)
        for key in _daily_symbols(config, event):
            out.setdefault(key, []).append((first, _reach(config, event, started)[1]))
    return {key: tuple(cover.join(days)) for key, days in out.items()}


def _daily_symbols(config: Config, event: Event) -> list[Key]:
    """The same of its studies of days."""
    names = {*event.assets, *(name for study in config.studies for name in study.explained_by)}
    return sorted(frozenset().union(*(symbols_of(config, name) for name in names)))


def symbols_for(config: Config, event: Event) -> list[Key]:
    """Every (source, symbol) that the studies of `event` rest on, in a fixed order."""
    names = {*event.assets, *(name for study in config.all_studies for name in study.explained_by)}
    return sorted(frozenset().union(*(symbols_of(config, name) for name in names)))


def pull(
    config: Config,
    db: Database,
    record: Run,
    wanted: Mapping[Key, Span | Sequence[Span]],
    *,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
    talk: Callable[[str], None],
    bar: str = archive.DAILY,
    again: Mapping[Key, Sequence[Span]] | None = None,
) -> Faults:
    """Fetch what is missing of what is `wanted`; return the faults, which are named and never become a result.

    Only days that no answer has settled are asked for, with a few bars around them to see revisions, and the end of a
    span that is still young (`eventstudy.archive.coverage`).

    Parameters
    ----------
    config : Config
    db : Database
    record : Run
    wanted : mapping of (source, symbol) to a span of days, or to several
    now, stop, talk : callable
        As in `jobs.nightly.run`.
    bar : str
        Size of the bars.
    again : mapping of (source, symbol) to spans, optional
        Days of those that are asked for whether they are settled or not.
    """
    faults = Faults()
    sources: dict[str, Source] = {}
    closed = Closed()
    countdown = Countdown(talk, len(wanted))
    for number, ((name, symbol), days) in enumerate(wanted.items()):
        if stop():
            break
        missing = cover.missing(
            db.conn, (name, symbol, bar), as_spans(days), now().date(), (again or {}).get((name, symbol), ())
        )
        if not missing:
            continue
        countdown.step(f"{symbol} from {name}", number)
        try:
            closed.check(name, symbol)
            if name not in sources:
                sources[name] = open_source(name, config.sources[name], now)
            rows, late, is_short = _all(db, record, sources[name], symbol, missing, now, bar)
        except SourceError as fault:
            is_said = isinstance(fault, UnreadableFile) and f"{name}: {fault.problem}" in faults.to_mend
            faults[name, symbol] = fault
            if not fault.transient:
                faults.answered.add(name)
            closed.note(fault)
            if not is_said:
                record.note("pull", f"{name}:{symbol}", "failed", str(fault))
            continue
        if faults.take(name, symbol, late, is_short=is_short):
            closed.well(name)
            record.note_good("pull", f"{name}:{symbol}")
            record.note_good("pull", name)
        if rows:
            record.note("pull", f"{name}:{symbol}", "ok", f"{rows} new or revised rows")
    for name, why in faults.replaced.items():
        record.note("pull", name, "failed", why)
    if any(fault.transient for fault in faults.values()):
        with transaction(db) as connection:
            record.ensure(connection)
    return faults


class Closed:
    """Sources that are left alone for the rest of a pass: they asked for it, or did not answer several times in a row.

    Without it a pass over many symbols would knock at a closed door for hours.
    """

    def __init__(self) -> None:
        self._why: dict[str, SourceError] = {}
        self._row: Counter[str] = Counter()

    def check(self, source: str, symbol: str) -> None:
        """Raise, in place of an answer, what the source said of the last symbol that it was asked for."""
        last = self._why.get(source)
        if last is not None:
            problem = f"not asked for, since the answer for {last.symbol} was: {last.problem}"
            raise type(last)(problem, source=source, symbol=symbol)

    def note(self, fault: SourceError) -> None:
        """Take notice of what went wrong with a symbol."""
        self._row[fault.source] = self._row[fault.source] + 1 if isinstance(fault, SourceDown) else 0
        if isinstance(fault, RateLimited) or self._row[fault.source] >= IN_A_ROW:
            self._why.setdefault(fault.source, fault)

    def well(self, source: str) -> None:
        """Take notice that the source answers."""
        self._row[source] = 0


def as_spans(days: Span | Sequence[Span]) -> list[Span]:
    """One span of days, or several, as a list."""
    first, *rest = days
    return [(first, rest[0])] if isinstance(first, dt.date) else [first, *rest]  # type: ignore[list-item]  # told apart above


def _all(
    db: Database,
    record: Run,
    source: Source,
    symbol: str,
    missing: Sequence[Span],
    now: Callable[[], dt.datetime],
    bar: str,
) -> tuple[int, SourceError | None, bool]:
    """Fetch the missing spans of a symbol.

    That the source holds nothing for one of them is a fault only where nothing of the symbol is known at all, or where
    something is known of these very days.

    Returns
    -------
    (int, SourceError or None, bool)
        Rows written; why an answer was not the source's best, and whether days are missing for it.
    """
    key = (source.name, symbol, bar)
    rows, empty = 0, list[tuple[Span, NoDataInRange]]()
    late, is_short = None, False
    for span in missing:
        try:
            more, fault, reach = _one(db, record, source, symbol, span, now, bar)
            rows, late = rows + more, fault or late
            is_short |= fault is not None and reach is not None and reach < span[1]
        except NoDataInRange as nothing:
            if count := archive.count_between(db.conn, key, span):
                problem = f"it holds nothing from {span[0]} to {span[1]} now, where it held {count} bars before"
                raise _doubt(source)(problem, source=source.name, symbol=symbol) from nothing
            empty.append((span, nothing))
            if isinstance(nothing, OutOfDate):
                late, is_short = nothing, True
    if empty and not archive.is_known(db.conn, key):
        raise empty[-1][1]
    for span, fault in empty:
        with transaction(db) as connection:
            archive.save_nothing(
                connection,
                key,
                asked=span,
                fetched_at=now(),
                version=source.version,
                why=fault.problem,
                reach=fault.reach,
            )
    return rows, late, is_short


def _one(
    db: Database, record: Run, source: Source, symbol: str, span: Span, now: Callable[[], dt.datetime], bar: str
) -> tuple[int, SourceError | None, dt.date | None]:
    """Fetch one span of a symbol and append what is new; return the rows written, the fault, and the last day known.

    Where the source has changed its mind about what is known, all that is known is asked for in the same breath, so
    that no series ever mixes two units.
    """
    snapshot = fetch(source, symbol, span, bar)
    _refuse_shorter(db, source, snapshot, span)
    parts = [span]
    if calls_for_all(db.conn, snapshot, span):
        parts = cover.join([span, *cover.covered(db.conn, (source.name, symbol, bar))], gap=dt.timedelta(0))
        snapshot = fetch(source, symbol, (parts[0][0], parts[-1][1]), bar)
    with transaction(db) as connection:
        rows = sum(
            archive.save(connection, snapshot.between(*p), asked=p, fetched_at=now(), whole=snapshot) for p in parts
        )
        if rows:
            record.ensure(connection)
    return rows, snapshot.fault, snapshot.reach[1]


def _doubt(source: Source) -> type[SourceError]:
    """The error for an answer that cannot be right: of a file it is to be mended, and no reason to ask again."""
    return UnreadableFile if source.facts.is_file else MalformedAnswer


def _refuse_shorter(db: Database, source: Source, snapshot: Snapshot, span: Span) -> None:
    """An answer that ends before what is known of the days asked for, and within the reach of its source, is none."""
    if not snapshot.sessions.size:
        return
    end = min(filter(None, (span[1], snapshot.reach[1])))
    last = snapshot.sessions.max().astype("datetime64[D]").item()
    count = archive.count_between(db.conn, (snapshot.source, snapshot.symbol, snapshot.bar), (last + DAY, end))
    if count:
        problem = f"it ends on {last} now, where it held {count} bars after that before"
        raise _doubt(source)(problem, source=snapshot.source, symbol=snapshot.symbol)


def fetch(source: Source, symbol: str, span: Span, bar: str) -> Snapshot:
    """Ask a source; whatever goes wrong is a `SourceError`."""
    ask: Callable[..., Snapshot] = source.fetch  # the size of the bar is left out for those that know days only
    try:
        return ask(symbol, *span) if bar == archive.DAILY else ask(symbol, *span, bar=bar)
    except SourceError:
        raise
    except Exception as error:  # an adapter that stumbles over an answer must not end the pass
        raise MalformedAnswer(f"{type(error).__name__}: {error}", source=source.name, symbol=symbol) from error


def _reach(config: Config, event: Event, now: dt.datetime) -> Span:
    """First and last calendar day whose prices the studies of `event` can use, placebo days included."""
    back = max((study.back for study in config.studies), default=0)
    ahead = max((study.ahead for study in config.studies), default=0)
    first = moved(event.earliest.date(), -int(back * CALENDAR_DAYS_PER_SESSION) - 10)
    last = moved(event.latest.date(), int(ahead * CALENDAR_DAYS_PER_SESSION) + 10)
    return first, min(last, now.date())


def moved(day: dt.date, days: int) -> dt.date:
    """`day` moved by `days`, as far as the calendar goes: one event in the year 1 must not end the pass."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))
