"""Frozen values that cross module borders.

Returns are decimals (0.01 = 1 %); instants are tz-aware and in UTC; a session is the naive date label of
a trading day, or of a fixing, of its source.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import SourceError
from eventstudy.spec import Alternative, Returns, StudySpec, Window

__all__ = [
    "Alternative",
    "Event",
    "Fit",
    "Float64Array",
    "Inference",
    "InstantArray",
    "Int64Array",
    "PriceSeries",
    "Returns",
    "Sample",
    "SessionArray",
    "Snapshot",
    "StudySpec",
    "Window",
]

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]
SessionArray = NDArray[np.datetime64]  # datetime64[D]
InstantArray = NDArray[np.datetime64]  # datetime64[ns], UTC
Reach = tuple[dt.date | None, dt.date | None]  # first and last day; None: no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An announcement.

    Attributes
    ----------
    event_id, title : str
        Identity (a slug, unique in its file) and headline. The title is untrusted text.
    earliest, latest : datetime
        UTC instants between which the news came out; equal when the minute is known.
    stated : datetime or None
        The exact instant as stated, where one is given beside the interval; used for the main alignment.
    kind : str
        ``announcement``, ``meeting``, … or ``context``: a scheduled release that may explain a move.
    assets : tuple of str
        Names of the assets to study.
    url, note : str
        Source of the time, and anything a reader should know.
    tags : tuple of str
    claims : tuple of str
        What was said of prices, as people write it, to be checked: untrusted text.
    zone : str
        IANA name of the zone in which the time was written, for telling it; UTC when empty.
    concerns : str
        Of a release that is known to the program: the currency whose prices it may move; empty: of any asset.
    """

    event_id: str
    title: str
    earliest: dt.datetime
    latest: dt.datetime
    stated: dt.datetime | None = None
    kind: str = "announcement"
    assets: tuple[str, ...] = ()
    url: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    zone: str = ""
    concerns: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the minute is known."""
        return self.earliest == self.latest

    @property
    def announced_at(self) -> dt.datetime:
        """The instant used for the main alignment: as stated, else the earliest possible."""
        return self.stated or self.earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """Prices of one asset, as known at one time.

    Attributes
    ----------
    asset, source : str
    sessions : SessionArray
        Shape (n,), strictly increasing date labels.
    instants : InstantArray
        Shape (n,), UTC instants at which the prices were taken, strictly increasing.
    prices : Float64Array
        Shape (n,), positive; NaN where the source has a session without a price.
    currency : str
        Unit of the price.
    notes : tuple of str
        Facts a reader must know: a gap, a revision, a proxy.
    marks : tuple of (numpy.datetime64, str)
        Session and words of every bar that looks wrong; said by the results whose windows hold it.
    doubts : tuple of (numpy.datetime64, str)
        Session and words of every bar whose price is in doubt, and so missing: no verdict may rest on it.
    """

    asset: str
    source: str
    sessions: SessionArray
    instants: InstantArray
    prices: Float64Array
    currency: str = ""
    notes: tuple[str, ...] = ()
    marks: tuple[tuple[np.datetime64, str], ...] = ()
    doubts: tuple[tuple[np.datetime64, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A price series exactly as one source gave it at one time.

    Attributes
    ----------
    source, symbol, currency, version : str
        Who was asked, for what, in which unit, and the version of the data or of the fetching library.
    bar : str
        Size of a bar: ``1d``, ``1h``, ``30m``, ``15m``, ``5m`` or ``1m``.
    sessions : SessionArray
        Shape (n,), date label of each bar: strictly increasing for daily bars, repeated within a day otherwise.
    starts : InstantArray or None
        Shape (n,), UTC instants at which intraday bars start, strictly increasing; None for daily bars.
    instants : InstantArray
        Shape (n,), UTC instants at which the prices were taken: the close of a day, the end of a bar.
    close : Float64Array
        Shape (n,), price as quoted (split-adjusted where the source does so), never dividend-adjusted.
    dividends : Float64Array
        Shape (n,), cash per share going ex on that session, in the unit of `close`; 0 when none, NaN where the source
        does not say.
    splits : Float64Array or None
        Shape (n,), new shares per old one from that session on; 1 when none. None: the source has no splits.
    open, high, low, volume : Float64Array or None
        Shape (n,), as quoted; None where the source has no such number.
    adjusted : Float64Array or None
        Shape (n,), the vendor's own total-return price, kept to be checked against; never studied.
    notes : tuple of str
        Facts a reader must know.
    reach : (date or None, date or None)
        First and last day that the source can speak of, whatever it was asked: what lies beyond is not settled by this
        answer. None where it reaches as far as it was asked.
    calendar : str
        Name of the calendar whose sessions the bars are of, such as ``XNYS``; empty where the source does not say.
    fault : SourceError or None
        Why this is not all that the source should have: what stood in for it, or what is installed, answered.
    doubt : str
        Why the bars may be of another venue than the one that was asked for; empty where nothing tells so.
    """

    source: str
    symbol: str
    currency: str
    version: str
    sessions: SessionArray
    instants: InstantArray
    close: Float64Array
    dividends: Float64Array
    bar: str = "1d"
    starts: InstantArray | None = None
    splits: Float64Array | None = None
    open: Float64Array | None = None
    high: Float64Array | None = None
    low: Float64Array | None = None
    volume: Float64Array | None = None
    adjusted: Float64Array | None = None
    notes: tuple[str, ...] = ()
    reach: Reach = (None, None)
    calendar: str = ""
    fault: SourceError | None = None
    doubt: str = ""

    def at(self, chosen: NDArray[np.bool_]) -> Snapshot:
        """The bars that a mask of shape (n,) chooses."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        kept: dict[str, Any] = {name: v[chosen] for name, v in values.items() if isinstance(v, np.ndarray)}
        return replace(self, **kept)

    def between(self, first: dt.date, last: dt.date) -> Snapshot:
        """The bars of the sessions from `first` to `last`, both included."""
        return self.at((self.sessions >= np.datetime64(first, "D")) & (self.sessions <= np.datetime64(last, "D")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Returns of a batch of events on one event-time grid, ready for a model.

    Attributes
    ----------
    tau : Int64Array
        Shape (T,): event time of each column, consecutive, from `lead_in` sessions before the estimation
        window to the end of the event window.
    y : Float64Array
        Shape (n, T), decimal returns of the assets; NaN = missing.
    x : Float64Array
        Shape (n, T, p), decimal returns of benchmark or factors; p = 0 when the model has none.
    estimation, event_window : Window
    span : Float64Array or None
        Shape (n, T): sessions since the asset's last trade (1 = traded the session before); None = all 1.
    """

    tau: Int64Array
    y: Float64Array
    x: Float64Array
    estimation: Window
    event_window: Window
    span: Float64Array | None = None

    def columns(self, window: Window) -> slice:
        """Columns of `y` and `x` that hold `window`."""
        first = int(self.tau[0])
        return slice(window.start - first, window.end - first + 1)


class Rows(Protocol):
    """A table of numbers, a row per event, that is read by rows: an array, or what makes the rows when asked."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of events and of columns."""
        ...

    def __getitem__(self, rows: Any, /) -> Float64Array:
        """The rows at these positions, shape (len(rows), T)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A model fitted to a batch of events. All arrays have the events as their first axis.

    The forecast-error covariance of the abnormal returns of event i is
    ``s2[i] * (diag(base[i]) + design[i] @ gram_inverse[i] @ design[i].T)``, methods.md B1.

    Attributes
    ----------
    model : str
    names : tuple of str
        Coefficient names, length k.
    theta : Float64Array
        Shape (n, k).
    s2 : Float64Array
        Shape (n,), residual variance SSR/(M - k) per session.
    df : Float64Array
        Shape (n,), degrees of freedom of the t law; inf where the law is normal.
    n_estimation : Int64Array
        Shape (n,), non-missing estimation days M.
    r_squared : Float64Array
        Shape (n,); NaN where the model has none.
    expected : Float64Array
        Shape (n, L2), expected returns over the event window.
    design : Float64Array
        Shape (n, L2, k), the regressors of the event window as they enter the forecast variance.
    gram_inverse : Float64Array
        Shape (n, k, k), unscaled covariance of the coefficients; zeros where nothing is estimated.
    base : Float64Array
        Shape (n, L2), variance of a day's innovation in units of s2 (1 for homoskedastic models).
    residuals : Rows
        Shape (n, M_window), estimation residuals, NaN where the day is missing.
    leverage : Rows
        Shape (n, M_window), hat diagonal of the estimation days.
    reasons : tuple of str or None
        Length n: why the event could not be fitted; its numbers are then NaN.
    """

    model: str
    names: tuple[str, ...]
    theta: Float64Array
    s2: Float64Array
    df: Float64Array
    n_estimation: Int64Array
    r_squared: Float64Array
    expected: Float64Array
    design: Float64Array
    gram_inverse: Float64Array
    base: Float64Array
    residuals: Rows
    leverage: Rows
    reasons: tuple[str | None, ...]


@dataclass(slots=True, kw_only=True)  # not frozen, see `eventstudy.study.results`; nothing changes one
class Inference:
    """One test: a number with its null, or a reason why there is none.

    Attributes
    ----------
    name : str
        Contract name, design 8.1.
    null : str
        The null hypothesis in a sentence.
    statistic, p_value, df : float or None
    distribution : str
        ``t``, ``normal``, ``exact``, ``empirical``, ``F``, ``bootstrap``.
    n : int
        Observations the test rests on (events, days or draws).
    reason : str or None
        Why the test has no number; None when it has.
    source : str
        Citation.
    details : tuple of (str, float)
        Further numbers, for example the exact binomial p of the sign test.
    """

    name: str
    null: str
    statistic: float | None
    distribution: str
    df: float | None
    p_value: float | None
    n: int
    reason: str | None = None
    source: str = ""
    details: tuple[tuple[str, float], ...] = field(default=())
