"""The archive for people and programs: which series there are, and one of them with all that is known about it."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from eventstudy.archive import bars as store
from eventstudy.archive.bars import DAILY, FIELDS, Bars, Key
from eventstudy.archive.flags import all_flags
from eventstudy.database import faults as sqlite_faults
from eventstudy.database import reading as database
from eventstudy.database.version import refuse_other
from eventstudy.errors import InputError, StoreError
from eventstudy.evidence.flags import FLAGS
from eventstudy.hints import hint
from eventstudy.instants import stamp, stamp_of


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The archive at `path`, for reading only.

    Raises
    ------
    StoreError
        When there is none, or it was made by another version.
    """
    if not path.is_file():
        raise StoreError(f"there is no results database at {path}; run `eventstudy prices pull` or `eventstudy run`")
    try:
        with contextlib.closing(database.open_reader(path)) as connection:
            refuse_other(connection, path)
            yield connection
    except sqlite3.DatabaseError as error:
        raise sqlite_faults.translate(path, error) from error


def find(connection: sqlite3.Connection, symbol: str, source: str | None, bar: str) -> Key:
    """The one series that `symbol` names.

    Raises
    ------
    InputError
        When there is none, or several sources have it.
    """
    rows = connection.execute(
        "select source, symbol, bar from series where symbol = ? and bar = ? and (? is null or source = ?) order by 1",
        (symbol, bar, source, source),
    ).fetchall()
    if not rows:
        raise _unknown(connection, symbol, f"no {bar} bars of this symbol are stored")
    if len(rows) > 1:
        names = ", ".join(row[0] for row in rows)
        raise InputError("several sources have this symbol", where="SYMBOL", value=symbol, remedy=f"--source: {names}")
    return (rows[0][0], rows[0][1], rows[0][2])


def bars_of(connection: sqlite3.Connection, key: Key, as_of: dt.datetime | None) -> Bars:
    """The bars as known at `as_of`.

    Raises
    ------
    InputError
        When there were none by then.
    """
    bars = store.read(connection, key, as_of=as_of)
    if not bars.size:
        first = connection.execute(
            "select min(fetched_at) from snapshots where source = ? and symbol = ? and bar = ?", key
        ).fetchone()
        raise InputError("nothing was known by then", where="--as-of", remedy=f"the first answer came {first[0]}")
    return bars


def versions(connection: sqlite3.Connection, key: Key) -> list[str]:
    """The editions of the answers that a series is made of."""
    sql = "select distinct version from snapshots where (source, symbol, bar) = (?, ?, ?)"
    return [version for (version,) in connection.execute(sql, key)]


def has(connection: sqlite3.Connection, symbol: str) -> bool:
    """Whether anything of a symbol is stored."""
    return connection.execute("select 1 from series where symbol = ?", (symbol,)).fetchone() is not None


def series(connection: sqlite3.Connection) -> list[Key]:
    """Every series that is stored."""
    rows = connection.execute("select source, symbol, bar from series order by source, symbol, bar")
    return [(source, symbol, bar) for source, symbol, bar in rows]


def count(connection: sqlite3.Connection) -> dict[str, int]:
    """How many series, answers and versions of bars there are."""
    names = {"series": "series", "snapshots": "snapshots", "bars": "bar_versions"}
    return {
        name: int(connection.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608  # names of ours
        for name, table in names.items()
    }


def moment(text: str) -> dt.datetime:
    """An instant as written: ISO 8601 with a zone, or a date, which means its end in UTC.

    Raises
    ------
    InputError
        When it is neither.
    """
    try:
        if len(text) == len("2023-03-17"):
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(23, 59, 59), dt.UTC)
        written = dt.datetime.fromisoformat(text)
        found = written.astimezone(dt.UTC) if written.tzinfo else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise InputError("not an instant with a zone", where="--as-of", value=text, remedy="write 2023-03-17T07:00Z")
    return found


def described(connection: sqlite3.Connection, key: Key, as_of: dt.datetime | None) -> dict[str, Any]:
    """A series as plain values, ready for JSON: bars, what looks wrong, and what was rebased and why."""
    bars = bars_of(connection, key, as_of)
    found = all_flags(connection, key, bars, as_of)
    currency, version, fetched_at = connection.execute(
        "select currency, version, fetched_at from snapshots where source = ? and symbol = ? and bar = ? "
        "and fetched_at <= ? and row_count > 0 order by snapshot_id desc limit 1",
        (*key, stamp(as_of) if as_of else store.EVER),
    ).fetchone()
    return {
        "source": key[0],
        "symbol": key[1],
        "bar": key[2],
        "as_of": stamp(as_of) if as_of else None,
        "currency": currency,
        "version": version,
        "last_answer": fetched_at,
        "bars": rows_of(bars, key[2]),
        "marks": [
            {"session": str(f.session), "rule": f.rule, "detail": f.detail, "left_out": f.removes}
            for f in sorted(found, key=lambda f: (f.label, f.rule))
        ],
        "rebases": [
            {
                "field": step.field,
                "first_session": _day(step.first),
                "last_session": _day(step.last),
                "factor": step.factor,
                "why": step.why,
            }
            for step in store.rebases(connection, store.series_of(connection, key), as_of)
        ],
    }


def rows_of(bars: Bars, bar: str) -> list[dict[str, Any]]:
    """Bars as plain values; a number that JSON does not know is null."""
    instants = bars.instants.astype("datetime64[s]").astype(np.int64).tolist()
    values = np.where(np.isfinite(bars.values), bars.values, np.nan).tolist()
    return [
        {
            "session": str(session),
            **({} if bar == DAILY else {"starts": stamp_of(label)}),
            **{name: None if np.isnan(v) else v for name, v in zip(FIELDS, row, strict=True)},
            "priced_at": stamp_of(instant),
        }
        for session, label, row, instant in zip(bars.sessions, bars.labels.tolist(), values, instants, strict=True)
    ]


def doubts(
    connection: sqlite3.Connection,
    calendars: Mapping[tuple[str, str], str],
    keys: Collection[tuple[str, str]] | None = None,
) -> list[dict[str, Any]]:
    """Every price in doubt, and every one that a person confirmed, a row per stretch and flag: newest first.

    Parameters
    ----------
    connection : sqlite3.Connection
    calendars : mapping of (source, symbol) to str
        Those of the settings.
    keys : collection of (source, symbol), optional
        Of these alone.
    """
    out: dict[tuple[Any, ...], dict[str, Any]] = {}
    for source, symbol in connection.execute("select source, symbol from series where bar = ? order by 1, 2", (DAILY,)):
        if keys is not None and (source, symbol) not in keys:
            continue
        key: Key = (source, symbol, DAILY)
        calendar = calendars.get(key[:2], "")
        for flag in all_flags(connection, key, store.read(connection, key), calendar=calendar):
            if not (flag.is_doubt or flag.confirmed):
                continue
            row = out.setdefault(
                (source, symbol, flag.since, flag.rule),
                {
                    "source": source,
                    "symbol": symbol,
                    "first_session": str(flag.session),
                    "last_session": str(flag.session),
                    "flag": flag.rule,
                    "words": FLAGS[flag.rule][0],
                    "detail": flag.detail,
                    "confirmed": flag.confirmed or None,
                },
            )
            row["last_session"] = str(flag.session)
    return sorted(out.values(), key=lambda row: row["first_session"], reverse=True)


# Sought among the days that the answers hold: the view of all revisions walks the whole archive. A first answer revises
# nothing; a bar starts, in UTC, within a day of its session.
_REVISED = """
select source, symbol, session, close, previous_close from (
    select n.source, n.symbol, date(v.session * 86400, 'unixepoch') as session, v.close, (
        select close from bar_versions o
        where o.series_id = v.series_id and o.label = v.label and o.snapshot_id < v.snapshot_id
        order by o.snapshot_id desc limit 1
    ) as previous_close
    from snapshots n join series s using (source, symbol, bar) cross join bar_versions v
    where n.fetched_at between ? and ? and exists (
        select 1 from snapshots e
        where (e.source, e.symbol, e.bar) = (n.source, n.symbol, n.bar) and e.snapshot_id < n.snapshot_id
    ) and v.series_id = s.series_id and v.snapshot_id = n.snapshot_id
    and v.label between strftime('%s', n.answered_from, '-1 day') + 0 and strftime('%s', n.answered_to, '+2 days') + 0
) where previous_close is not null
order by abs(close / previous_close - 1) desc, source, symbol, session
"""


def revised_closes(
    connection: sqlite3.Connection, first: str, last: str
) -> list[tuple[str, str, str, float | None, float]]:
    """What answers that came from `first` to `last` have of bars that were known before, the largest change first.

    Each is the source, the symbol, the session, the close and the one before it.
    """
    return connection.execute(_REVISED, (first, last)).fetchall()


def revisions(connection: sqlite3.Connection, symbol: str | None, limit: int) -> list[dict[str, Any]]:
    """What sources changed, newest first: single prices with their change, and rebased stretches with their reason.

    Raises
    ------
    InputError
        When nothing of `symbol` is stored.
    """
    if symbol is not None and not has(connection, symbol):
        raise _unknown(connection, symbol, "nothing of this symbol is stored")
    asked = (symbol, symbol, limit)
    changed = connection.execute(
        "select fetched_at, source, symbol, bar, session, starts, previous_close, close, previous_dividend, dividend "
        "from price_revisions where previous_fetched_at is not null and (? is null or symbol = ?) "
        "order by fetched_at desc, source, symbol, session limit ?",
        asked,
    )
    out = [
        {
            "fetched_at": row[0],
            "source": row[1],
            "symbol": row[2],
            "bar": row[3],
            "session": row[4],
            "starts": row[5],
            **_change(*row[6:10]),
        }
        for row in changed
    ]
    rebased = connection.execute(
        "select fetched_at, source, symbol, bar, first_session, last_session, field, factor, why from price_rebases "
        "where (? is null or symbol = ?) order by fetched_at desc, source, symbol, first_session limit ?",
        asked,
    )
    out += [
        {
            "fetched_at": row[0],
            "source": row[1],
            "symbol": row[2],
            "bar": row[3],
            "session": f"{row[4]} to {row[5]}",
            "starts": None,
            "what": f"{row[6]} rebased: {row[8]}",
            "before": 1.0,
            "after": row[7],
            "change": row[7] - 1.0,
        }
        for row in rebased
    ]
    return sorted(out, key=lambda row: row["fetched_at"], reverse=True)[:limit]


def _change(
    close_before: float | None, close: float | None, paid_before: float | None, paid: float | None
) -> dict[str, Any]:
    """What was changed of a bar: its close with the relative change, else its dividend, else a field not shown here."""
    if close_before != close:
        what, change = ("close withdrawn", None) if close is None else ("close", None)
        if close_before and close is not None:
            change = close / close_before - 1.0
        return {"what": what, "before": close_before, "after": close, "change": change}
    if paid_before != paid:
        return {"what": "dividend", "before": paid_before, "after": paid, "change": None}
    return {"what": "another field", "before": None, "after": None, "change": None}


def _unknown(connection: sqlite3.Connection, symbol: str, problem: str) -> InputError:
    known = [row[0] for row in connection.execute("select distinct symbol from series order by 1")]
    some = ", ".join(known[:10]) + (" …" if len(known) > 10 else "")
    remedy = hint(symbol, known, f"there are {some}") if known else "pull or import something first"
    return InputError(problem, where="SYMBOL", value=symbol, remedy=remedy)


def _day(label: int) -> str:
    return str(np.datetime64(label, "s").astype("datetime64[D]"))
