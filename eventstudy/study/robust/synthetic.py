"""A synthetic control of every treated asset, and how unusual its gap is among those of the donors.

After Abadie, Diamond & Hainmueller (2010), on returns as Acemoglu et al. (2016) do: weights are fitted over the
estimation window, and every donor takes the treated asset's place in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy.errors import CannotEstimate, DataError
from eventstudy.inference.laws import Hypothesis, empirical_p
from eventstudy.inference.synthetic import FEWEST_DONORS, Control, control, placebos
from eventstudy.records import Float64Array, Inference
from eventstudy.spec import StudySpec, Window
from eventstudy.study.averages import number
from eventstudy.study.frame import Market
from eventstudy.study.placing import Placed

MOST_EVENTS = 20  # each is as many fits as there are donors
MISSING_SHARE = 0.1  # of the days before, that a donor may lack
SHOWN = 0.0005  # weights below it are not written in the text
GAP = Hypothesis(
    name="synthetic_control",
    null="the gap to the synthetic control is one that a donor, which was not treated, might have had",
    distribution="empirical",
    source="Abadie, Diamond & Hainmueller 2010",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """The synthetic control of one event's asset.

    Attributes
    ----------
    event_id, asset : str
    weights : dict of str to float
        Of the donors that were used.
    rmspe : float or None
        Of a day before, decimal return.
    n_before : int
        Days that the weights were fitted to.
    gaps : dict of Window to Inference
        The statistic is the gap over the window, the sum of the returns less those of the control, over the error
        before; its p is its rank among the donors'. ``gap`` is among the details, and ``rmspe_ratio``.
    left_out : dict of str to str
        Donors that were not used, and why.
    reason : str or None
    """

    event_id: str
    asset: str
    weights: dict[str, float]
    rmspe: float | None
    n_before: int
    gaps: dict[Window, Inference]
    left_out: dict[str, str]
    reason: str | None = None


def synthetic(
    market: Market, held: Float64Array, placed: Placed, rows: Sequence[int], spec: StudySpec, donors: Sequence[str]
) -> tuple[Synthetic, ...]:
    """The synthetic control of the events in these rows of the table.

    Parameters
    ----------
    market : Market
    held : Float64Array
        Shape (T, S), returns of its columns, NaN where there is none to go by.
    placed : Placed
    rows : sequence of int
    spec : StudySpec
    donors : sequence of str

    Raises
    ------
    DataError
        When a donor has no column, or there are more events than anybody looks at one by one.
    """
    columns = {name: market.column(name, "donors") for name in donors}
    if len(rows) > MOST_EVENTS:
        raise DataError(
            f"a synthetic control is for one treated asset, or a few: {MOST_EVENTS} events are the most",
            where="donors",
            value=len(rows),
            remedy="give the events that matter most",
        )
    return tuple(_of_event(held, placed, at, spec, columns) for at in rows)


def _of_event(held: Float64Array, placed: Placed, at: int, spec: StudySpec, donors: dict[str, int]) -> Synthetic:
    day0, own = int(placed.rows[at]), int(placed.columns[at])
    before = np.arange(max(day0 + spec.estimation.start, 0), max(day0 + spec.estimation.end + 1, 0))
    inside = np.arange(day0 + spec.event_window.start, min(day0 + spec.event_window.end + 1, len(held)))
    busy = {
        int(placed.columns[other])
        for other in np.flatnonzero(np.abs(placed.rows - day0) <= spec.event_window.length - 1).tolist()
        if placed.rows[other] >= 0
    }
    used, left_out = {}, {}
    for name, column in donors.items():
        if reason := _unfit(held, column, own, busy, before, inside):
            left_out[name] = reason
        else:
            used[name] = column
    names, places = list(used), list(used.values())
    block = held[:, [own, *places]]
    known = before[np.isfinite(block[before]).all(axis=1)] if before.size else before
    treated, others = held[:, own], held[:, places]
    rows = np.append(known, inside)
    try:
        if len(names) < FEWEST_DONORS:
            raise CannotEstimate(f"{len(names)} donors can be used, {FEWEST_DONORS} are needed")
        if known.size < spec.required_estimation:
            raise CannotEstimate(f"{known.size} days before with all returns, {spec.required_estimation} are needed")
        found = control(treated[rows], others[rows], known.size)
        untreated = placebos(others[rows], known.size)
    except CannotEstimate as error:
        return Synthetic(
            event_id=placed.event_ids[at], asset=placed.assets[at], weights={}, rmspe=None, n_before=int(known.size),
            gaps={}, left_out=left_out, reason=str(error),
        )  # fmt: skip
    tau = inside - day0
    return Synthetic(
        event_id=placed.event_ids[at],
        asset=placed.assets[at],
        weights=dict(zip(names, found.weights.tolist(), strict=True)),
        rmspe=found.rmspe,
        n_before=int(known.size),
        gaps={window: _gap(found, untreated, tau, window, spec) for window in spec.windows},
        left_out=left_out,
    )


def _unfit(
    held: Float64Array, column: int, own: int, busy: set[int], before: np.ndarray, inside: np.ndarray
) -> str | None:
    """Why an asset cannot be a donor."""
    if column == own:
        return "is the treated asset"
    if column in busy:
        return "has an event of its own"
    if np.isnan(held[before, column]).mean() > MISSING_SHARE:
        return "has too few returns before"
    return "lacks a return in the event window" if np.isnan(held[inside, column]).any() else None


def _gap(found: Control, untreated: Sequence[Control], tau: np.ndarray, window: Window, spec: StudySpec) -> Inference:
    """The gap over a window by its rank among those of the donors, each over its own error before."""
    days = (tau >= window.start) & (tau <= window.end)
    n = 1 + len(untreated)
    if int(days.sum()) < window.length:
        return GAP.refuse(f"the window {window.label} runs past the data", n)
    own = found.gap[days]
    if np.isnan(own).any():
        return GAP.refuse(f"a day of the window {window.label} has no return", n)
    if not found.rmspe > 0:
        return GAP.refuse("the donors fit the asset exactly: it is made of them", n)
    sizes = np.array([one.gap[days].sum() / one.rmspe for one in untreated if one.rmspe > 0])
    statistic = float(own.sum() / found.rmspe)
    details = [("gap", float(own.sum())), ("rmspe_ratio", float(np.sqrt(np.mean(own**2)) / found.rmspe))]
    return GAP.report(statistic, empirical_p(sizes, statistic, spec.alternative), 1 + sizes.size, details=details)


def synthetic_dict(found: Synthetic) -> dict[str, Any]:
    """As the document has it, without its tests."""
    return {
        "event_id": found.event_id,
        "asset": found.asset,
        "reason": found.reason,
        "n_before": found.n_before,
        "rmspe": number(found.rmspe) if found.rmspe is not None else None,
        "weights": {name: number(weight) for name, weight in found.weights.items()},
        "left_out": found.left_out,
    }
