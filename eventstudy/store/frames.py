"""Stored results as frames of pandas, polars or pyarrow: `eventstudy.open_results`."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

import pandas as pd

from eventstudy.archive import read as archive
from eventstudy.archive.bars import DAILY, FIELDS
from eventstudy.database import reading, units
from eventstudy.errors import InputError
from eventstudy.store import content, queries
from eventstudy.store.near import unknown
from eventstudy.store.queries import EXPORTS, FILTERS, QUERIES, NamedQuery
from eventstudy.tables.arrow import Frames, giver

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_EVENTS = NamedQuery(
    name="events",
    words="Every announcement and context event.",
    sql="select * from events where {where} order by announced_at, event_id",
    filters={name: FILTERS[name] for name in ("event", "kind", "tag", "since", "until")}
    | {"asset": "instr(assets, json_quote(:asset)) > 0", "status": "status = :status"},
    table="events",
)


Frame = TypeVar("Frame")


class Results(Generic[Frame]):
    """A results database, read only: every method asks it anew, and gives what the newest pass left.

    Filters that are None do not narrow; results that an answer shows are held against their hashes. Returns are
    decimals; instants are UTC with their zone, dates have no time.

    Parameters
    ----------
    path : path
        The file, for example ``var/eventstudy.db``.
    frames : {"pandas", "polars", "arrow"}
        Whose frames the methods give.

    Raises
    ------
    InputError
        When that library is not installed.
    StoreError
        When there is no such file, it is no results database, is damaged, or is of another version.
    """

    def __init__(self, path: str | os.PathLike[str], frames: Frames = "pandas") -> None:
        self.path = Path(path)
        self._give: Callable[[pd.DataFrame], Frame] = giver(frames)
        reading.connect(self.path).close()

    def __repr__(self) -> str:
        return f"Results({str(self.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open between questions."""

    def reactions(
        self,
        *,
        event: str | None = None,
        asset: str | None = None,
        study: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        verdict: str | None = None,
        since: str | dt.date | None = None,
        until: str | dt.date | None = None,
        min_t: float | None = None,
        window: tuple[int, int] | None = None,
    ) -> Frame:
        """A row per study, event, asset and window; the columns of the view `reactions`.

        Parameters
        ----------
        since, until : str or date, optional
            A year, month or day of the announcement, all of it included.
        min_t : float, optional
            Smallest |t|.
        window : (int, int), optional
            Sessions, both ends included.
        """
        narrowed = {"event": event, "asset": asset, "study": study, "kind": kind, "tag": tag, "verdict": verdict}
        return self._frame(
            EXPORTS["reactions"], {**narrowed, "since": since, "until": until, "min_t": min_t, "window": window}
        )

    def daily(
        self,
        *,
        event: str | None = None,
        asset: str | None = None,
        study: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        since: str | dt.date | None = None,
        until: str | dt.date | None = None,
    ) -> Frame:
        """A row per study, event, asset and session of the event window; the columns of `daily_reactions`."""
        narrowed = {"event": event, "asset": asset, "study": study, "kind": kind, "tag": tag}
        return self._frame(EXPORTS["daily"], {**narrowed, "since": since, "until": until})

    def collections(self, *, study: str | None = None, asset: str | None = None) -> Frame:
        """A row per collection, group and window; the columns of the view `collections`."""
        return self._frame(EXPORTS["collections"], {"study": study, "asset": asset})

    def events(
        self,
        *,
        event: str | None = None,
        asset: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        status: str | None = None,
        since: str | dt.date | None = None,
        until: str | dt.date | None = None,
    ) -> Frame:
        """A row per announcement, context events included; the columns of the table `events`."""
        narrowed = {"event": event, "asset": asset, "kind": kind, "tag": tag, "status": status}
        return self._frame(_EVENTS, {**narrowed, "since": since, "until": until})

    def prices(
        self,
        symbol: str | Sequence[str] | None = None,
        *,
        source: str | None = None,
        bar: str = DAILY,
        as_of: dt.datetime | None = None,
    ) -> Frame:
        """A row per series and bar: ``source, symbol, session``, prices, actions, and when the price was taken.

        Parameters
        ----------
        symbol : str or sequence of str, optional
            As the source has it; all that are stored when None.
        source : str, optional
        bar : str
            ``1d``, or the size of captured bars.
        as_of : datetime, optional
            As the prices were known then; now when None.

        Raises
        ------
        InputError
            When no such series is stored.
        """
        wanted = {symbol} if isinstance(symbol, str) else None if symbol is None else set(symbol)
        with archive.reading(self.path) as connection:
            stored = [key for key in archive.series(connection) if key[2] == bar]
            keys = [
                key for key in stored if (wanted is None or key[1] in wanted) and (source is None or key[0] == source)
            ]
            if lacking := (wanted or set()) - {key[1] for key in keys}:
                known = ", ".join(sorted({key[1] for key in stored})[:8]) or "none"
                raise InputError(
                    "no prices of this symbol are stored",
                    where="prices",
                    value=min(lacking),
                    remedy=f"there are {known}; `prices show` lists all",
                )
            rows = [
                {"source": key[0], "symbol": key[1], **row}
                for key in keys
                for row in archive.rows_of(archive.bars_of(connection, key, as_of), bar)
            ]
        frame = pd.DataFrame(rows) if rows else pd.DataFrame(columns=["source", "symbol", "session", "close"])
        for name in ("priced_at", "starts"):
            if name in frame:
                frame[name] = pd.to_datetime(frame[name], utc=True)
        numbers = {name: frame[name].astype(float) for name in FIELDS if name in frame}
        return self._give(frame.assign(session=pd.to_datetime(frame["session"]), **numbers))

    def query(self, name: str, **values: Any) -> Frame:
        """The answer of a named query, with its options, or of one SELECT, with its ``:names``.

        Examples
        --------
        >>> import eventstudy as es
        >>> es.open_results("var/eventstudy.db").query("strongest", since="2022")  # doctest: +SKIP
        """
        if name in QUERIES:
            return self._frame(QUERIES[name], values)
        found = queries.of_table(name) if name.isidentifier() else NamedQuery(name="", words="", sql=name)
        return self._frame(found, values)

    def _frame(self, query: NamedQuery, options: dict[str, Any]) -> Frame:
        given = {name: value for name, value in options.items() if value is not None}
        for name in given:
            if query.filters and name not in query.filters and name not in query.parameters:
                known = ", ".join(query.filters)
                raise InputError("is no option of this", where=query.name, value=name, remedy=f"known are {known}")
        values = dict(given)
        for name in {"since", "until"} & values.keys() & query.filters.keys():
            values[name] = str(values[name])[:10]  # as the command takes them: averages are kept by the day
        if "window" in values:
            values["window_start"], values["window_end"] = values.pop("window")
        statement = query.statement(given, query.limit)
        check = functools.partial(content.checked, event_id=query.only_event(values))
        with reading.select(self.path, statement, values, seconds=reading.READ_SECONDS, check=check) as answer:
            frame = pd.DataFrame.from_records(list(answer.rows), columns=list(answer.columns))
        if frame.empty and (why := unknown(self.path, given)):
            raise InputError(why, where=query.name or "query")
        return self._give(_typed(frame, query))


@overload
def open_results(path: str | os.PathLike[str], frames: Literal["pandas"] = "pandas") -> Results[pd.DataFrame]: ...


@overload
def open_results(path: str | os.PathLike[str], frames: Literal["polars"]) -> Results[pl.DataFrame]: ...


@overload
def open_results(path: str | os.PathLike[str], frames: Literal["arrow"]) -> Results[pa.Table]: ...


def open_results(path: str | os.PathLike[str], frames: Frames = "pandas") -> Results[Any]:
    """Open a results database for reading, with a method per table that people use.

    Parameters
    ----------
    path : path
    frames : {"pandas", "polars", "arrow"}
        Whose frames the methods give: those of pandas, of polars, or tables of pyarrow.

    Examples
    --------
    >>> import eventstudy as es
    >>> results = es.open_results("var/eventstudy.db")  # doctest: +SKIP
    >>> results.reactions(asset="dollar-index", min_t=2)[["event_id", "car", "t"]]  # doctest: +SKIP
    """
    return Results(path, frames)


def _typed(frame: pd.DataFrame, query: NamedQuery) -> pd.DataFrame:
    """Instants with their zone, dates as such, flags as booleans, numbers as numbers even where none is known."""
    for name in _of(frame, query, (units.INSTANT,)):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    for name in _of(frame, query, (units.DATE,)):
        frame[name] = pd.to_datetime(frame[name], errors="coerce")
    for name in _of(frame, query, (units.FLAG,)):
        frame[name] = frame[name].astype("boolean")
    numbers = (units.DECIMAL, units.SHARE, units.NUMBER, units.PRICE)
    for name in _of(frame, query, numbers):
        with contextlib.suppress(TypeError, ValueError):  # a column of SQL that is only called like one of ours
            frame[name] = frame[name].astype(float)
    return frame


def _of(frame: pd.DataFrame, query: NamedQuery, wanted: Iterable[str]) -> Iterator[str]:
    return (name for name in frame.columns if query.unit(name) in wanted)
