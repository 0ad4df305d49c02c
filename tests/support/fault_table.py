"""What is published when a price is false: kind of fault × source × where it stands; `docs/evidence.md` shows it.

A share moves by 5 % more than its benchmark on day 0, which is a strong reaction. Each fault is put into one series:
into the share on day 0, or in the middle of its estimation window, or into its benchmark, or into one of two components
of a basket that is its benchmark, on day 0. Series go into an archive as their source would bring them, and are studied
as a pass studies them; or their closes are a table of `run_study`, where the basket is the peers of a peer model.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sqlite_utils import Database

from eventstudy import run_study
from eventstudy.archive import answers as archive
from eventstudy.archive.book import PriceBook
from eventstudy.calendars import named_calendar
from eventstudy.config.model import Config
from eventstudy.database.connection import open_database, transaction
from eventstudy.records import Event, Snapshot, StudySpec
from eventstudy.study.event import Request, study_events
from eventstudy.study.members import ArchivedReturns
from eventstudy.study.results import Reaction
from eventstudy.study.verdict import verdict

N, DAY0, MIDDLE = 260, 220, 150
SPEC = StudySpec(
    returns="log",
    estimation=(-120, -11),
    event_window=(-2, 2),
    windows=[(0, 0), (0, 1)],
    benchmark="MKT",
    min_estimation=40,
)
PLACES = ("tested window", "estimation window", "benchmark", "basket member")
TABLE, RETURNS = "table of study", "table of returns"
SOURCES = {"yahoo": "XNYS", "files": "", "ecb": "ecb", "factors": "", TABLE: "", RETURNS: ""}
BARS = ("open", "high", "low", "close", "adjusted")

STUDY = ("model", "returns", "estimation", "event_window", "windows", "benchmark")

Answers = list[Snapshot]
Fault = Callable[[Snapshot, int], Answers]


def clean(source: str, symbol: str) -> Snapshot:
    """A series as its source brings it: bars of Yahoo's, closes and volumes of a file, closes alone of the others."""
    calendar = SOURCES[source]
    if calendar:
        days, instants = named_calendar(calendar).sessions(dt.date(2022, 6, 1), dt.date(2023, 12, 29))
        days, instants = days[:N], instants[:N]
    else:
        every = np.arange(np.datetime64("2022-06-01"), np.datetime64("2023-12-30"))
        days = every[np.is_busday(every)][:N]
        instants = (days + np.timedelta64(21, "h")).astype("datetime64[ns]")
    market = np.random.default_rng(1).normal(0, 0.008, N)
    own = np.random.default_rng(sum(map(ord, symbol[:3]))).normal(0, 0.006, N)
    moves = market + own
    if symbol.startswith("AAA"):
        moves[DAY0] += 0.05
    close = np.round(100.0 * np.exp(np.cumsum(moves)), 6)
    more: dict[str, np.ndarray] = {}
    if source == "yahoo":
        more = {"open": close, "high": close * 1.006, "low": close * 0.994, "adjusted": close, "splits": np.ones(N)}
    if source in ("yahoo", "files"):
        more["volume"] = np.full(N, 1e6)
    return Snapshot(
        source=source,
        symbol=symbol,
        currency="USD",
        version="1",
        sessions=days,
        instants=instants,
        close=close,
        dividends=np.zeros(N),
        calendar=calendar,
        **more,
    )


def _times(factor: float, length: int | None = 1, *names: str) -> Fault:
    """The prices, or those of `names`, times a factor for some bars, or to the end."""

    def fault(given: Snapshot, at: int) -> Answers:
        here = slice(at, None if length is None else at + length)
        out = {}
        for name in names or BARS:
            column = getattr(given, name)
            if column is not None:
                out[name] = column.copy()
                out[name][here] *= factor
        return [dataclasses.replace(given, **out)]

    return fault


def _before(factor: float, ratio: float) -> Fault:
    """A split of `ratio` for 1, and the prices before it times a factor."""

    def fault(given: Snapshot, at: int) -> Answers:
        out = {name: c.copy() for name in BARS if (c := getattr(given, name)) is not None}
        for column in out.values():
            column[:at] *= factor
        return [dataclasses.replace(given, splits=np.where(np.arange(N) == at, ratio, 1.0), **out)]

    return fault


def _dividend(given: Snapshot, at: int) -> Answers:
    return [dataclasses.replace(given, dividends=np.where(np.arange(N) == at, 30.0, 0.0))]


def _missing_dividend(given: Snapshot, at: int) -> Answers:
    assert given.adjusted is not None  # only what has adjusted closes can tell
    (out,) = _times(0.95, None, "open", "high", "low", "close")(given, at)
    return [dataclasses.replace(out, adjusted=given.close)]


def _paid(share: float, of_told: tuple[float, ...]) -> Fault:
    """A dividend that the close follows, and what is told of it: so many times as much, day by day."""

    def fault(given: Snapshot, at: int) -> Answers:
        paid = round(share * float(given.close[at - 1]), 2)
        (out,) = _times(1.0 - share, None, "open", "high", "low", "close")(given, at)
        told = np.zeros(N)
        told[at : at + len(of_told)] = paid * np.array(of_told)
        if given.adjusted is None:
            return [dataclasses.replace(out, dividends=told)]
        growth = (out.close[1:] + told[1:]) / out.close[:-1]
        return [dataclasses.replace(out, dividends=told, adjusted=np.append(1.0, np.cumprod(growth)) * out.close[0])]

    return fault


def _untraded(given: Snapshot, at: int) -> Answers:
    days = np.arange(N)
    (out,) = _frozen(1)(given, at)
    return [dataclasses.replace(out, volume=np.where(days == at, 0.0, given.volume))]


def _a_day_off(step: int) -> Fault:
    """The dates of two weeks a day off, from a Monday on."""

    def fault(given: Snapshot, at: int) -> Answers:
        days = (given.sessions - given.sessions[at].astype("datetime64[W]")).astype(int)
        moved = np.where((days >= -3) & (days < 11), np.timedelta64(step, "D"), np.timedelta64(0, "D"))
        out = dataclasses.replace(given, sessions=given.sessions + moved, instants=given.instants + moved)
        return [out.at(np.append(out.sessions[1:] != out.sessions[:-1], True))]

    return fault


def _zero(given: Snapshot, at: int) -> Answers:
    return [dataclasses.replace(given, close=np.where(np.arange(N) == at, 0.0, given.close))]


def _frozen(length: int) -> Fault:
    def fault(given: Snapshot, at: int) -> Answers:
        out = {name: c.copy() for name in BARS if (c := getattr(given, name)) is not None}
        for column in out.values():
            column[at : at + length] = given.close[at - 1]
        return [dataclasses.replace(given, **out)]

    return fault


def _again(given: Snapshot, at: int) -> Answers:
    place = np.where(np.arange(N) == at, at - 1, np.arange(N))
    return [dataclasses.replace(given, **{name: getattr(given, name)[place] for name in (*BARS, "volume")})]


def _live(given: Snapshot, at: int) -> Answers:
    (out,) = _times(1.01)(given, at)
    early = np.where(np.arange(N) == at, np.timedelta64(3, "h"), np.timedelta64(0, "h"))
    return [dataclasses.replace(out, instants=given.instants - early)]


def _two_answers(**second: str) -> Fault:
    def fault(given: Snapshot, at: int) -> Answers:
        days = np.arange(N)
        return [given.at(days < at), dataclasses.replace(given.at(days >= at), **second)]

    return fault


def _replaced(given: Snapshot, _at: int) -> Answers:
    other = 37.0 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.01, N)))
    return [given, dataclasses.replace(given, **{name: other for name in BARS if getattr(given, name) is not None})]


def _returns_times(factor: float, length: int | None) -> Fault:
    """The prices that returns make which are a factor times what they were, for some days or to the end."""

    def fault(given: Snapshot, at: int) -> Answers:
        moves = np.diff(np.log(given.close), prepend=np.log(given.close[0]))
        moves[at : None if length is None else at + length] *= factor
        return [dataclasses.replace(given, close=given.close[0] * np.exp(np.cumsum(moves)))]

    return fault


EVERY = tuple(name for name in SOURCES if name != RETURNS)
FAULTS: dict[str, tuple[tuple[str, ...], Fault]] = {
    "close × 10, low and high as they were": (("yahoo",), _times(10.0, 1, "close")),
    "close off by 2 %, low and high as they were": (("yahoo",), _times(1.02, 1, "close")),
    "one bar × 10": (EVERY, _times(10.0)),
    "one bar × 0.01": (EVERY, _times(0.01)),
    "12 bars × 100": (EVERY, _times(100.0, 12)),
    "25 bars × 0.001": (EVERY, _times(0.001, 25)),
    "× 0.1 for good": (EVERY, _times(0.1, None)),
    "× 100 for good": (EVERY, _times(100.0, None)),
    "one bar + 40 %": (EVERY, _times(1.4)),
    "one bar - 30 %": (EVERY, _times(0.7)),
    "5 bars × 1.4": (EVERY, _times(1.4, 5)),
    "25 bars × 0.7": (EVERY, _times(0.7, 25)),
    "a price of zero": (EVERY, _zero),
    "a dividend of 30 not followed": (("yahoo", "files"), _dividend),
    "a dividend of 5 % missing": (("yahoo",), _missing_dividend),
    "a dividend of 1 % paid twice": (("yahoo", "files"), _paid(0.01, (1.0, 1.0))),
    "a dividend of 5 % told as 10 %": (("yahoo", "files"), _paid(0.05, (2.0,))),
    "a split of 4 for 1 not applied": (("yahoo", "files"), _before(4.0, 4.0)),
    "a split of 4 for 1 applied twice": (("yahoo", "files"), _before(0.25, 4.0)),
    "another currency": (("yahoo", "files"), _two_answers(currency="EUR")),
    "another venue": (("yahoo",), _two_answers(calendar="XLON")),
    "ten days of the same price": (("yahoo", "files", "factors", TABLE), _frozen(10)),
    "five days of the same price": (("yahoo", "files", "factors", TABLE), _frozen(5)),
    "a day without trade": (("yahoo", "files"), _untraded),
    "dates of two weeks a day early": (("yahoo", "files", "ecb", "factors"), _a_day_off(-1)),
    "dates of two weeks a day late": (("yahoo", "files", "ecb", "factors"), _a_day_off(1)),
    "the bar of the day before again": (("yahoo",), _again),
    "a quote from three hours before the close": (("yahoo",), _live),
    "30 returns × 0.01": ((RETURNS,), _returns_times(0.01, 30)),
    "returns × 0.001 for good": ((RETURNS,), _returns_times(0.001, None)),
    "the history of another share": (("yahoo", "files"), _replaced),
}
CASES = [(kind, source) for kind, (sources, _) in FAULTS.items() for source in sources]


@functools.cache
def _database(source: str) -> tuple[Database, Event]:
    """An archive with the undisturbed series of one source, and the event."""
    folder = Path(tempfile.mkdtemp())
    db = open_database(folder / "es.db")
    for symbol in ("AAA", "MKT", "MMA", "MMB"):
        _save(db, [clean(source, symbol)])
    given = clean(source, "AAA")
    at = given.instants[DAY0 - 1].astype("datetime64[s]").item().replace(tzinfo=dt.UTC) + dt.timedelta(minutes=1)
    return db, Event(event_id="news", title="News", earliest=at, latest=at, assets=("AAA",))


def _save(db: Database, answers: Answers) -> None:
    first, last = (answers[i].sessions[j].item() for i, j in ((0, 0), (-1, -1)))
    for k, answer in enumerate(answers):
        with transaction(db) as connection:
            archive.save(connection, answer, asked=(first, last), fetched_at=dt.datetime(2024, 6, 1 + k, tzinfo=dt.UTC))


@dataclasses.dataclass(frozen=True)
class Found:
    """What is published: a verdict for every window, or the reason why there is none; and the notes."""

    verdicts: tuple[str, ...]
    reason: str | None
    notes: tuple[str, ...]


@functools.cache
def studied(source: str, place: str = "", kind: str = "") -> Found:
    """What is published of the share, with a fault of a kind at a place, or with none."""
    if source in (TABLE, RETURNS):
        return _in_table(source, place, kind)
    reaction = _in_archive(source, place, kind)
    found = tuple(window.verdict for window in reaction.windows) or ("not computable",) * len(SPEC.windows)
    return Found(found, reaction.reason or next((w.reason for w in reaction.windows if w.reason), None), reaction.notes)


def _in_table(source: str, place: str, kind: str) -> Found:
    series = {name: clean(source, name) for name in ("AAA", "MKT", "MMA", "MMB")}
    name = {"benchmark": "MKT", "basket member": "MMA"}.get(place, "AAA")
    if place:
        (series[name],) = FAULTS[kind][1](series[name], MIDDLE if place == "estimation window" else DAY0)
    days = series["AAA"].sessions
    columns = {
        name: np.diff(np.log(s.close), prepend=np.nan) if source == RETURNS else s.close for name, s in series.items()
    }
    table = pd.DataFrame({"date": days.astype("datetime64[s]"), **columns})
    values = "returns" if source == RETURNS else "prices"
    events = pd.DataFrame({"event_id": ["news"], "asset": ["AAA"], "date": [str(days[DAY0])]})
    peers = dataclasses.replace(SPEC, model="peer", benchmark=None)
    if place == "basket member":
        document = run_study(table, events, peers, factors=("MMA", "MMB"), values=values).to_dict()
    else:
        document = run_study(table, events, SPEC, values=values).to_dict()
    (event,) = document["events"]
    p = [{test["name"]: test["p_value"] for test in window["tests"]} for window in event["windows"]]
    found = tuple(verdict(of.get("t"), of.get("placebo"), SPEC.alpha, is_confounded=False) for of in p)
    reason = event["reason"] or next((window["reason"] for window in event["windows"] if window["reason"]), None)
    return Found(found or ("not computable",) * len(SPEC.windows), reason, tuple(document["warnings"]))


def _in_archive(source: str, place: str, kind: str) -> Reaction:
    db, event = _database(source)
    symbols = {name: name for name in ("AAA", "MKT", "MMA", "MMB")}
    if place:
        name = {"benchmark": "MKT", "basket member": "MMA"}.get(place, "AAA")
        symbols[name] = f"{name} {place} {kind}"
        given = dataclasses.replace(clean(source, name), symbol=symbols[name])
        _save(db, FAULTS[kind][1](given, MIDDLE if place == "estimation window" else DAY0))
    assets: dict[str, object] = {name: {"source": "s", "symbol": symbol} for name, symbol in symbols.items()}
    if place == "basket member":
        assets["MKT"] = {"basket": {"constant": 1.0, "weights": {"MMA": 0.5, "MMB": 0.5}}}
    paths = {"files": {"path": "p"}, "factors": {"path": "p"}}
    config = Config.model_validate(
        {
            "version": 1,
            "database": "es.db",
            "reports": "reports",
            "sources": {source: {"kind": source, **paths.get(source, {})}},
            "assets": {
                name: {**entry, **({"source": source} if "source" in entry else {})} for name, entry in assets.items()
            },
            "studies": [{"id": "s", **{name: value for name, value in SPEC.to_dict().items() if name in STUDY}}],
            "schedule": {"at": "23:30", "zone": "UTC", "days": "mon-sun"},
        }
    )
    returns = ArchivedReturns(PriceBook(config, db.conn))
    series = {"AAA": returns.of("AAA", SPEC)}
    (result,) = study_events([Request(event=event, study_id="s", spec=SPEC, series=series)])
    (reaction,) = result.reactions
    return reaction


def verdicts(found: Found) -> tuple[str, ...]:
    """The verdict of every window."""
    return found.verdicts


def published(source: str, place: str, kind: str) -> str:
    """The cell of the table."""
    found = studied(source, place, kind)
    words = set(found.verdicts)
    if words != {"not computable"}:
        left_out = any("left out" in note for note in found.notes)
        return f"{' and '.join(sorted(words))}{', those days left out' if left_out else ''}"
    reason = found.reason or ""
    return ": ".join(reason.split(": ")[:2]) if reason.startswith("price in doubt") else reason.partition(" on ")[0]


def rows() -> Iterator[str]:
    """The table as Markdown."""
    yield f"| fault | source | {' | '.join(PLACES)} |"
    yield "|---" * (len(PLACES) + 2) + "|"
    for kind, (sources, _) in FAULTS.items():
        by_cells: dict[tuple[str, ...], list[str]] = {}
        for source in sources:
            by_cells.setdefault(tuple(published(source, place, kind) for place in PLACES), []).append(source)
        for cells, names in by_cells.items():
            yield f"| {kind} | {', '.join(names)} | {' | '.join(cells)} |"
