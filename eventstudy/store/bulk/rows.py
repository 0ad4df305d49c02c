"""The rows of a study of files, some thousand events at a time, in the columns of the results database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from eventstudy.abnormal import Abnormal, running
from eventstudy.inference.effect import critical_value
from eventstudy.inference.multiple import holm
from eventstudy.inference.single import T
from eventstudy.inference.volatility import beaver_p
from eventstudy.records import Fit, Float64Array, Int64Array
from eventstudy.study.averages import unit_mde
from eventstudy.study.findings import Findings
from eventstudy.study.verdict import verdict

Table = list[tuple[Any, ...]]
Piece = TypeVar("Piece", Fit, Abnormal)

NO_NUMBER = "there is no abnormal return to test"
_T = 13  # of a window, see `content`; p follows


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of the table of events.

    Attributes
    ----------
    positions : list of int
        In the table.
    heads : list of tuple
        First session of the estimation window, last of the event window, day 0, number of estimation days, degrees of
        freedom, sigma, R², coefficients and hash of the returns; of an event without a result None for most.
    windows, tests, days : list of list of tuple
        By event, as `content` reads them.
    """

    positions: list[int]
    heads: Table
    windows: list[Table]
    tests: list[Table]
    days: list[Table]


class Rows:
    """What a study found, in the columns of the results database.

    Parameters
    ----------
    result : Findings
    """

    def __init__(self, result: Findings) -> None:
        self.result = result
        n = len(result.placed.event_ids)
        self._row: Int64Array = np.full(n, -1, dtype=np.int64)
        self._row[result.usable] = np.arange(result.usable.size)
        reasons = result.reasons
        self._row[[reason is not None for reason in reasons]] = -1

    def blocks(self, chosen: Int64Array, size: int, description: int) -> Iterator[Block]:
        """Some events of the table, `size` at a time; `description` is the number of that of the t test."""
        for start in range(0, chosen.size, size):
            positions = chosen[start : start + size]
            rows = self._row[positions]
            is_there = rows >= 0
            found = rows[is_there]
            heads, windows, days = iter(self._heads(found)), iter(self._windows(found)), iter(self._days(found))
            block = Block(positions.tolist(), [], [], [], [])
            for is_ok in is_there.tolist():
                block.heads.append(next(heads) if is_ok else (None,) * 7 + ("{}", ""))
                block.windows.append(next(windows) if is_ok else [])
                block.days.append(next(days) if is_ok else [])
                head, own = block.heads[-1], block.windows[-1]
                block.tests.append(
                    [
                        (*w[:2], description, None, None, None, head[3], w[-1] or NO_NUMBER)
                        if w[_T] is None
                        else (*w[:2], description, w[_T], head[4], w[_T + 1], head[3], None)
                        for w in own
                    ]
                )
            yield block

    @cached_property
    def _adjusted(self) -> tuple[Float64Array, ...]:
        """Per window Holm's p across the assets of an event, by row."""
        ids = np.array(self.result.placed.event_ids, dtype=object)[self.result.usable]
        _, event = np.unique(ids.astype(str), return_inverse=True)
        order = np.argsort(event, kind="stable")
        first = np.r_[0, np.flatnonzero(np.diff(event[order])) + 1]
        place = np.arange(order.size) - np.repeat(first, np.diff(np.r_[first, order.size]))
        out = []
        for p in self.result.p_values:
            table = np.full((int(event.max(initial=-1)) + 1, int(place.max(initial=0)) + 1), np.nan)
            table[event[order], place] = p[order]
            adjusted = np.empty_like(p)
            adjusted[order] = holm(table)[event[order], place]
            out.append(adjusted)
        return tuple(out)

    def _heads(self, rows: Int64Array) -> Table:
        fit, samples = self.result.fit, self.result.samples
        first = _sessions(self.result, rows, self.result.spec.estimation.start)
        last = _sessions(self.result, rows, self.result.spec.event_window.end)
        with np.errstate(invalid="ignore"):
            sigma = np.sqrt(fit.s2[rows])
        numbers = _plain(np.column_stack([fit.df[rows], sigma, fit.r_squared[rows], fit.theta[rows]]))
        day0, n = _sessions(self.result, rows, 0), fit.n_estimation[rows].tolist()
        out = []
        for start in range(0, rows.size, samples.chunk):
            some = rows[start : start + samples.chunk]
            sample = samples.sample(some)
            for k in range(some.size):
                j = start + k
                df, deviation, r_squared, *theta = numbers[j]
                told = hashlib.sha256(sample.y[k].tobytes())
                told.update(np.ascontiguousarray(sample.x[k]).tobytes())
                coefficients = json.dumps(dict(zip(fit.names, theta, strict=True)))
                head = (first[j], last[j], day0[j], n[j], df, deviation, r_squared, coefficients, told.hexdigest())
                out.append(head)
        return out

    def _windows(self, rows: Int64Array) -> list[Table]:
        result, spec = self.result, self.result.spec
        df = result.fit.df[rows]
        steps, place = np.unique(df, return_inverse=True)
        critical = np.array([critical_value(d, spec.alpha, spec.alternative) if d > 0 else np.nan for d in steps])
        detect = np.array(
            [unit_mde(d, spec.alpha, spec.power, spec.alternative) if d > 0 else np.nan for d in steps.tolist()]
        )
        why = result.window_reasons
        out: list[Table] = [[] for _ in range(rows.size)]
        ordered = sorted(range(len(spec.windows)), key=lambda w: (spec.windows[w].start, spec.windows[w].end))
        for w in ordered:
            found, window = result.cumulated[w], spec.windows[w]
            car, se = found.car[rows], found.se[rows]
            low = np.full_like(car, np.nan) if spec.alternative == "less" else car - critical[place] * se
            high = np.full_like(car, np.nan) if spec.alternative == "greater" else car + critical[place] * se
            avar = np.where(np.isfinite(car), result.variance_ratios[w][rows], np.nan)
            numbers = [car, se, low, high, found.bhar[rows], avar, detect[place] * se, found.scar[rows]]
            told = _plain(np.column_stack([*numbers, result.p_values[w][rows], self._adjusted[w][rows]]))
            n_days = found.n_days[rows].tolist()
            for j, (i, values) in enumerate(zip(rows.tolist(), told, strict=True)):
                word = verdict(values[-1], None, spec.alpha, is_confounded=False)
                place_of = (window.start, window.end, int(w == 0), n_days[j], None, None)
                out[j].append((*place_of, *values, None, word, "[]", why.get((i, w))))
        return out

    def _days(self, rows: Int64Array) -> list[Table]:
        result = self.result
        fit, daily = _some(result.fit, rows), _some(result.daily, rows)
        car, car_se = running(fit, daily)
        tau = daily.tau.tolist()
        p = beaver_p(daily.sar, fit.df[:, None])
        values = np.stack([daily.returns, fit.expected, daily.se, car, car_se, p], axis=2)
        values[~np.isfinite(values)] = np.nan  # which SQLite takes for null
        sessions = zip(*(_sessions(result, rows, t) for t in tau), strict=True)
        return [
            [(t, *row, on) for t, row, on in zip(tau, own, days, strict=True) if on is not None]
            for own, days in zip(values.tolist(), sessions, strict=True)
        ]


def describe() -> tuple[str, str, str, str]:
    """Name, null hypothesis, law and source of the t test."""
    return T.name, T.null, T.distribution, T.source


def _some(found: Piece, rows: Int64Array) -> Piece:
    """Some rows of all arrays that days are made of."""
    names = {"theta", "s2", "df", "expected", "design", "gram_inverse", "base", "returns", "ar", "se", "sar"}
    held = {field.name: getattr(found, field.name)[rows] for field in fields(found) if field.name in names}
    return replace(found, **held)


def _sessions(result: Findings, rows: Int64Array, tau: int) -> list[str | None]:
    """The session at `tau` of some rows; None beyond the data."""
    samples = result.samples
    days = samples.days[samples.days_at[rows] + (tau - int(samples.tau[0]))].astype(np.int64)
    texts = days.astype("datetime64[D]").astype(str).tolist()
    return [text if day >= 0 else None for text, day in zip(texts, days.tolist(), strict=True)]


def _plain(values: Float64Array) -> list[Any]:
    """Nested lists of plain floats, None where there is no number."""
    out = values.astype(object)
    out[~np.isfinite(values)] = None
    plain: list[Any] = out.tolist()
    return plain
