"""Which events react more: CARs on columns of the events, by name or by formula, and by whom errors are clustered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.inference.cross_section import Covariance, Design, against_history, explain
from eventstudy.records import Inference
from eventstudy.spec import Window
from eventstudy.study.findings import Findings
from eventstudy.study.formula import design_of

MOST_CLUSTERS = 2  # kinds of clusters at a time


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
    formula : str
        Empty where columns were named instead.
    terms : dict of str to Inference
        F of the terms that have several coefficients, such as categories.
    clusters : dict of str to int
        By what errors are clustered, and how many clusters there are.
    """

    window: Window
    covariance: Covariance
    names: tuple[str, ...]
    coefficients: tuple[Inference, ...]
    against_history: tuple[Inference, ...]
    formula: str
    terms: dict[str, Inference]
    clusters: dict[str, int]

    @property
    def errors(self) -> str:
        """What its errors allow for."""
        if not self.clusters:
            return self.covariance
        return "clustered by " + " and ".join(f"{name} ({n})" for name, n in self.clusters.items())

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
        shown = self.to_frame().dropna(axis=1, how="all")
        lines = [shown.to_string(float_format=lambda value: f"{value:.6g}", na_rep="")]
        for name, test in self.terms.items():
            q = int(dict(test.details).get("df_numerator", 0))
            lines.append(
                f"{name}: {test.reason}"
                if test.statistic is None
                else f"{name}: F({q}, {test.df:.0f}) = {test.statistic:.6g}, p {test.p_value:.4f}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format=lambda value: f"{value:.6g}", na_rep=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be explained by what.

    Attributes
    ----------
    names : tuple of str
        Columns of the events; or
    formula : str
        what is explained by what, in patsy's language.
    covariance : str
    cluster_by : tuple of str
        ``date``, ``asset``, ``event_id``, ``group`` or columns of the events, two at most; the covariance is then
        ``cluster``.
    weighted : bool
        Weigh by 1 / Var(CAR).
    """

    names: tuple[str, ...] = ()
    formula: str = ""
    covariance: Covariance = "HC3"
    cluster_by: tuple[str, ...] = ()
    weighted: bool = False

    @classmethod
    def of(
        cls,
        asked: Sequence[str] | str,
        *,
        covariance: Covariance = "HC3",
        cluster_by: Sequence[str] | str = (),
        weighted: bool = False,
    ) -> Question:
        """Names of columns, or a formula, which has a tilde.

        Raises
        ------
        InputError
            When there is no such covariance, or there are more than two kinds of clusters.
        """
        if covariance not in get_args(Covariance):
            known = ", ".join(get_args(Covariance))
            raise DataError("unknown covariance", where="covariance", value=covariance, remedy=f"use {known}")
        by = (cluster_by,) if isinstance(cluster_by, str) else tuple(cluster_by)
        if by and covariance not in ("HC3", "cluster"):
            raise DataError(
                "is not of clusters",
                where="covariance",
                value=covariance,
                remedy="leave it out, or leave out cluster_by",
            )
        if len(by) > MOST_CLUSTERS:
            raise DataError(
                "two kinds of clusters are the most", where="cluster_by", value=", ".join(by), remedy="drop one"
            )
        if by or covariance == "cluster":
            covariance, by = "cluster", by or ("date",)
        is_formula = isinstance(asked, str) and "~" in asked
        names = () if is_formula else ((asked,) if isinstance(asked, str) else tuple(asked))
        return cls(
            names=names,
            formula=asked if is_formula and isinstance(asked, str) else "",
            covariance=covariance,
            cluster_by=by,
            weighted=weighted,
        )


def question_of(
    regress: Sequence[str] | str, formula: str | None, covariance: Covariance, cluster_by: Sequence[str] | str
) -> Question:
    """What the settings of a study ask for.

    Raises
    ------
    InputError
        When they ask in two ways.
    """
    if formula and regress:
        raise DataError(
            "a formula and columns to regress on", where="formula", value=formula, remedy="give one of the two"
        )
    return Question.of(formula or regress, covariance=covariance, cluster_by=cluster_by)


def cross_section(result: Findings, question: Question, window: Window) -> Regression:
    """Regress what happened over `window` on columns of the events table; see ``StudyResult.regress``."""
    if window not in result.spec.windows:
        shown = ", ".join(w.label for w in result.spec.windows)
        raise DataError("the study has no such window", where="window", value=window.label, remedy=f"it has {shown}")
    found = result.cumulated[result.spec.windows.index(window)]
    frame = columns_of(result, window)
    design = design_of(question.formula, frame) if question.formula else _of_names(result, question.names, window)
    clusters = tuple(_cluster(frame, name) for name in question.cluster_by)
    weights = found.se**-2.0 if question.weighted else None
    explained = explain(
        replace(design, weights=weights, clusters=clusters), question.covariance, result.spec.alternative
    )
    history: tuple[Inference, ...] = ()
    day0 = result.samples.day0
    is_common = day0.size > 0 and bool((day0 == day0[0]).all())
    is_car = not question.formula or question.formula.partition("~")[0].strip() == "car"
    if is_common and is_car and result.placebos is not None:
        past = result.placebos[window].car
        history = against_history(design, past, alternative=result.spec.alternative)
    return Regression(
        window=window,
        covariance=question.covariance,
        names=design.names,
        coefficients=explained.coefficients,
        against_history=history,
        formula=question.formula,
        terms=dict(zip(design.terms, explained.terms, strict=True)),
        clusters=dict(zip(question.cluster_by, explained.n_clusters, strict=True)),
    )


def columns_of(result: Findings, window: Window) -> pd.DataFrame:
    """What a formula may name, a row per usable event: what it did over `window`, when, and the table's own columns.

    A column of the table in which every cell is a number is one; any other is a category.
    """
    found = result.cumulated[result.spec.windows.index(window)]
    placed, at = result.placed, result.usable
    day0 = result.samples.day0.astype("datetime64[D]")
    frame = pd.DataFrame(
        {
            "car": found.car,
            "car_se": found.se,
            "scar": found.scar,
            "bhar": found.bhar,
            "date": day0.astype(str),
            "year": day0.astype("datetime64[Y]").astype(int) + 1970,
            "asset": np.array(placed.assets, dtype=object)[at],
            "event_id": np.array(placed.event_ids, dtype=object)[at],
            "group": np.array(placed.groups, dtype=object)[at],
        }
    )
    if placed.weights is not None:
        frame["weight"] = placed.weights[at]
    own = placed.characteristics.iloc[at].reset_index(drop=True)
    return frame.assign(**{str(name): _numbers_or_texts(own[name]) for name in own.columns if str(name) not in frame})


def regressions(result: Findings) -> tuple[Regression, ...]:
    """The regressions that the study asked for, one per window."""
    settings = result.settings
    asked = settings.get("formula") or settings["regress"]
    if not asked:
        return ()
    by = settings.get("cluster_by", ())
    question = Question.of(asked, covariance=settings["covariance"], cluster_by=by)
    return tuple(cross_section(result, question, window) for window in result.spec.windows)


def _of_names(result: Findings, names: tuple[str, ...], window: Window) -> Design:
    """The columns `names` as numbers, and a constant."""
    table = result.placed.characteristics
    for name in names:
        if name not in table.columns:
            known = ", ".join(map(str, table.columns)) or "none"
            raise DataError(
                "there is no such column", where="regress", value=name, remedy=f"further columns are {known}"
            )
    columns = [pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for name in names]
    x = np.column_stack([np.empty((len(table), 0)), *columns])[result.usable]
    x[~np.isfinite(x)] = np.nan
    return Design.with_constant(result.cumulated[result.spec.windows.index(window)].car, x, names)


def _cluster(frame: pd.DataFrame, name: str) -> np.ndarray:
    """The cluster of each event; one without a name is a cluster of its own."""
    if name not in frame.columns:
        known = ", ".join(map(str, frame.columns.drop(["car", "car_se", "scar", "bhar"])))
        raise DataError("there is no such column", where="cluster_by", value=name, remedy=f"columns are {known}")
    codes = np.array(pd.factorize(frame[name])[0], dtype=np.int64)
    alone = np.flatnonzero(codes < 0)
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.size)
    return codes


def _numbers_or_texts(cells: pd.Series) -> pd.Series:
    """Numbers where every cell that is not blank is one."""
    if cells.dtype.kind in "iufb":
        return cells.astype(float)
    texts = cells.map(lambda cell: str(cell).strip() or None, na_action="ignore")
    numbers = pd.to_numeric(texts, errors="coerce")
    is_number = numbers[texts.notna()].notna()
    return numbers.astype(float) if is_number.all() else texts.astype(object).where(texts.notna(), None)
