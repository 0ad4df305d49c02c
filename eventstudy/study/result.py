"""What a study of many events found: frozen numbers, and their forms for programs and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.inference.cross_section import Covariance
from eventstudy.spec import Window
from eventstudy.study.averages import average_window
from eventstudy.study.contrasts import difference_row, group_differences
from eventstudy.study.cross_section import Question, Regression, cross_section
from eventstudy.study.document import document, judged_tests
from eventstudy.study.findings import Findings
from eventstudy.study.plot import plot_caar
from eventstudy.study.robust.found import Robust, lines, robust_dict
from eventstudy.study.summary import summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class StudyResult(Findings):
    """A finished study: its numbers as frames, as a document and as text; see ``Findings`` for the arrays.

    Attributes
    ----------
    robust : Robust or None
        Other ways to the same answer, where they were asked for.
    """

    robust: Robust | None = None

    @cached_property
    def events(self) -> pd.DataFrame:
        """A row per event and asset: what was estimated, and CAR, its error, t and p of every window."""
        placed, ok = self.placed, np.array([reason is None for reason in self.reasons], dtype=bool)
        day0 = np.full(len(placed.event_ids), np.datetime64("NaT", "D"))
        day0[self.usable] = self.samples.day0.astype("datetime64[D]")
        columns: dict[str, Any] = {
            "event_id": placed.event_ids,
            "asset": placed.assets,
            "group": placed.groups,
            "day0": day0.astype("datetime64[s]"),
            "status": np.where(ok, "ok", "skipped"),
            "reason": self.reasons,
            "n_estimation": pd.Series(self.in_table(self.fit.n_estimation.astype(float))).astype("Int64"),
            "df": self.in_table(self.fit.df),
            **{name: self.in_table(self.fit.theta[:, k]) for k, name in enumerate(self.fit.names)},
            "sigma": self.in_table(np.sqrt(self.fit.s2)),
            "r_squared": self.in_table(self.fit.r_squared),
        }
        for found, p, adjusted in zip(self.cumulated, self.p_values, self.adjusted, strict=True):
            values = {"car": found.car, "car_se": found.se, "t": found.scar, "p": p, **adjusted, "bhar": found.bhar}
            columns |= {f"{name}{found.window.label}": self.in_table(value) for name, value in values.items()}
        return pd.DataFrame(columns)

    @cached_property
    def abnormal(self) -> pd.DataFrame:
        """Abnormal returns, decimal: the rows of ``events``, a column per τ; NaN where there is none."""
        index = pd.MultiIndex.from_arrays([self.placed.event_ids, self.placed.assets], names=["event_id", "asset"])
        return pd.DataFrame(self.in_table(self.daily.ar), index=index, columns=pd.Index(self.daily.tau, name="tau"))

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
        return pd.DataFrame(
            [
                {"group": group.name, "window": window.label, **test}
                for group in self.groups
                for position, window in enumerate(self.spec.windows)
                for test in judged_tests(group, position)
            ]
        )

    @cached_property
    def group_differences(self) -> pd.DataFrame:
        """A row per pair of groups and window, with Welch's t and the rank sum; empty with fewer than two groups."""
        return pd.DataFrame([difference_row(found) for found in group_differences(self.groups)])

    def regress(
        self,
        asked: Sequence[str] | str,
        window: Window | Sequence[int] | str | None = None,
        *,
        covariance: Covariance = "HC3",
        cluster_by: Sequence[str] | str = (),
        weighted: bool = False,
    ) -> Regression:
        """Regress the CARs of all events on columns of the events table (statsmodels OLS or WLS).

        Parameters
        ----------
        asked : sequence of str, or str
            Columns with numbers; or a formula such as ``car ~ surprise + C(sector) + C(year)``, on whose left stands
            ``car``, ``scar`` or ``bhar``. An event without one of them is left out.
        window : Window, pair or str, optional
            One of the study's; the first when None.
        covariance : {"nonrobust", "HC0", "HC1", "HC2", "HC3", "cluster"}
            ``cluster``: by event day, where `cluster_by` says nothing else.
        cluster_by : sequence of str
            One or two of ``date``, ``asset``, ``event_id``, ``group`` and the columns of the events.
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
            When there is no such column, window or covariance, or the formula cannot be read.
        """
        chosen = self.spec.windows[0] if window is None else Window.parse(window)
        question = Question.of(asked, covariance=covariance, cluster_by=cluster_by, weighted=weighted)
        return cross_section(self, question, chosen)

    def to_frame(self) -> pd.DataFrame:
        """Give the aggregate table."""
        return self.aggregate

    def summary(self, *, all_tests: bool = False) -> str:
        """Text for people: the design, the averages, the tests that are valid for it and why."""
        said = summary(self, all_tests=all_tests)
        return said if self.robust is None else "\n".join([said, "", *lines(self.robust)])

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"

    def to_dict(self) -> dict[str, Any]:
        """The document that ``eventstudy study --json`` prints: no NaN; None plus a reason where there is no number."""
        return {**document(self), "robustness": None if self.robust is None else robust_dict(self.robust)}

    def plot_caar(self, group: str = "all") -> Figure:
        """Draw AAR by day, and CAAR from the first day of the event window with its band at level 1 - alpha.

        Needs matplotlib (``pip install "eventstudy-service[plot]"``); opens no window.

        Raises
        ------
        InputError
            When there is no such group, or no matplotlib.
        """
        return plot_caar(self, group)
