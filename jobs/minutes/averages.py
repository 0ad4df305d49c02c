"""Averages over announcements by the minute, on the bars of the archive (methods-intraday, H13)."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.config.model import CollectionConfig, Config
from eventstudy.store.collections import OfWindow, stored_t
from eventstudy.study.clock.aggregate import Member as Of
from eventstudy.study.clock.arranged import ClockRequest
from eventstudy.study.clock.document import judge
from eventstudy.study.clock.from_archive import study_together
from eventstudy.study.clock.result import ClockResult
from eventstudy.study.clock.stored_ends import window_of
from eventstudy.study.members import Member
from jobs.collections.table import characteristics
from jobs.minutes.bars import Bars
from jobs.minutes.step import spec_of

SAME = 1e-9


def study_members(
    config: Config,
    connection: sqlite3.Connection,
    study: ClockStudyConfig,
    members: Sequence[Member],
    *,
    columns: pd.DataFrame | None = None,
    regress: Sequence[str] = (),
) -> ClockResult:
    """Study members by the minute, those of one asset together.

    Parameters
    ----------
    config : Config
    connection : sqlite3.Connection
    study : ClockStudyConfig
    members : sequence of Member
    columns : DataFrame, optional
        A row per member, with the columns of `regress`.
    regress : sequence of str
    """
    bars, spec = Bars.of(config, connection), replace(spec_of(study), regress=tuple(regress))
    by_asset: dict[str, list[int]] = defaultdict(list)
    for i, member in enumerate(members):
        by_asset[member.asset].append(i)
    rows: dict[int, dict[str, Any]] = {}
    found: dict[int, Of] = {}
    warnings: list[str] = []
    for asset, places in by_asset.items():
        requests = [
            ClockRequest(
                event=members[i].event,
                spec=spec,
                context=(),
                others={asset: bars.others(asset)},
                announced=bars.by_asset,
            )
            for i in places
        ]
        for together in study_together(asset, requests, bars.archive):
            warnings += together.warnings
            for k, row, one in zip(together.places, together.rows, together.members, strict=True):
                i = places[k]
                rows[i] = {**row, "group": members[i].group}
                found[i] = replace(one, group=members[i].group)
    in_order = [rows[i] for i in range(len(members))]
    judge(in_order, spec)
    return ClockResult(
        spec=spec,
        rows=tuple(in_order),
        warnings=tuple(dict.fromkeys(warnings)),
        members=tuple(found[i] for i in range(len(members))),
        characteristics=pd.DataFrame(index=range(len(members))) if columns is None else columns,
    )


def averages(
    config: Config,
    connection: sqlite3.Connection,
    study: ClockStudyConfig,
    settings: CollectionConfig,
    members: Sequence[Member],
) -> tuple[dict[str, Any], str]:
    """The document of a collection, and how many numbers are those of the single announcements."""
    columns = characteristics(settings, [member.event.event_id for member in members])
    result = study_members(config, connection, study, members, columns=columns, regress=settings.regress)
    names = ("event_id", "asset", "group", "reason")
    document = {
        "spec": result.spec.to_dict(),
        "events": [{name: getattr(one, name) for name in names} for one in result.members],
        **result.averages,
        "warnings": list(result.warnings),
    }
    return document, _checked(stored_t(connection, study.id), result)


def _stored(stored: Mapping[OfWindow, float | None], row: Mapping[str, Any]) -> float | None:
    """The same as it is stored."""
    if not row["windows"]:
        return None
    ends = window_of(row["windows"][0]["window"])
    return stored.get((row["event_id"], row["asset"], ends.start, ends.end))


def _t(row: Mapping[str, Any]) -> float | None:
    """The paced t of the first window."""
    paced = row["windows"][0]["paced"] if row["windows"] else None
    return None if paced is None else float(paced["t"])


def _checked(stored: Mapping[OfWindow, float | None], result: ClockResult) -> str:
    """How many of the numbers are those that are stored of the single announcements."""
    pairs = [(_stored(stored, row), _t(row)) for row in result.rows]
    same = sum(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=SAME, abs_tol=SAME)) for a, b in pairs
    )
    return f"{same} of {len(pairs)} numbers of single events are those stored with them"
