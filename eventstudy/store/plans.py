"""Plans of events: written once and never changed, read back, and what was run of them.

Functions that write run inside a transaction of the caller.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from eventstudy.database.reading import Row, rows
from eventstudy.errors import StoreError
from eventstudy.instants import parse, stamp, stamp_of
from eventstudy.plans.frozen import OF_ASSETS, Frozen, assets_read, with_choices
from eventstudy.plans.held import Held
from eventstudy.plans.plan import AFTER_PRICES, BEFORE_NEWS, BEFORE_PRICES, Plan, Seen, plan_of
from eventstudy.store import states


def put_plan(connection: sqlite3.Connection, plan: Plan) -> int:
    """Write a plan as the next version of its event's; return which it is. The page of the event is due then."""
    (before,) = connection.execute(
        "select coalesce(max(plan_version), 0) from plans where event_id = ?", (plan.event_id,)
    ).fetchone()
    connection.execute("insert into plans values (?, ?, ?, ?, ?, ?, ?, ?, ?)", _row_of(plan, before + 1))
    states.put_page_due(connection, [plan.event_id])
    return int(before) + 1


def _row_of(plan: Plan, version: int) -> tuple[Any, ...]:
    """The row of `plans` that a plan makes."""
    seen = plan.seen
    return (
        *(plan.event_id, version, plan.planned_at, plan.by, seen.stage, seen.first_price_at, plan.version),
        *(json.dumps(plan.to_dict()), plan.hash),
    )


def plans_of(connection: sqlite3.Connection, event_id: str) -> list[Plan]:
    """Every plan of an event, the first one first.

    Raises
    ------
    StoreError
        When one of them is not what was written.
    """
    return list(map(_read, connection.execute("select * from plans where event_id = ? order by 1, 2", (event_id,))))


def altered(connection: sqlite3.Connection) -> str | None:
    """The first plan that is not what was written; None when all are."""
    try:
        for row in connection.execute("select * from plans order by 1, 2"):
            _read(row)
    except StoreError as error:
        return str(error)
    return None


def _read(row: tuple[Any, ...]) -> Plan:
    event_id, version, *_, text, _ = row
    try:
        plan = plan_of(json.loads(text), "plans")
        is_same = _row_of(plan, version) == row
    except ValueError as error:  # of JSON, of a plan, or of one that has not one event
        raise StoreError(f"plan {version} of {event_id} is not what was written: {error}") from error
    if not is_same:
        raise StoreError(f"plan {version} of {event_id} is not what was written: its row says another thing")
    return plan


def by_hash(connection: sqlite3.Connection, written: str) -> Plan | None:
    """The plan that has a hash; None where there is none."""
    row = connection.execute("select * from plans where plan_hash = ?", (written,)).fetchone()
    return None if row is None else _read(row)


def overview(connection: sqlite3.Connection, event_id: str | None = None) -> list[Row]:
    """Every plan, or those of an event, without what they say: in the order in which they were made."""
    return rows(
        connection,
        "select event_id, plan_version, planned_at, planned_by, stage, first_price_at, code_version, plan_hash "
        "from plans where ?1 is null or event_id = ?1 order by planned_at, event_id, plan_version",
        (event_id,),
    )


def seen(connection: sqlite3.Connection | None, frozen: Frozen, now: dt.datetime) -> Seen:
    """What is to be had now of the event of `frozen`: prices of its assets after the announcement, and results."""
    ((event_id, event),) = frozen.events.items()
    is_early = now < parse(event["earliest"])
    first, has_results = None, False
    if connection is not None:
        first = _after_news(connection, frozen, "min(v.instant)")
        done = "select exists (select 1 from analyses where event_id = ? and status = 'ok')"
        has_results = bool(connection.execute(done, (event_id,)).fetchone()[0])
    early = BEFORE_NEWS if is_early else BEFORE_PRICES
    return Seen(
        stage=early if first is None else AFTER_PRICES,
        first_price_at=None if first is None else stamp_of(first),
        has_results=has_results,
        past=0 if is_early else 1,
    )


def _after_news(connection: sqlite3.Connection, frozen: Frozen, least: str) -> Any:
    """The least of something over the stored prices after the announcement, bars of every size; None without a price.

    Parameters
    ----------
    least : str
        Of ``v``, a row of `bar_versions`, or of ``n``, its answer.
    """
    (event,) = frozen.events.values()
    after = int(parse(event["earliest"]).timestamp())
    found = (
        connection.execute(
            f"select {least} from series s join bar_versions v using (series_id) join snapshots n using (snapshot_id) "  # noqa: S608  # ours
            "where s.source = ? and s.symbol = ? and v.instant > ? and v.close is not null",
            (*key, after),
        ).fetchone()[0]
        for key in _series(frozen, event["assets"])
    )
    return min((value for value in found if value is not None), default=None)


def _series(frozen: Frozen, assets: Iterable[str]) -> set[tuple[str, str]]:
    """Source and symbol of assets, and of the parts of those that are baskets."""
    out: set[tuple[str, str]] = set()
    for name in assets:
        settings = frozen.assets.get(name, {})
        if basket := settings.get("basket"):
            out |= _series(frozen, (*basket.get("weights", ()), *basket.get("members", ())))
        elif settings:
            out.add((settings["source"], settings.get("symbol") or name))
    return out


def refuse_clock(connection: sqlite3.Connection, now: dt.datetime) -> None:
    """Refuse a clock that stands before what it wrote down here already: a plan is never dated back.

    Raises
    ------
    StoreError
    """
    (latest,) = connection.execute(
        "select max(moment) from (select max(started_at) as moment from runs union all "
        "select max(planned_at) from plans union all select max(fetched_at) from snapshots)"
    ).fetchone()
    if latest is not None and stamp(now) < latest:
        raise StoreError(
            f"the clock says {stamp(now)}, and this database was written to at {latest}: a plan cannot be dated back; "
            "set the clock right"
        )


def held(connection: sqlite3.Connection, event: Row, number: int | None = None) -> Held | None:
    """A plan of an event, and whether its results kept it; None where there is no plan.

    Parameters
    ----------
    connection : sqlite3.Connection
    event : Row
    number : int, optional
        Which of its plans; the one that counts when None.

    Raises
    ------
    StoreError
        When a plan is not what was written.
    """
    known = tuple(plans_of(connection, event["event_id"]))
    return held_against(connection, event, known, number or Held(plans=known).counting) if known else None


def held_against(connection: sqlite3.Connection, event: Row, known: tuple[Plan, ...], number: int) -> Held:
    """The stored results of an event held against one of the plans `known`."""
    version = connection.execute("select max(code_version) from analyses where event_id = ?", (event["event_id"],))
    return Held(
        plans=known,
        number=number,
        run=run(connection, event),
        run_version=version.fetchone()[0],
        first_fetched_at=_after_news(connection, known[number - 1].frozen, "min(n.fetched_at)"),
    )


def run(connection: sqlite3.Connection, event: Row) -> Frozen | None:
    """What the stored results of an event were computed by; None where there are none."""
    found = rows(
        connection,
        "select study_id, spec from studies s where exists (select 1 from analyses a where a.study_id = s.study_id "
        "and a.event_id = ?) order by position",
        (event["event_id"],),
    )
    return _frozen(connection, event, found) if found else None


def current(connection: sqlite3.Connection, event: Row) -> Frozen:
    """What the newest pass would compute results of an event by."""
    found = rows(
        connection,
        "select study_id, spec from studies where bar <> '1d' or study_id in (select json_extract(j.value, '$.id') "
        "from settings s, json_each(s.text, '$.studies') j) order by position",
    )
    return _frozen(connection, event, found)


def _frozen(connection: sqlite3.Connection, event: Row, studies: Iterable[Row]) -> Frozen:
    specs = {row["study_id"]: json.loads(row["spec"]) for row in studies}
    known = dict(connection.execute("select asset, settings from assets").fetchall())
    settings = connection.execute("select text from settings").fetchone()
    return frozen_of(
        event,
        specs,
        {name: json.loads(text) for name, text in known.items()},
        tuple(json.loads(settings[0])["releases"]) if settings else (),
    )


def frozen_of(
    event: Mapping[str, Any],
    specs: Mapping[str, Mapping[str, Any]],
    assets: Mapping[str, Mapping[str, Any]],
    releases: tuple[str, ...],
) -> Frozen:
    """The choices that bear on an event.

    Parameters
    ----------
    event : mapping
        A row of `events`.
    specs : mapping
        Study id → its settings, as the table `studies` has them.
    assets : mapping
        Every asset of the settings → what the table `assets` has of it; those that no study of the event reads are
        left out.
    releases : tuple of str
    """
    own = json.loads(event["assets"])
    return Frozen(
        studies={name: with_choices(spec, OF_ASSETS) for name, spec in specs.items()},
        events={event["event_id"]: {"earliest": event["earliest"], "latest": event["latest"], "assets": own}},
        assets=assets_read(own, specs.values(), assets),
        releases=releases,
    )
