"""What a study of many events found: frozen numbers, and their forms for programs and people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.inference.interval import mean_interval
from eventstudy.inference.panel import Panel, Placebo
from eventstudy.inference.single import placebo, sample_quantile, t_test
from eventstudy.inference.validity import Validity, describe_design, validity
from eventstudy.records import Fit, Float64Array, Inference, Int64Array
from eventstudy.spec import StudySpec, Window
from eventstudy.study.frame import Market
from eventstudy.study.placing import Placed

SCHEMA = "eventstudy.study/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """Averages and tests of one group of events.

    Attributes
    ----------
    name : str
        ``all`` or the label in the column ``group``.
    members : Int64Array
        Positions of its events among the usable ones.
    panels : tuple of Panel
        One per window.
    tests : tuple of tuple of Inference
        Per window, in the order of ``AGGREGATE_TESTS``.
    weights : Float64Array or None
        Of the members.
    """

    name: str
    members: Int64Array
    panels: tuple[Panel, ...]
    tests: tuple[tuple[Inference, ...], ...]
    weights: Float64Array | None

    def valid(self, position: int) -> tuple[Validity, ...]:
        """Which tests are valid for the dates, number and correlation of the group's events in one window."""
        return validity(self.panels[position])


@dataclass(frozen=True, kw_only=True)
class StudyResult:
    """A finished study.

    Attributes
    ----------
    spec : StudySpec
    settings : dict
        Every setting, defaults spelled out.
    market : Market
    placed : Placed
        All events of the table, the skipped ones with their reasons.
    usable : Int64Array
        Shape (n,), positions in the table of the events that were fitted; the arrays below follow it.
    fit : Fit
    abnormal : Abnormal
    cumulated : tuple of Cumulated
        One per window.
    placebos : dict of Window to Placebo, or None
    groups : tuple of GroupResult
    warnings : tuple of str
    """

    spec: StudySpec
    settings: dict[str, Any]
    market: Market
    placed: Placed
    usable: Int64Array
    fit: Fit
    abnormal: Abnormal
    cumulated: tuple[Cumulated, ...]
    placebos: dict[Window, Placebo] | None
    groups: tuple[GroupResult, ...]
    warnings: tuple[str, ...]

    @cached_property
    def reasons(self) -> tuple[str | None, ...]:
        """Why each event of the table was skipped; None for those with a result."""
        out = list(self.placed.reasons)
        no_window = ~np.any([np.isfinite(found.car) for found in self.cumulated], axis=0)
        for i, position in enumerate(self.usable.tolist()):
            lost = "no window could be filled: day 0 or all of its days have no return" if no_window[i] else None
            out[position] = self.fit.reasons[i] or lost
        return tuple(out)

    @property
    def n_skipped(self) -> int:
        """Events of the table without a result."""
        return sum(reason is not None for reason in self.reasons)

    @cached_property
    def events(self) -> pd.DataFrame:
        """A row per event: what was estimated, and CAR, t and p of every window."""
        place = {position: i for i, position in enumerate(self.usable.tolist())}
        return pd.DataFrame([self._event_row(p, place.get(p)) for p in range(len(self.placed.event_ids))])

    @cached_property
    def abnormal_returns(self) -> pd.DataFrame:
        """Abnormal returns, decimal: a row per usable event, a column per τ."""
        index = pd.MultiIndex.from_arrays(
            [[names[i] for i in self.usable.tolist()] for names in (self.placed.event_ids, self.placed.assets)],
            names=["event_id", "asset"],
        )
        return pd.DataFrame(self.abnormal.ar, index=index, columns=pd.Index(self.abnormal.tau, name="tau"))

    @cached_property
    def aggregate(self) -> pd.DataFrame:
        """A row per group and window: CAAR with its interval, median, share of rises, mean BHAR."""
        return pd.DataFrame(
            [
                {"group": group.name, **self._average(group, position), "window": window.label}
                for group in self.groups
                for position, window in enumerate(self.spec.windows)
            ]
        ).drop(columns=["caar_ci"])

    @cached_property
    def tests(self) -> pd.DataFrame:
        """A row per group, window and test, with whether the test is valid for the design at hand and why."""
        rows = []
        for group in self.groups:
            for position, window in enumerate(self.spec.windows):
                judged = {found.name: found for found in group.valid(position)}
                for test in group.tests[position]:
                    verdict = judged[test.name]
                    rows.append(
                        {
                            "group": group.name,
                            "window": window.label,
                            **test_dict(test),
                            "is_valid": verdict.is_valid,
                            "why": verdict.reason,
                        }
                    )
        return pd.DataFrame(rows)

    def to_frame(self) -> pd.DataFrame:
        """Give the aggregate table."""
        return self.aggregate

    def summary(self, *, all_tests: bool = False) -> str:
        """Text for people: the design, the averages, the tests that are valid for it and why."""
        from eventstudy.study.summary import summary

        return summary(self, all_tests=all_tests)

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.summary())}</pre>"

    def to_dict(self) -> dict[str, Any]:
        """The contract of design 8.1: JSON-ready, no NaN; None plus a reason where there is no number."""
        from eventstudy import __version__

        return {
            "schema": SCHEMA,
            "version": __version__,
            "spec": self.settings,
            "events": list(self._event_dicts()),
            "aggregate": [self._group_dict(group) for group in self.groups],
            "warnings": list(self.warnings),
        }

    # --- one event ------------------------------------------------------------------------------------------------

    def single_tests(self, i: int, position: int) -> tuple[Inference, ...]:
        """Tests of the usable event `i` over the window at `position`."""
        spec, found, window = self.spec, self.cumulated[position], self.spec.windows[position]
        car, se, m = float(found.car[i]), float(found.se[i]), int(self.fit.n_estimation[i])
        wanted = spec.tests
        out = []
        if wanted is None or "t" in wanted:
            out.append(t_test(car, se, float(self.fit.df[i]), n=m, alternative=spec.alternative))
        if wanted is None or "sample_quantile" in wanted:
            out.append(sample_quantile(car, self.fit.residuals[i], int(found.n_days[i]), spec.alternative))
        if wanted is None or "placebo" in wanted:
            draws = np.empty(0) if self.placebos is None else self.placebos[window].car[:, i]
            test = placebo(car, draws, spec.alternative)
            out.append(test if self.placebos is not None else _not_estimated(test))
        return tuple(out)

    def _event_dicts(self) -> Iterator[dict[str, Any]]:
        place = {position: i for i, position in enumerate(self.usable.tolist())}
        for p, event_id in enumerate(self.placed.event_ids):
            i = place.get(p)
            reason = self.reasons[p]
            head = {
                "event_id": event_id,
                "asset": self.placed.assets[p],
                "group": self.placed.groups[p],
                "day0": str(self.market.sessions[self.placed.rows[p]]) if self.placed.rows[p] >= 0 else None,
                "status": "ok" if reason is None else "skipped",
                "reason": reason,
            }
            if i is None:
                empty = {"n_estimation": None, "df": None, "coefficients": {}, "sigma": None, "r_squared": None}
                yield {**head, **empty, "days": [], "windows": []}
                continue
            yield {
                **head,
                "n_estimation": int(self.fit.n_estimation[i]),
                "df": number(self.fit.df[i]),
                "coefficients": {n: number(v) for n, v in zip(self.fit.names, self.fit.theta[i], strict=True)},
                "sigma": number(math.sqrt(self.fit.s2[i])) if self.fit.s2[i] >= 0 else None,
                "r_squared": number(self.fit.r_squared[i]),
                "days": self._days(i) if reason is None else [],
                "windows": [self._window(i, w) for w in range(len(self.spec.windows))] if reason is None else [],
            }

    def _days(self, i: int) -> list[dict[str, Any]]:
        row, n = int(self.placed.rows[self.usable[i]]), self.market.sessions.size
        return [
            {
                "tau": tau,
                "session": str(self.market.sessions[row + tau]),
                "return": number(self.abnormal.returns[i, j]),
                "expected": number(self.fit.expected[i, j]),
                "ar": number(self.abnormal.ar[i, j]),
                "ar_se": number(self.abnormal.se[i, j]),
                "sar": number(self.abnormal.sar[i, j]),
            }
            for j, tau in enumerate(self.abnormal.tau.tolist())
            if 0 <= row + tau < n
        ]

    def _window(self, i: int, position: int) -> dict[str, Any]:
        found = self.cumulated[position]
        return {
            "window": [found.window.start, found.window.end],
            "n_days": int(found.n_days[i]),
            "car": number(found.car[i]),
            "car_se": number(found.se[i]),
            "scar": number(found.scar[i]),
            "bhar": number(found.bhar[i]),
            "reason": self.window_reason(i, position),
            "tests": [test_dict(test) for test in self.single_tests(i, position)],
        }

    def window_reason(self, i: int, position: int) -> str | None:
        """Why a window has no number, or what is short about it."""
        found = self.cumulated[position]
        present, wanted = int(found.n_days[i]), found.window.length
        if np.isfinite(found.car[i]):
            return None if present == wanted else f"{present} of {wanted} days have a return"
        row = int(self.placed.rows[self.usable[i]])
        if row + found.window.end >= self.market.sessions.size or row + found.window.start < 0:
            return f"the window {found.window.label} runs past the data, or day 0 has no return"
        return "day 0 has no return" if found.window.start <= 0 <= found.window.end else "no day has a return"

    def _event_row(self, position: int, i: int | None) -> dict[str, Any]:
        row: dict[str, Any] = {
            "event_id": self.placed.event_ids[position],
            "asset": self.placed.assets[position],
            "group": self.placed.groups[position],
            "day0": self.market.sessions[self.placed.rows[position]] if self.placed.rows[position] >= 0 else pd.NaT,
            "status": "ok" if self.reasons[position] is None else "skipped",
            "reason": self.reasons[position],
        }
        if i is not None and self.reasons[position] is None:
            row |= {"n_estimation": int(self.fit.n_estimation[i]), "df": float(self.fit.df[i])}
            row |= {name: float(v) for name, v in zip(self.fit.names, self.fit.theta[i], strict=True)}
            row |= {"sigma": float(np.sqrt(self.fit.s2[i]))}
            for found in self.cumulated:
                test = t_test(
                    float(found.car[i]), float(found.se[i]), float(self.fit.df[i]), n=0, alternative=self.spec.alternative
                )
                row |= {
                    f"car{found.window.label}": float(found.car[i]),
                    f"t{found.window.label}": test.statistic,
                    f"p{found.window.label}": test.p_value,
                }
        return row

    # --- one group ------------------------------------------------------------------------------------------------

    def _group_dict(self, group: GroupResult) -> dict[str, Any]:
        return {
            "group": group.name,
            "n_events": int(max((panel.n for panel in group.panels), default=0)),
            "design": self._design(group),
            "days": self.average_days(group),
            "windows": [
                {**self._average(group, position), "tests": self._judged(group, position)}
                for position in range(len(self.spec.windows))
            ],
        }

    def _judged(self, group: GroupResult, position: int) -> list[dict[str, Any]]:
        judged = {found.name: found for found in group.valid(position)}
        return [
            {**test_dict(test), "is_valid": judged[test.name].is_valid, "validity": judged[test.name].reason}
            for test in group.tests[position]
        ]

    def _design(self, group: GroupResult) -> dict[str, Any]:
        design = describe_design(group.panels[0])
        return {
            "n_events": design.n_events,
            "n_dates": design.n_dates,
            "common_date_share": number(design.common_date_share),
            "average_correlation": number(design.rbar),
            "n_effective": number(design.n_effective),
        }

    def average_days(self, group: GroupResult) -> list[dict[str, Any]]:
        """AAR of every day with its cross-sectional standard error."""
        ar = self.abnormal.ar[group.members]
        present = np.isfinite(ar)
        count = present.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(present, ar, 0.0).sum(axis=0) / count
            spread = np.where(present, (ar - mean) ** 2, 0.0).sum(axis=0) / (count - 1)
            se = np.sqrt(spread / count)
        return [
            {"tau": tau, "n": int(count[j]), "aar": number(mean[j]), "aar_se_cross": number(se[j]) if count[j] > 1 else None}
            for j, tau in enumerate(self.abnormal.tau.tolist())
        ]

    def _average(self, group: GroupResult, position: int) -> dict[str, Any]:
        panel, window = group.panels[position], self.spec.windows[position]
        bhar = self.cumulated[position].bhar[panel.batch.rows]
        interval = mean_interval(panel)
        out: dict[str, Any] = {
            "window": [window.start, window.end],
            "n": panel.n,
            "caar": number(panel.car.mean()) if panel.n else None,
            "caar_ci": [number(interval.low), number(interval.high)] if interval else [None, None],
            "caar_ci_basis": interval.basis if interval else None,
            "median_car": number(np.median(panel.car)) if panel.n else None,
            "share_positive": number((panel.car > 0).mean()) if panel.n else None,
            "mean_bhar": number(bhar.mean()) if panel.n else None,
        }
        if group.weights is not None and panel.n:
            out["weighted_caar"] = self._weighted(group, panel)
        return out

    def _weighted(self, group: GroupResult, panel: Panel) -> float | None:
        assert group.weights is not None  # only called then
        weights: Float64Array = np.zeros(self.usable.size)
        weights[group.members] = group.weights
        kept = weights[panel.batch.rows]
        return number(kept @ panel.car / kept.sum()) if kept.sum() > 0 else None


def test_dict(test: Inference) -> dict[str, Any]:
    """One test as the contract has it; further numbers, such as an exact p, stand beside the fixed keys."""
    return {
        "name": test.name,
        "null": test.null,
        "statistic": test.statistic,
        "distribution": test.distribution,
        "df": test.df,
        "p_value": test.p_value,
        "n": test.n,
        "reason": test.reason,
        "source": test.source,
        **dict(test.details),
    }


def number(value: float | np.floating) -> float | None:
    """A plain float; None for NaN and infinity."""
    plain = float(value)
    return plain if math.isfinite(plain) else None


def _not_estimated(test: Inference) -> Inference:
    from dataclasses import replace

    reason = "not estimated for this model, or for so many events, unless asked for by name"
    return replace(test, statistic=None, p_value=None, reason=reason)


