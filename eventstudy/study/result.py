"""What a study of many events found: frozen numbers, and their forms for programs and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.inference.cross_section import Covariance
from eventstudy.inference.laws import symmetric_p
from eventstudy.inference.multiple import bh, by, holm
from eventstudy.inference.panel import Placebo
from eventstudy.records import Fit, Float64Array, Int64Array
from eventstudy.spec import StudySpec, Window
from eventstudy.study.averages import GroupResult, average_window
from eventstudy.study.contrasts import GroupDifference, Regression, cross_section, difference_row, group_differences
from eventstudy.study.frame import Market
from eventstudy.study.placing import Placed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
        Shape (n,), positions in the table of the events that could be placed, ordered by event and asset so that
        results do not depend on the order of the table; the arrays below follow it.
    fit : Fit
    daily : Abnormal
        Arrays behind the frame ``abnormal``.
    cumulated : tuple of Cumulated
        One per window.
    placebos : dict of Window to Placebo, or None
    groups : tuple of GroupResult
        All events, then each group of the table.
    warnings : tuple of str
    """

    spec: StudySpec
    settings: dict[str, Any]
    market: Market
    placed: Placed
    usable: Int64Array
    fit: Fit
    daily: Abnormal
    cumulated: tuple[Cumulated, ...]
    placebos: dict[Window, Placebo] | None
    groups: tuple[GroupResult, ...]
    warnings: tuple[str, ...]

    @cached_property
    def reasons(self) -> tuple[str | None, ...]:
        """Why each event of the table was skipped; None for those with a result."""
        out = list(self.placed.reasons)
        is_filled = np.any([np.isfinite(found.car) for found in self.cumulated], axis=0).tolist()
        for i, position in enumerate(self.usable.tolist()):
            out[position] = self.fit.reasons[i] or (None if is_filled[i] else self.window_reason(i, 0))
        return tuple(out)

    def window_reason(self, i: int, position: int) -> str | None:
        """Why the window at `position` has no number for the usable event `i`, or what is short about it."""
        found, present = self.cumulated[position], int(self.cumulated[position].n_days[i])
        label, wanted = found.window.label, found.window.length
        if np.isfinite(found.car[i]):
            return None if present == wanted else f"{present} of {wanted} days have a return"
        row = int(self.placed.rows[self.usable[i]])
        if row + found.window.end >= self.market.sessions.size or row + found.window.start < 0:
            return f"the window {label} runs past the data"
        if present == 0:
            return f"no day of the window {label} has a return of the asset and what explains it"
        at_zero = self.daily.ar[i, self.daily.tau == 0]
        if found.window.start <= 0 <= found.window.end and not np.isfinite(at_zero).all():
            return "day 0 has no return of the asset, or of what explains it"
        return f"the first return in the window {label} also covers sessions before it"

    @property
    def n_skipped(self) -> int:
        """Events of the table without a result."""
        return sum(reason is not None for reason in self.reasons)

    @cached_property
    def places(self) -> dict[int, int]:
        """Position in the table → position among the usable events, for events with a result."""
        return {p: i for i, p in enumerate(self.usable.tolist()) if self.reasons[p] is None}

    @cached_property
    def p_values(self) -> tuple[Float64Array, ...]:
        """Per window the p of every usable event's t test, shape (n,); NaN where there is none."""
        return tuple(
            np.array(
                [
                    symmetric_p(t, df, self.spec.alternative) if np.isfinite(t) and df > 0 else np.nan
                    for t, df in zip(found.scar.tolist(), self.fit.df.tolist(), strict=True)
                ],
                dtype=float,
            )
            for found in self.cumulated
        )

    @cached_property
    def adjusted(self) -> tuple[dict[str, Float64Array], ...]:
        """Per window `p_values` adjusted for the number of events, by Holm, Benjamini-Hochberg and -Yekutieli."""
        return tuple({"p_holm": holm(p), "p_bh": bh(p), "p_by": by(p)} for p in self.p_values)

    @cached_property
    def events(self) -> pd.DataFrame:
        """A row per event and asset: what was estimated, and CAR, its error, t and p of every window."""
        placed, ok = self.placed, np.array([reason is None for reason in self.reasons], dtype=bool)
        day0 = np.where(placed.rows >= 0, self.market.sessions[placed.rows], np.datetime64("NaT", "D"))
        columns: dict[str, Any] = {
            "event_id": placed.event_ids,
            "asset": placed.assets,
            "group": placed.groups,
            "day0": day0.astype("datetime64[s]"),
            "status": np.where(ok, "ok", "skipped"),
            "reason": self.reasons,
            "n_estimation": pd.Series(self._in_table(self.fit.n_estimation.astype(float))).astype("Int64"),
            "df": self._in_table(self.fit.df),
            **{name: self._in_table(self.fit.theta[:, k]) for k, name in enumerate(self.fit.names)},
            "sigma": self._in_table(np.sqrt(self.fit.s2)),
            "r_squared": self._in_table(self.fit.r_squared),
        }
        for found, p, adjusted in zip(self.cumulated, self.p_values, self.adjusted, strict=True):
            values = {"car": found.car, "car_se": found.se, "t": found.scar, "p": p, **adjusted, "bhar": found.bhar}
            columns |= {f"{name}{found.window.label}": self._in_table(value) for name, value in values.items()}
        return pd.DataFrame(columns)

    @cached_property
    def abnormal(self) -> pd.DataFrame:
        """Abnormal returns, decimal: the rows of ``events``, a column per τ; NaN where there is none."""
        index = pd.MultiIndex.from_arrays([self.placed.event_ids, self.placed.assets], names=["event_id", "asset"])
        return pd.DataFrame(self._in_table(self.daily.ar), index=index, columns=pd.Index(self.daily.tau, name="tau"))

    @cached_property
    def aggregate(self) -> pd.DataFrame:
        """A row per group and window: CAAR with its interval, median, share of rises, mean BHAR."""
        rows = []
        for group in self.groups:
            for position, window in enumerate(self.spec.windows):
                found = average_window(group, position)
                low, high = found.pop("caar_ci")
                rows.append({"group": group.name, **found, "window": window.label, "caar_low": low, "caar_high": high})
        return pd.DataFrame(rows)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """A row per group, window and test, with whether the test is valid for the design at hand and why."""
        from eventstudy.study.document import judged_tests

        return pd.DataFrame(
            [
                {"group": group.name, "window": window.label, **test}
                for group in self.groups
                for position, window in enumerate(self.spec.windows)
                for test in judged_tests(group, position)
            ]
        )

    @cached_property
    def differences(self) -> tuple[GroupDifference, ...]:
        """Tests between every pair of groups of the table, per window; empty with fewer than two groups."""
        return group_differences(self.groups)

    @cached_property
    def group_differences(self) -> pd.DataFrame:
        """`differences` as a frame: a row per pair of groups and window."""
        return pd.DataFrame([difference_row(found) for found in self.differences])

    @cached_property
    def regressions(self) -> tuple[Regression, ...]:
        """The regressions that the study asked for, one per window."""
        names = self.settings["regress"]
        if not names:
            return ()
        return tuple(
            self.regress(names, window, covariance=self.settings["covariance"]) for window in self.spec.windows
        )

    def regress(
        self,
        names: Sequence[str],
        window: Window | Sequence[int] | str | None = None,
        *,
        covariance: Covariance = "HC3",
        weighted: bool = False,
    ) -> Regression:
        """Regress the CARs of all events on columns of the events table (statsmodels OLS or WLS).

        Parameters
        ----------
        names : sequence of str
            Columns with numbers; an event without one of them is left out.
        window : Window, pair or str, optional
            One of the study's; the first when None.
        covariance : {"nonrobust", "HC0", "HC1", "HC2", "HC3", "cluster"}
            ``cluster``: by event day.
        weighted : bool
            Weigh by 1 / Var(CAR).

        Returns
        -------
        Regression
            With events of one date also against the same regression on placebo dates, because there the usual
            standard errors are far too small.

        Raises
        ------
        InputError
            When there is no such column, window or covariance.
        """
        chosen = self.spec.windows[0] if window is None else Window.parse(window)
        return cross_section(self, names, chosen, covariance=covariance, weighted=weighted)

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
        return f"<pre>{escape(self.summary())}</pre>"

    def to_dict(self) -> dict[str, Any]:
        """The document that ``eventstudy study --json`` prints: no NaN; None plus a reason where there is no number."""
        from eventstudy.study.document import document

        return document(self)

    def plot_caar(self, group: str = "all") -> Figure:
        """Draw AAR by day, and CAAR from the first day of the event window with its band at level 1 - alpha.

        Needs matplotlib (``pip install "eventstudy-service[plot]"``); opens no window.

        Raises
        ------
        InputError
            When there is no such group, or no matplotlib.
        """
        from eventstudy.study.plot import plot_caar

        return plot_caar(self, group)

    def _in_table(self, values: Float64Array) -> Float64Array:
        """Values of the usable events on the rows of the events table; NaN for events without a result."""
        out = np.full((len(self.placed.event_ids), *values.shape[1:]), np.nan)
        out[self.usable] = values
        out[[reason is not None for reason in self.reasons]] = np.nan
        return out
