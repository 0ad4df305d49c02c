"""One announcement and one asset by the minute: every window measured, compared and judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eventstudy.evidence.flags import IN_DOUBT
from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.averages import unit_mde
from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.hours import Place
from eventstudy.study.clock.reference import Paces, Reference, pace_bars, reference
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.statistics import PACE_DF, BenchmarkTest, ClockTest, benchmark_test, clock_test
from eventstudy.study.clock.windows import CLOSE, REFUSALS, ClockWindow, Measured, measure

MEDIAN_SPAN = (-20 * MINUTE, -10 * MINUTE)  # of central-bank data sets (H10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent:
    """An announcement of one asset.

    Attributes
    ----------
    event_id, asset : str
    earliest, latest : int
        UTC nanoseconds; equal when the minute is known.
    zone : str
        IANA name of the zone in which the time was written.
    group : str or None
    calendar, benchmark : str or None
        Its own, where it has one.
    """

    event_id: str
    asset: str
    earliest: int
    latest: int
    zone: str = "UTC"
    group: str | None = None
    calendar: str | None = None
    benchmark: str | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the minute is known."""
        return self.earliest == self.latest


@dataclass(frozen=True, kw_only=True)
class WindowReaction:
    """One window of one asset.

    Attributes
    ----------
    window : ClockWindow
    found : Reference
    fewest : int
        Reference sessions that are needed.
    benchmark : Measured or None
        The benchmark's window on the same rows.
    factors : tuple of Measured
        The same of every factor.
    """

    window: ClockWindow
    found: Reference
    fewest: int
    benchmark: Measured | None = None
    factors: tuple[Measured, ...] = ()

    @property
    def reason_code(self) -> str | None:
        """Why there is no test; None where there is one."""
        refused = self.found.measured.refusal(0)
        if refused is not None:
            return refused
        return "too-few-reference-sessions" if self.found.size < self.fewest else None

    @property
    def reason(self) -> str | None:
        """The same in words."""
        code = self.reason_code
        if code == "price-in-doubt":
            return f"{IN_DOUBT}: {self.found.measured.doubt(0)}"
        if code == "too-few-reference-sessions":
            problem, _, remedy = REFUSALS[code].partition(";")
            return f"{problem} ({self.found.size} of the {self.fewest} that are needed);{remedy}"
        return REFUSALS[code] if code else None

    @property
    def is_measured(self) -> bool:
        """Whether there is a move."""
        return bool(self.found.measured.is_ok[0])

    @property
    def has_prices(self) -> bool:
        """Whether there is a base and an end, in doubt or not."""
        return self.is_measured or self.found.measured.refusal(0) == "price-in-doubt"

    @property
    def move(self) -> float | None:
        """Log return from base to end."""
        return float(self.moves[0]) if self.is_measured else None

    @property
    def moves(self) -> Float64Array:
        """Shape (1 + N,): the announcement's move, then the reference moves."""
        return self.found.measured.move

    @property
    def _has_sessions(self) -> bool:
        return self.is_measured and self.found.size >= self.fewest

    @cached_property
    def clock(self) -> ClockTest | None:
        """The move against those at the same clock time (H5)."""
        return clock_test(float(self.moves[0]), self.moves[1:]) if self._has_sessions else None

    @cached_property
    def has_pace(self) -> np.ndarray:
        """Shape (N,): reference sessions with a pace."""
        return np.isfinite(self.found.pace[1:])

    @property
    def is_paced(self) -> bool:
        """Whether the announcement and enough sessions have a pace."""
        return self._has_sessions and bool(np.isfinite(self.found.pace[0])) and self.has_pace.sum() >= self.fewest

    @cached_property
    def paced(self) -> ClockTest | None:
        """The same in units of each session's pace; the verdict rests on it (H6)."""
        if not self.is_paced:
            return None
        z = self.moves / self.found.pace
        return clock_test(float(z[0]), z[1:][self.has_pace], is_paced=True)

    @property
    def no_pace(self) -> str | None:
        """Code of the reason why there is no paced test; None where there is one."""
        if self.paced is not None:
            return None
        return "no-variation" if self.is_paced else "no-pace"

    def benchmark_test(self, *, is_paced: bool) -> BenchmarkTest | str:
        """The move less what the benchmark explains (H7), or the code of the reason why there is none."""
        return self._explained((self.benchmark,) if self.benchmark is not None else (), is_paced=is_paced)

    def factor_test(self, *, is_paced: bool) -> BenchmarkTest | str:
        """The move less what the factors explain together, or the code of the reason why there is none."""
        return self._explained(self.factors, is_paced=is_paced)

    def _explained(self, by: Sequence[Measured], *, is_paced: bool) -> BenchmarkTest | str:
        if not by or not self._has_sessions or not all(found.is_ok[0] and not found.rests_on_doubt[0] for found in by):
            return "no-benchmark"
        used = np.all([found.is_ok[1:] & ~found.rests_on_doubt[1:] for found in by], axis=0)
        if is_paced:
            if not self.is_paced:
                return "no-pace"
            used = used & self.has_pace
        if used.sum() < max(self.fewest, len(by) + 2):
            return "no-benchmark"
        pace = np.concatenate([self.found.pace[:1], self.found.pace[1:][used]]) if is_paced else None
        theirs = np.column_stack([found.move for found in by])
        found = benchmark_test(float(self.moves[0]), theirs[0], self.moves[1:][used], theirs[1:][used], pace)
        return found or "no-variation"

    def mde(self, alpha: float, power: float) -> float | None:
        """Smallest move that the paced test would find with the stated power, decimal log return."""
        if self.paced is None:
            return None
        se = self.paced.s * math.sqrt(1 + 1 / self.paced.n) * float(self.found.pace[0])
        return se * unit_mde(PACE_DF, alpha, power, "two-sided") / math.sqrt(PACE_DF / (PACE_DF - 2))


@dataclass(frozen=True, kw_only=True)
class ClockReaction:
    """One announcement and one asset.

    Attributes
    ----------
    event : ClockEvent
    bars : Bars or None
        None when there are none of the asset.
    place : Place or None
        Where the announcement falls; None with a reason.
    windows : tuple of WindowReaction
    reason : str or None
        Why there is nothing at all.
    overlaps : tuple of (str, float)
        Other events of the asset whose windows share a bar with this one's, and how many minutes later they came;
        the nearest first.
    """

    event: ClockEvent
    bars: Bars | None
    place: Place | None
    windows: tuple[WindowReaction, ...]
    benchmark: str | None = None
    factors: tuple[str, ...] = ()
    reason: str | None = None
    overlaps: tuple[tuple[str, float], ...] = field(default=())

    @property
    def status(self) -> str:
        """``ok`` when a window has a number, else ``skipped``."""
        return "ok" if self.reason is None and any(w.reason_code is None for w in self.windows) else "skipped"

    @property
    def why(self) -> str | None:
        """Why no window has a number; None where one has."""
        if self.status == "ok":
            return None
        return self.reason or self.windows[self.primary].reason

    @cached_property
    def primary(self) -> int:
        """Which window the verdict of the announcement is read from.

        The first with a test of the paced moves; where none has one, the first with a move, and else the first of all.
        One that is over when the news comes tells of no reaction to it, and is so only where it stands first.
        """
        ranks = [(k > 0 and w.window.is_past, w.paced is None, not w.is_measured) for k, w in enumerate(self.windows)]
        return ranks.index(min(ranks)) if ranks else 0

    @cached_property
    def before(self) -> Measured | None:
        """The shortest window after the announcement: its base is the price before the news."""
        if self.bars is None or self.place is None:
            return None
        window = ClockWindow(0, max(1, self.bars.size // MINUTE))
        rows = np.array([self.place.session])
        at = np.array([self.place.at])
        found = measure(self.bars, window, rows, at, is_open=self.place.is_open, is_break=self.place.is_break)
        return found if found.has_base[0] else None


def react(
    event: ClockEvent,
    at: int,
    bars: Bars,
    spec: ClockSpec,
    *,
    benchmark: Bars | None = None,
    factors: Sequence[Bars] = (),
    own_events: Int64Array | None = None,
    masks: Int64Array | None = None,
    known_events: Int64Array | None = None,
) -> ClockReaction:
    """Measure every window of an announcement at the instant `at`.

    Parameters
    ----------
    event : ClockEvent
    at : int
        UTC nanoseconds.
    bars : Bars
    spec : ClockSpec
    benchmark : Bars, optional
    factors : sequence of Bars
    own_events : Int64Array, optional
        Sorted instants of the other events of the asset, which end the span of a pace.
    masks : Int64Array, optional
        Sorted instants of events that a reference window must not hold.
    known_events : Int64Array, optional
        Sorted instants of events that are counted where a reference window holds them.
    """
    place = bars.market.place(at)
    name = benchmark.symbol if benchmark is not None else None
    if place is None:
        return ClockReaction(
            event=event, bars=bars, place=None, windows=(), benchmark=name, reason=REFUSALS["no-session"]
        )
    if spec.clock == "announcement":
        bars = bars.in_zone(event.zone)
    windows = []
    paces: Paces = {}
    for given in spec.windows:
        window = given.at(at)
        found = reference(
            bars,
            window,
            place,
            paces=paces,
            wanted=spec.reference_sessions,
            masks=masks,
            own_events=own_events,
            known_events=known_events,
            is_same_gap=spec.gap_class == "same" or bars.market.is_round_the_clock,
        )
        theirs: list[Measured] = []
        if found.measured.is_ok[0]:
            rows = found.measured
            closes_at = int(bars.market.local_closes(bars.zone)[place.session]) if window.end == CLOSE else None
            theirs = [
                measure(
                    other.in_zone(bars.zone),
                    window,
                    rows.sessions,
                    rows.at,
                    is_open=place.is_open,
                    is_break=place.is_break,
                    closes_at=closes_at,
                ).known_at(place.at)
                for other in (*([] if benchmark is None else [benchmark]), *factors)
            ]
        explained = theirs[0] if theirs and benchmark is not None else None
        windows.append(
            WindowReaction(
                window=window,
                found=found,
                fewest=spec.fewest_sessions,
                benchmark=explained,
                factors=tuple(theirs[0 if explained is None else 1 :]),
            )
        )
    return ClockReaction(
        event=event,
        bars=bars,
        place=place,
        windows=tuple(windows),
        benchmark=name,
        factors=tuple(other.symbol for other in factors),
    )


def snapped(instant: int, seconds: int) -> int:
    """An instant that is at most `seconds` past a full minute, set to it."""
    beyond = instant % MINUTE
    return instant - beyond if beyond <= seconds * 1_000_000_000 else instant


def bars_of_pace(bars: Bars) -> int:
    """Bars that a pace rests on."""
    return pace_bars(bars.size)
