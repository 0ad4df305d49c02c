"""How unusual a window's move is: by the clock, by the pace, and against a benchmark (H5 to H7)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from eventstudy.records import Float64Array

PACE_DF = 8  # of the t law of paced moves, chosen by simulation (methods-intraday, I)
SINGULAR = 1e-12  # relative: factors that say the same as each other
TIE = 1.0 - 1e-12  # moves this close to the announcement's count as equal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTest:
    """The move against the reference moves.

    Attributes
    ----------
    n : int
        Reference moves.
    mean, s : float
        Of the reference moves, with N - 1; decimal log returns, or units of pace.
    t, df, p_value : float
    placebo_p : float
        Share of the N + 1 moves as far from their mean.
    """

    n: int
    mean: float
    s: float
    t: float
    df: float
    p_value: float
    placebo_p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkTest:
    """The move less what others' explain; `ar` and `se` decimal, or in units of pace.

    Attributes
    ----------
    moves : tuple of float
        The announcement's, of the benchmark or of every factor.
    slopes : tuple of float
        On each of them.
    """

    n: int
    moves: tuple[float, ...]
    alpha: float
    slopes: tuple[float, ...]
    ar: float
    se: float
    t: float
    df: float
    p_value: float


def two_sided(t: float, df: float) -> float:
    """Two-sided p of Student's law."""
    return float(2.0 * stdtr(df, -abs(t)))


def paced_p(t: float) -> float:
    """Two-sided p of a paced statistic: t(8), matched to its variance."""
    return two_sided(t * math.sqrt(PACE_DF / (PACE_DF - 2)), PACE_DF)


def clock_test(move: float, others: Float64Array, *, is_paced: bool = False) -> ClockTest | None:
    """t = (r_0 - mean) / (s √(1 + 1/N)), and the centred placebo p; None where the reference moves do not vary.

    Parameters
    ----------
    move : float
    others : Float64Array
        Shape (N,), two at least.
    is_paced : bool
        Moves are in units of pace: p then is that of t(8).
    """
    n = others.size
    mean, s = float(others.mean()), float(others.std(ddof=1))
    if s == 0 or not np.ptp(others):
        return None
    t = (move - mean) / (s * math.sqrt(1 + 1 / n))
    centre = (move + others.sum()) / (n + 1)
    far = int((np.abs(others - centre) >= abs(move - centre) * TIE).sum())
    return ClockTest(
        n=n,
        mean=mean,
        s=s,
        t=t,
        df=PACE_DF if is_paced else n - 1,
        p_value=paced_p(t) if is_paced else two_sided(t, n - 1),
        placebo_p=(1 + far) / (n + 1),
    )


def benchmark_test(
    move: float,
    explained_by: Float64Array,
    moves: Float64Array,
    others: Float64Array,
    pace: Float64Array | None = None,
) -> BenchmarkTest | None:
    """Least squares of the moves on those of a benchmark, or of factors, and its forecast; None where they do not vary.

    Parameters
    ----------
    move : float
        The announcement's.
    explained_by : Float64Array
        Shape (k,), the announcement's, of the benchmark or of every factor.
    moves : Float64Array
        Shape (N,), reference moves.
    others : Float64Array
        Shape (N, k).
    pace : Float64Array, optional
        Shape (1 + N,): everything, the constant included, is divided by it; the announcement's stands first.
    """
    n, k = others.shape
    if not np.ptp(others, axis=0).all():
        return None
    v = np.ones(n + 1) if pace is None else pace
    x = np.column_stack([np.ones(n), others]) / v[1:, None]
    y = moves / v[1:]
    # columns of one size, so that the decomposition keeps its digits
    unit = np.sqrt((x * x).mean(axis=0))
    q, r = np.linalg.qr(x / unit)
    if np.abs(np.diag(r)).min() <= SINGULAR * np.abs(np.diag(r)).max():
        return None
    theta = np.linalg.solve(r, q.T @ y) / unit
    residuals = y - x @ theta
    s2 = float(residuals @ residuals) / (n - 1 - k)
    x0 = np.concatenate([[1.0], explained_by]) / v[0]
    z = np.linalg.solve(r.T, x0 / unit)
    ar, se = float(move / v[0] - x0 @ theta), math.sqrt(s2 * (1 + float(z @ z)))
    if se == 0:
        return None
    df = n - 1 - k
    return BenchmarkTest(
        n=n,
        moves=tuple(explained_by.tolist()),
        alpha=float(theta[0]),
        slopes=tuple(theta[1:].tolist()),
        ar=ar,
        se=se,
        t=ar / se,
        df=df if pace is None else PACE_DF,
        p_value=two_sided(ar / se, df) if pace is None else paced_p(ar / se),
    )


def share_as_low(own: float, others: Float64Array) -> float:
    """p of the lowest move: (1 + those as low) / (N + 1), over the reference sessions that have one."""
    known = others[np.isfinite(others)]
    return (1 + int((known <= own).sum())) / (known.size + 1)
