"""Many announcements by the minute: each is one row of samples, its reference sessions the estimation window (H13).

The engine of daily studies does the rest. It sees a constant mean over the reference moves, and one day, that of the
announcement; once with the moves, and once with paced moves in units of their forecast error, whose abnormal return is
the paced t of the event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.records import Float64Array, Int64Array
from eventstudy.spec import StudySpec
from eventstudy.study.clock.reaction import WindowReaction
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.conclusion import window_verdict
from eventstudy.study.document import averaged
from eventstudy.study.many import study_samples
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult
from eventstudy.study.samples import Samples

OVERLAPS = "shares a bar with an earlier announcement of the asset, and is judged with it"
MEANS = ("n", "n_partial", "caar", "caar_ci", "caar_ci_basis", "caar_se", "median_car", "share_positive", "mde")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A window of one event and asset, as a row of samples has it; the announcement first, then the newest session.

    Attributes
    ----------
    moves, pace : Float64Array
        Shape (1 + N,).
    days : Int64Array
        Shape (1 + N,), days since 1970 of the sessions.
    error : float
        Forecast error of the paced move; NaN without one.
    reason : str or None
        Why the window does not count in averages.
    """

    moves: Float64Array
    pace: Float64Array
    days: Int64Array
    error: float
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An event and asset of the study, with a series for each window."""

    event_id: str
    asset: str
    group: str | None
    series: tuple[Series, ...]
    reason: str | None


def series_of(found: WindowReaction, *, has_earlier: bool) -> Series:
    """What a window adds to averages; nothing where an earlier announcement shares a bar with it."""
    measured, paced = found.found.measured, found.paced
    reason = found.reason or (OVERLAPS if has_earlier else None)
    labels = measured.bars.market.labels[measured.sessions]
    return Series(
        moves=found.moves,
        pace=found.found.pace,
        days=labels.astype("datetime64[D]").astype(np.int64),
        error=float("nan") if paced is None else paced.s * float(np.sqrt(1 + 1 / paced.n)),
        reason=reason,
    )


def averages(members: Sequence[Member], spec: ClockSpec, characteristics: pd.DataFrame) -> dict[str, Any]:
    """``aggregate``, ``group_differences`` and ``regressions`` of the document.

    Parameters
    ----------
    members : sequence of Member
        In the order of the table.
    spec : ClockSpec
    characteristics : DataFrame
        Columns of the events for regressions; a row per member.
    """
    by_window = [_window(members, spec, w, characteristics) for w in range(len(spec.windows))]
    groups: dict[str, list[dict[str, Any]]] = {}
    designs: dict[str, dict[str, Any]] = {}
    for found in by_window:
        for name, design, row in found["groups"]:
            groups.setdefault(name, []).append(row)
            designs.setdefault(name, design)
    return {
        "aggregate": [
            {
                "group": name,
                "n_events": max(row["n"] for row in rows),
                "design": designs[name],
                "days": [],
                "windows": rows,
            }
            for name, rows in groups.items()
        ],
        "group_differences": [row for found in by_window for row in found["differences"]],
        "regressions": [row for found in by_window for row in found["regressions"]],
    }


def study_window(
    members: Sequence[Member], spec: ClockSpec, window: int, characteristics: pd.DataFrame, *, is_paced: bool
) -> StudyResult:
    """The daily engine's study of one window: of the moves, or of paced moves in units of their forecast error."""
    count = spec.reference_sessions
    pick = _paced if is_paced else _moves
    rows = [pick(member.series[window]) if window < len(member.series) else None for member in members]
    reasons = tuple(
        None if row is not None else member.reason or _why(member, window) or "there is no pace"
        for member, row in zip(members, rows, strict=True)
    )
    usable = np.array(
        sorted(
            (i for i, row in enumerate(rows) if row is not None), key=lambda i: (members[i].asset, members[i].event_id)
        ),
        dtype=np.int64,
    )
    width = count + 1
    stride = 3 * width
    pool, days = np.full(max(usable.size, 1) * stride, np.nan), np.full(max(usable.size, 1) * stride, -1)
    for k, i in enumerate(usable.tolist()):
        values, labels = rows[i] or (np.empty(0), np.empty(0))
        end = k * stride + 2 * width
        pool[end - values.size : end], days[end - values.size : end] = values[::-1], labels[::-1]
    y_at = np.arange(usable.size, dtype=np.int64) * stride + width
    assets = sorted({member.asset for member in members})
    samples = Samples(
        event_ids=tuple(members[i].event_id for i in usable.tolist()),
        assets=tuple(members[i].asset for i in usable.tolist()),
        tau=np.arange(-count, 1),
        estimation=_spec(spec).estimation,
        event_window=_spec(spec).event_window,
        pool=pool,
        span=None,
        y_at=y_at,
        x_at=np.empty((usable.size, 0), dtype=np.int64),
        begin=y_at,
        end=y_at + width,
        margin=width,
        days=days,
        days_at=y_at,
    )
    placed = Placed(
        event_ids=tuple(member.event_id for member in members),
        assets=tuple(member.asset for member in members),
        groups=tuple(member.group for member in members),
        weights=None,
        characteristics=characteristics,
        benchmarks=(None,) * len(members),
        rows=np.arange(len(members)),
        columns=np.array([assets.index(member.asset) for member in members], dtype=np.int64),
        reasons=reasons,
        notes=(),
        calendars=(None,) * len(members),
        delisting=(None,) * len(members),
    )
    settings = {"values": "returns", "equivalence": None, "regress": list(spec.regress), "covariance": spec.covariance}
    return study_samples(samples, placed, usable, _spec(spec), settings=settings)


def _moves(series: Series) -> tuple[Float64Array, Int64Array] | None:
    return None if series.reason else (series.moves, series.days)


def _paced(series: Series) -> tuple[Float64Array, Int64Array] | None:
    if series.reason or not np.isfinite(series.error):
        return None
    return series.moves / series.pace / series.error, series.days


def _why(member: Member, window: int) -> str | None:
    return member.series[window].reason if window < len(member.series) else None


def _spec(spec: ClockSpec) -> StudySpec:
    return StudySpec(
        model="constant-mean",
        estimation=(-spec.reference_sessions, -1),
        event_window=(0, 0),
        windows=[(0, 0)],
        min_estimation=spec.fewest_sessions,
        tests=spec.tests,
        seed=spec.seed,
        draws=spec.draws,
        alpha=spec.alpha,
        power=spec.power,
    )


def _window(
    members: Sequence[Member], spec: ClockSpec, window: int, characteristics: pd.DataFrame
) -> Mapping[str, Any]:
    """One window: a row per group, and what is beside the groups, with the window as it was written."""
    bounds = list(spec.windows[window].bounds)
    moves, paced = (
        averaged(study_window(members, spec, window, characteristics, is_paced=is_paced)) for is_paced in (False, True)
    )
    left_out = [
        {"event_id": member.event_id, "asset": member.asset, "reason": reason}
        for member in members
        if (reason := member.reason or _why(member, window)) is not None
    ]
    by_name = {row["group"]: row["windows"][0] for row in paced["aggregate"]}
    groups = []
    for row in moves["aggregate"]:
        own, theirs = row["windows"][0], by_name.get(row["group"])
        groups.append(
            (
                row["group"],
                row["design"],
                _group(bounds, own, theirs, spec, left_out if row["group"] == "all" else None),
            )
        )
    dated: Callable[[dict[str, Any], str], dict[str, Any]] = lambda row, of: {**row, "window": bounds, "of": of}  # noqa: E731
    return {
        "groups": groups,
        "differences": [
            dated(row, of) for of, found in (("paced", paced), ("moves", moves)) for row in found["group_differences"]
        ],
        "regressions": [dated(row, "moves") for row in moves["regressions"]],
    }


def _group(
    bounds: list[str],
    moves: Mapping[str, Any],
    paced: Mapping[str, Any] | None,
    spec: ClockSpec,
    left_out: list[dict[str, Any]] | None,
) -> dict[str, Any]:
    """A window of a group: the mean move, the mean paced t, and the tests of both; the word rests on the paced ones."""
    tests = list(paced["tests"]) if paced else []
    out: dict[str, Any] = {
        "window": bounds,
        **{name: moves[name] for name in MEANS},
        "tests": tests,
        "moves": {"tests": list(moves["tests"])},
        "paced": None if paced is None else {name: paced[name] for name in MEANS},
        "verdict": window_verdict(paced, spec.alpha) if paced else "not computable",
    }
    if paced is None:
        out["paced_reason"] = "no event has a pace"
    return out if left_out is None else {**out, "left_out": left_out}
