"""What the averages do not say: do groups differ, and which events react more."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.inference.cross_section import Covariance, regress, regress_against_history
from eventstudy.inference.groups import rank_sum, welch_t
from eventstudy.inference.validity import describe_design, independent
from eventstudy.records import Inference
from eventstudy.spec import Window
from eventstudy.study.averages import GroupResult
from eventstudy.study.findings import Findings

MOST_GROUPS = 20  # 190 pairs; more are not what anybody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDifference:
    """Mean CAR of one group less that of another, over one window.

    Attributes
    ----------
    first, second : str
    window : Window
    difference : float or None
        Decimal return.
    tests : tuple of Inference
        Welch's t and the rank sum.
    objection : str or None
        Why the tests, which take the events as independent, do not hold for this design.
    """

    first: str
    second: str
    window: Window
    difference: float | None
    tests: tuple[Inference, ...]
    objection: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """Cumulative abnormal returns on characteristics of the events.

    Attributes
    ----------
    window : Window
    covariance : str
    names : tuple of str
        Of the coefficients, the constant first.
    coefficients : tuple of Inference
        In the order of `names`; ``estimate``, ``se`` and ``r_squared`` are among the details.
    against_history : tuple of Inference
        The same coefficients against those of placebo dates, for events of one date; empty otherwise.
    """

    window: Window
    covariance: Covariance
    names: tuple[str, ...]
    coefficients: tuple[Inference, ...]
    against_history: tuple[Inference, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row per coefficient: estimate, se, t, df, p, n; and the p against placebo dates where there is one."""
        rows = []
        for i, test in enumerate(self.coefficients):
            details = dict(test.details)
            row = {
                "coefficient": self.names[i],
                "estimate": details.get("estimate"),
                "se": details.get("se"),
                "statistic": test.statistic,
                "df": test.df,
                "p_value": test.p_value,
                "n": test.n,
                "r_squared": details.get("r_squared"),
                "reason": test.reason,
            }
            if self.against_history:
                row["p_against_history"] = self.against_history[i].p_value
            rows.append(row)
        return pd.DataFrame(rows).set_index("coefficient")

    def __str__(self) -> str:
        return self.to_frame().dropna(axis=1, how="all").to_string(float_format=lambda value: f"{value:.6g}", na_rep="")

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format=lambda value: f"{value:.6g}", na_rep=""))


def group_differences(groups: Sequence[GroupResult]) -> tuple[GroupDifference, ...]:
    """Every pair of named groups over every window; none for more than twenty groups."""
    named = groups[1:]
    if len(named) > MOST_GROUPS:
        return ()
    out = []
    for first, second in itertools.combinations(named, 2):
        for everything, one, other in zip(groups[0].panels, first.panels, second.panels, strict=True):
            alternative = one.batch.spec.alternative
            out.append(
                GroupDifference(
                    first=first.name,
                    second=second.name,
                    window=one.window,
                    difference=float(one.car.mean() - other.car.mean()) if one.n and other.n else None,
                    tests=(welch_t(one.car, other.car, alternative), rank_sum(one.car, other.car, alternative)),
                    objection=independent(describe_design(everything)) if everything.n else None,
                )
            )
    return tuple(out)


def cross_section(
    result: Findings,
    names: Sequence[str],
    window: Window,
    *,
    covariance: Covariance,
    weighted: bool,
) -> Regression:
    """Regress CAR over `window` on columns of the events table; see ``StudyResult.regress``."""
    names = (names,) if isinstance(names, str) else tuple(names)
    if covariance not in get_args(Covariance):
        raise DataError(
            "unknown covariance", where="covariance", value=covariance, remedy=f"use {', '.join(get_args(Covariance))}"
        )
    table = result.placed.characteristics
    for name in names:
        if name not in table.columns:
            known = ", ".join(map(str, table.columns)) or "none"
            raise DataError(
                "there is no such column", where="regress", value=name, remedy=f"further columns are {known}"
            )
    if window not in result.spec.windows:
        shown = ", ".join(w.label for w in result.spec.windows)
        raise DataError("the study has no such window", where="window", value=window.label, remedy=f"it has {shown}")
    found = result.cumulated[result.spec.windows.index(window)]
    columns = [pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for name in names]
    x = np.column_stack([np.empty((len(table), 0)), *columns])[result.usable]
    x[~np.isfinite(x)] = np.nan
    day0 = result.samples.day0
    alternative = result.spec.alternative
    is_common = day0.size > 0 and bool((day0 == day0[0]).all())
    history: tuple[Inference, ...] = ()
    if is_common and result.placebos is not None:
        past = result.placebos[window].car
        history = regress_against_history(found.car, past, x, names, alternative=alternative)
    coefficients = regress(
        found.car,
        x,
        names,
        weights=found.se**-2.0 if weighted else None,
        covariance=covariance,
        clusters=day0 if covariance == "cluster" else None,
        alternative=alternative,
    )
    return Regression(
        window=window,
        covariance=covariance,
        names=("constant", *names),
        coefficients=coefficients,
        against_history=history,
    )


def regressions(result: Findings) -> tuple[Regression, ...]:
    """The regressions that the study asked for, one per window."""
    names, covariance = result.settings["regress"], result.settings["covariance"]
    windows = result.spec.windows if names else ()
    return tuple(cross_section(result, names, window, covariance=covariance, weighted=False) for window in windows)


def difference_row(found: GroupDifference) -> dict[str, Any]:
    """One row for a frame: the difference, and statistic and p of both tests."""
    row: dict[str, Any] = {
        "first": found.first,
        "second": found.second,
        "window": found.window.label,
        "difference": found.difference,
    }
    for test in found.tests:
        row |= {test.name: test.statistic, f"{test.name}_p": test.p_value}
    return row | {"objection": found.objection}
