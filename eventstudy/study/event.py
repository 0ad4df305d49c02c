"""Announcements under a study: every asset, in every alignment that its time allows, a block of events at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from eventstudy.abnormal import running
from eventstudy.calendars import Alignment, align, first_after, session_date
from eventstudy.errors import CannotEstimate, EventStudyError, NumbersDisagree, SourceError
from eventstudy.evidence.flags import IN_DOUBT
from eventstudy.inference.effect import critical_value
from eventstudy.inference.laws import Hypothesis
from eventstudy.inference.multiple import holm
from eventstudy.inference.single import max_t_placebo, t_test
from eventstudy.records import Event, Fit, Float64Array, Inference, Int64Array, Sample, StudySpec, Window
from eventstudy.registry.models import MODELS
from eventstudy.returns import ReturnSeries
from eventstudy.study.averages import number, unit_mde
from eventstudy.study.estimates import disagreements, estimate, second
from eventstudy.study.fitting import Fitted, fit_samples, has_placebos, placebo_cars
from eventstudy.study.from_archive import Aligned, samples_of_archive
from eventstudy.study.results import DayResult, EventResult, Reaction, WindowResult
from eventstudy.study.samples import Samples, averages
from eventstudy.study.verdict import priced_context, verdict

MOST_MARKS = 5  # named in the notes of a result

PORTFOLIO_T = Hypothesis(
    name="portfolio_t",
    null="the equal-weight portfolio of the assets, as quoted, has no abnormal return",
    distribution="t",
    source="portfolio method; Brown & Warner 1980, exact forecast variance",
)

Joint = tuple[tuple[str, Window, Inference], ...]  # (alignment, window, test)
Series = Mapping[str, ReturnSeries | EventStudyError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One event to be studied.

    Attributes
    ----------
    event : Event
    study_id : str
    spec : StudySpec
    series : mapping
        Returns of each asset of the event, or the error that stands in their place.
    context : sequence of Event
        Scheduled releases that may explain a move.
    concerned : mapping of str to frozenset of str
        Asset → currencies of its price: a release that concerns another currency does not explain its moves.
    remarks : tuple of str
        What is to be said of the result beside the numbers.
    """

    event: Event
    study_id: str
    spec: StudySpec
    series: Series
    context: Sequence[Event] = ()
    concerned: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def study_events(requests: Sequence[Request]) -> list[EventResult | NumbersDisagree]:
    """Study a block of events, those of one study together; no number depends on what else is in the block.

    Returns
    -------
    list
        In the order of `requests`: a result, or the first of its fits that two computations disagree on.
    """
    out: list[EventResult | NumbersDisagree | None] = [None] * len(requests)
    studies: dict[tuple[str, StudySpec], list[int]] = {}
    for i, request in enumerate(requests):
        studies.setdefault((request.study_id, request.spec), []).append(i)
    for places in studies.values():
        for i, found in zip(places, _study([requests[i] for i in places]), strict=True):
            out[i] = found
    return [found for found in out if found is not None]


def inputs_of(event: Event, spec: StudySpec, series: Series, context: Sequence[Event] = ()) -> str:
    """SHA-256 of all that a result rests on beside code and settings: equal inputs, equal result.

    The event's times and assets, the context events, and every return from the first placebo day's estimation
    window to the last day that the model reads.
    """
    lead, tail = MODELS[spec.model].reach(spec)
    told = replace(event, claims=()) if event.claims else event  # what was said of prices bears on no result
    parts = [repr((told, sorted((c.event_id, c.earliest, c.latest) for c in context)))]
    for asset in event.assets:
        found = series[asset]
        if isinstance(found, EventStudyError):
            parts.append(f"{asset}: {found}")
            continue
        first = first_after(found.instants, event.earliest) + 2 * spec.estimation.start - lead
        last = first_after(found.instants, event.latest) + spec.event_window.end + tail
        used = slice(max(first, 0), last + 1)
        parts.append(f"{asset}: {found.fingerprint(used)}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def primary_window(spec: StudySpec, alignments: Sequence[Alignment]) -> Window:
    """The window that the verdict is read from.

    The study's first window; but when the interval of the announcement covers two sessions, [0,1] anchored at the
    first of them where the study has it (methods.md A7).
    """
    two_days = Window(0, 1)
    return two_days if len(alignments) > 1 and two_days in spec.windows else spec.windows[0]


@dataclass(slots=True, kw_only=True)
class _Row:
    """One asset in one alignment of one request: what is known of it, and its place among the samples, if any."""

    request: Request
    aligned: Aligned | None
    primary: Window
    reaction: Reaction
    place: int = -1


def _study(requests: Sequence[Request]) -> Iterator[EventResult | NumbersDisagree]:
    """Results of several events in one study, which are fitted together."""
    spec = requests[0].spec
    rows = [list(_rows(request)) for request in requests]
    wanted = [row for some in rows for row in some if row.aligned is not None]
    aligned = []
    for place, row in enumerate(wanted):
        assert row.aligned is not None  # of those wanted
        row.place = place
        aligned.append(row.aligned)
    if not wanted:
        for request, some in zip(requests, rows, strict=True):
            yield _result(request, some, ())
        return
    fitted, errors = fit_twice(samples_of_archive(aligned, spec), spec)
    if has_placebos(spec):
        fitted = replace(fitted, placebos=placebo_cars(fitted.samples, spec))
    _judge(rows, _Tables(fitted))
    groups = [
        np.array(
            [r.place for r in some if r.reaction.alignment == "main" and r.reaction.status == "ok"], dtype=np.int64
        )
        for some in rows
    ]
    portfolios = _Portfolios(fitted, groups)
    joint = portfolios.joint()
    for k, (request, some) in enumerate(zip(requests, rows, strict=True)):
        own = [errors[row.place] for row in some if row.place >= 0]
        wrong = next((error for error in [*own, portfolios.errors[k]] if error is not None), None)
        yield wrong or _result(request, some, joint[k])


def _result(request: Request, rows: Sequence[_Row], joint: Joint) -> EventResult:
    return EventResult(
        study_id=request.study_id,
        event_id=request.event.event_id,
        reactions=tuple(row.reaction for row in rows),
        joint=joint,
    )


def fit_twice(samples: Samples, spec: StudySpec) -> tuple[Fitted, list[NumbersDisagree | None]]:
    """Fit every row by statsmodels and by the batch kernel; what is given back is the former.

    Returns
    -------
    Fitted
    list
        Per row what the two disagree on, None where they agree.
    """
    errors: list[NumbersDisagree | None] = [None] * samples.n
    subjects = tuple(map(": ".join, zip(samples.event_ids, samples.assets, strict=True)))

    def estimator(sample: Sample, rows: slice) -> Fit:
        kernel = MODELS[spec.model](sample, spec)
        stored = estimate(sample, spec, kernel)
        errors[rows] = disagreements(subjects[rows], second(sample, spec, kernel), stored)
        return stored

    return fit_samples(samples, spec, estimator), errors


# --- one asset --------------------------------------------------------------------------------------------------------


def _rows(request: Request) -> Iterator[_Row]:
    event, spec = request.event, request.spec
    for asset in event.assets:
        found = request.series[asset]
        head = Reaction(
            study_id=request.study_id,
            event_id=event.event_id,
            asset=asset,
            alignment="main",
            status="skipped",
            reason=None,
        )
        alignments: tuple[Alignment, ...] = ()
        reason = found if isinstance(found, EventStudyError) else None
        try:
            if isinstance(found, ReturnSeries):
                alignments = align(event, found.sessions, found.instants)
        except CannotEstimate as error:
            reason = error
        if reason is not None:
            status = "failed" if _is_fault(reason) else "skipped"
            head = replace(head, status=status, reason=str(reason))
            yield _Row(request=request, aligned=None, primary=spec.windows[0], reaction=head)
            continue
        assert isinstance(found, ReturnSeries)  # it is no error
        primary = primary_window(spec, alignments)
        for alignment in alignments:
            index = alignment.index
            before = index - _covered(found, index)
            missing = lack(found, index, spec)
            reaction = replace(
                head,
                reason=missing,
                alignment=alignment.name,
                day0=session_date(alignment.session),
                prices=(number(found.prices[before]), number(found.prices[index])),
                instants=(_instant(found, before), _instant(found, index)),
                notes=found.notes,
            )
            aligned = None if missing else Aligned(event_id=event.event_id, alignment=alignment, series=found)
            yield _Row(request=request, aligned=aligned, primary=primary, reaction=reaction)


def _covered(series: ReturnSeries, index: int) -> int:
    """Sessions that the return of day 0 covers."""
    return 1 if series.span is None else max(int(series.span[index]), 1)


def _instant(series: ReturnSeries, position: int) -> str:
    return f"{series.instants[position].astype('datetime64[s]')}Z"


def _is_fault(error: EventStudyError) -> bool:
    """Whether asking again may help; a symbol that does not exist, or has no data, is no fault."""
    return isinstance(error, SourceError) and error.transient


def lack(series: ReturnSeries, index: int, spec: StudySpec) -> str | None:
    """What is missing of the return of day 0, which is at `index`; None for nothing."""
    if series.doubts and (words := _doubt(series, index, spec)):
        return f"{IN_DOUBT}: {words}"
    before = index - _covered(series, index)
    for position, what in ((index, "the first session that could react"), (before, "the session before")):
        if not np.isfinite(series.prices[position]):
            return f"no price on {series.sessions[position]}, {what}{_why(series, position)}"
    known = np.isfinite(series.x[index])
    if known.size and not (known.any() if spec.model == "peer" else known.all()):
        who = "no peer has a" if spec.model == "peer" else f"{'the benchmark' if spec.benchmark else 'a factor'} has no"
        return f"{who} return on {series.sessions[index]}, the first session that could react"
    return None


def _doubt(series: ReturnSeries, index: int, spec: StudySpec) -> str | None:
    """The price in doubt that the return of day 0 rests on, or one in every window; None where a verdict is left."""
    spans = [range(index, index + 1), *(range(index + w.start, index + w.end + 1) for w in spec.windows)]
    at_zero, *inside = (next((series.doubts[i] for i in span if i in series.doubts), None) for span in spans)
    return at_zero or (inside[0] if all(inside) else None)


def _why(series: ReturnSeries, position: int) -> str:
    """What the source says of where its prices end, else the date of the last one."""
    said = [note for note in series.notes if "run from" in note]
    before = series.sessions[: position + 1][np.isfinite(series.prices[: position + 1])]
    return f"; {said[0]}" if said else f"; the last price before it is of {before[-1]}" if before.size else ""


class _Tables:
    """The numbers of fitted rows as plain lists, so that a row is read without a call for each number."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        spec, fit, daily, found = fitted.spec, fitted.fit, fitted.daily, fitted.diagnostics
        running_car, running_se = running(fit, daily)
        _, p = fitted.beaver
        days = [daily.returns, fit.expected, daily.ar, daily.se, daily.sar, running_car, running_se, p]
        self.days = _plain(np.stack(days, axis=2))
        self.tau = daily.tau.tolist()
        self.theta = _plain(fit.theta)
        self.heads = _plain(np.column_stack([fit.df, np.sqrt(fit.s2), fit.r_squared]))
        self.n_estimation = fit.n_estimation.tolist()
        self.diagnostics = _plain(np.column_stack([found.durbin_watson, found.arch_lm_p, found.jarque_bera_p]))
        degrees = fit.df.tolist()
        critical = np.array([critical_value(df, spec.alpha) for df in degrees])
        unit = np.array([unit_mde(df, spec.alpha, spec.power, spec.alternative) for df in degrees])
        self.windows = []
        for w, avar in zip(fitted.cumulated, fitted.variance_ratios, strict=True):
            half = critical * w.se
            columns = [w.car, w.se, w.scar, w.bhar, avar, w.car - half, w.car + half, unit * w.se]
            self.windows.append(_plain(np.column_stack(columns)))
        self.n_days = [w.n_days.tolist() for w in fitted.cumulated]
        self.placebos = [_draws(fitted.placebos[w].car) if fitted.placebos else None for w in spec.windows]


def _draws(cars: Float64Array) -> list[Float64Array]:
    """Of every row, those that there are; `cars` of shape (B, n)."""
    rows = np.ascontiguousarray(cars.T)
    is_there = np.isfinite(rows)
    if (is_there == is_there[:1]).all():  # on the same days for all
        return list(rows[:, is_there[0]])
    return [row[there] for row, there in zip(rows, is_there, strict=True)]


def _plain(values: Float64Array) -> list[Any]:
    """Nested lists of plain floats, None where there is no number."""
    is_known = np.isfinite(values)
    out = values
    if not is_known.all():
        out = values.astype(object)
        out[~is_known] = None
    plain: list[Any] = out.tolist()
    return plain


def _judge(rows: Sequence[Sequence[_Row]], told: _Tables) -> None:
    """Give the rows of every event their results: p adjusted by Holm across its assets, window by window, and verdicts.

    Each alignment is judged by itself.
    """
    reasons = told.fitted.fit.reasons
    families: dict[tuple[int, str], list[_Row]] = {}
    for event, some in enumerate(rows):
        for row in some:
            if row.place < 0:
                continue
            if reasons[row.place] is not None:
                row.reaction = replace(row.reaction, reason=reasons[row.place])
            else:
                families.setdefault((event, row.reaction.alignment), []).append(row)
    adjusted = _adjusted(np.stack(told.fitted.p_values), [[row.place for row in own] for own in families.values()])
    for own in families.values():
        for row in own:
            row.reaction = _reaction(row, told, adjusted[row.place])


def _adjusted(p: Float64Array, families: Sequence[Sequence[int]]) -> dict[int, list[float | None]]:
    """Holm's p of every member of every family, window by window; `p` of shape (W, n)."""
    out: dict[int, list[float | None]] = {}
    for size in {len(places) for places in families}:
        places = np.array([some for some in families if len(some) == size])
        found = np.moveaxis(holm(p[:, places]), 0, -1).reshape(places.size, -1)
        out |= zip(places.ravel().tolist(), _plain(found), strict=True)
    return out


def _reaction(row: _Row, told: _Tables, p_adjusted: Sequence[float | None]) -> Reaction:
    """Everything one study finds out about one asset."""
    fitted, i = told.fitted, row.place
    assert row.aligned is not None  # it has a place
    series, index = row.aligned.series, row.aligned.alignment.index
    df, sigma, r_squared = told.heads[i]
    names = ("durbin_watson", "arch_lm_p", "jarque_bera_p")
    return replace(
        row.reaction,
        status="ok",
        first_session=session_date(series.sessions[max(index + fitted.spec.estimation.start, 0)]),
        n_estimation=told.n_estimation[i],
        df=df,
        sigma=sigma,
        r_squared=r_squared,
        coefficients=tuple(zip(fitted.fit.names, told.theta[i], strict=True)),
        diagnostics=tuple(zip(names, told.diagnostics[i], strict=True)),
        days=_days(row.aligned, told, i),
        windows=tuple(_window(row, told, position, p) for position, p in enumerate(p_adjusted)),
        notes=(
            *series.notes,
            *_notes(series, index, fitted.spec),
            *(_before(series, index, fitted.spec) if fitted.placebos is not None else ()),
            *row.request.remarks,
        ),
    )


def _window(row: _Row, told: _Tables, position: int, p_adjusted: float | None) -> WindowResult:
    fitted, i = told.fitted, row.place
    spec, window = fitted.spec, fitted.spec.windows[position]
    assert row.aligned is not None  # it has a place
    series, index = row.aligned.series, row.aligned.alignment.index
    car, se, scar, bhar, avar, low, high, mde = told.windows[position][i]
    context: tuple[str, ...] = ()
    if row.request.context:
        concerned = row.request.concerned.get(series.asset, frozenset())
        context = priced_context(row.request.context, series.instants, index, window, concerned)
    draws, has_number = told.placebos[position], car is not None
    tests = fitted.single_tests(i, position) if has_number else ()
    placebo_p = next((test.p_value for test in tests if test.name == "placebo"), None)
    is_whole = has_number and told.n_days[position][i] == window.length
    return WindowResult(
        window=window,
        is_primary=window == row.primary,
        n_days=told.n_days[position][i],
        car=car,
        car_se=se,
        scar=scar,
        bhar=bhar,
        interval=(low, high) if has_number else None,
        mde=mde if has_number else None,
        tests=tests,
        p_adjusted=p_adjusted,
        verdict=verdict(p_adjusted, placebo_p, spec.alpha, is_confounded=bool(context)),
        context=context,
        placebo=np.empty(0) if draws is None else draws[i],
        reason=None if is_whole else _short(series, index, fitted, i, position),
        avar=avar if has_number else None,
        prices=(_price(series, index + window.start - 1), _price(series, index + window.end)),
    )


def _price(series: ReturnSeries, position: int) -> float | None:
    return number(series.prices[position]) if 0 <= position < series.prices.size else None


def _short(series: ReturnSeries, index: int, fitted: Fitted, i: int, position: int) -> str | None:
    """Why a window has no number, or how many of its days the number is of."""
    window = fitted.spec.windows[position]
    if np.isfinite(fitted.cumulated[position].car[i]):
        return fitted.window_reason(i, position)
    if index + window.end >= series.sessions.size:
        return f"the window {window.label} is not complete yet: the prices end on {series.sessions[-1]}"
    if index + window.start < 1:
        return f"the window {window.label} starts before the prices, which begin on {series.sessions[0]}"
    return fitted.window_reason(i, position)


def _days(aligned: Aligned, told: _Tables, i: int) -> tuple[DayResult, ...]:
    """Day by day; the running CAR starts at the event window's start and carries its own standard error."""
    series, index = aligned.series, aligned.alignment.index
    tau = told.tau
    first, last = max(index + tau[0], 0), min(index + tau[-1], series.sessions.size - 1)
    sessions = series.sessions[first : last + 1].astype("datetime64[D]").tolist()
    return tuple(
        DayResult(
            tau=position - index,
            session=session,
            ret=ret,
            expected=expected,
            ar=ar,
            ar_se=ar_se,
            sar=sar,
            car=car,
            car_se=car_se,
            beaver_u_p=p,
        )
        for position, session in enumerate(sessions, first)
        for ret, expected, ar, ar_se, sar, car, car_se, p in (told.days[i][position - index - tau[0]],)
    )


def _notes(series: ReturnSeries, index: int, spec: StudySpec) -> tuple[str, ...]:
    window = slice(max(index + spec.event_window.start, 0), index + spec.event_window.end + 1)
    notes = _marked(series, index, spec)
    if series.stale[window].any():
        days = ", ".join(str(s) for s in series.sessions[window][series.stale[window]])
        notes.append(
            f"the benchmark had no new price before the asset's on {days}; its move is counted a session later"
        )
    return tuple(notes)


def _before(series: ReturnSeries, index: int, spec: StudySpec) -> tuple[str, ...]:
    """What of the time before the estimation window, which placebo days are estimated on, rests on a price in doubt."""
    end = index + spec.estimation.start
    count = sum(end - spec.estimation.length <= place < end for place in series.doubts)
    if not count:
        return ()
    return (f"{series.asset}: {count} returns before the estimation window are in doubt; left out of the placebo days",)


def _marked(series: ReturnSeries, index: int, spec: StudySpec) -> list[str]:
    """Bars that look wrong, from the price before the estimation window to the end of the event window."""
    if not series.marks:
        return []
    used = series.sessions[max(index + spec.estimation.start - 1, 0) : index + spec.event_window.end + 1]
    found = list(dict.fromkeys(words for session, words in series.marks if used[0] <= session <= used[-1]))
    more = len(found) - MOST_MARKS
    return found[:MOST_MARKS] + ([f"{series.asset}: {more} more bars look wrong in these windows"] if more > 0 else [])


# --- the assets of an event together ----------------------------------------------------------------------------------


class _Portfolios:
    """Tests over the assets of one event, which share one date: `portfolio_t` and `max_t_placebo`, a pair per window.

    The portfolio is one more sample, fitted as an asset is, and exact under any correlation between the assets; the
    placebo test moves all assets together through time and so keeps their correlation, fat tails and skew (methods.md
    D5p, D18, E1).
    """

    def __init__(self, fitted: Fitted, groups: Sequence[Int64Array]) -> None:
        self._fitted, self._groups = fitted, groups
        self._reasons = [_no_portfolio(fitted.samples, rows) for rows in groups]
        self._made = [k for k, reason in enumerate(self._reasons) if reason is None]
        self._found: Fitted | None = None
        self.errors: list[NumbersDisagree | None] = [None] * len(groups)
        if self._made:
            self._found, errors = fit_twice(averages(fitted.samples, [groups[k] for k in self._made]), fitted.spec)
            for k, error in zip(self._made, errors, strict=True):
                self.errors[k] = error

    def joint(self) -> list[Joint]:
        """Tests of every event, none without an asset that has a result."""
        fitted = self._fitted
        out: list[list[tuple[str, Window, Inference]]] = [[] for _ in self._groups]
        for position, window in enumerate(fitted.spec.windows):
            found = [
                self._portfolio_t(position) if fitted.wants("portfolio_t") else {},
                self._max_t(position) if fitted.wants("max_t_placebo") else {},
            ]
            for k, tests in enumerate(out):
                tests += [("main", window, some[k]) for some in found if k in some]
        return [tuple(tests) for tests in out]

    def _portfolio_t(self, position: int) -> dict[int, Inference]:
        """Exact t test of the CAR of each portfolio, by its event."""
        sizes, found = [rows.size for rows in self._groups], self._found
        out = {k: PORTFOLIO_T.refuse(why, sizes[k]) for k, why in enumerate(self._reasons) if why and sizes[k]}
        if found is not None:
            w, fit = found.cumulated[position], found.fit
            n = np.array([sizes[k] for k in self._made])
            tests = t_test(w.car, w.se, fit.df, n=n, alternative=found.spec.alternative, hypothesis=PORTFOLIO_T)
            for k, why, test in zip(self._made, fit.reasons, tests, strict=True):
                out[k] = test if why is None else PORTFOLIO_T.refuse(why, sizes[k])
        return out

    @cached_property
    def _placebo_days(self) -> list[Int64Array]:
        """Of each event the positions, among their own placebo days, of those that all its assets share; (B, N)."""
        samples = self._fitted.samples
        first, count = samples.estimation.start - int(samples.tau[0]), samples.estimation.length
        out = []
        for rows in self._groups:
            days = samples.days[samples.days_at[rows, None] + first + np.arange(count)]
            if (days == days[:1]).all():
                shared = np.flatnonzero(days[:1].ravel() >= 0)
                out.append(np.repeat(shared[:, None], rows.size, axis=1))
            else:
                common = sorted(set.intersection(*(set(own) for own in days.tolist())) - {-1})
                out.append(np.stack([np.searchsorted(own, common) for own in days], axis=1))
        return out

    def _max_t(self, position: int) -> dict[int, Inference]:
        """Test of the largest move of each event; those that have as many assets and placebo days together."""
        fitted = self._fitted
        shapes: dict[tuple[int, ...], list[int]] = {}
        scar = fitted.cumulated[position].scar
        for k, days in enumerate(self._placebo_days):
            if days.shape[1]:
                shapes.setdefault(days.shape, []).append(k)
        out: dict[int, Inference] = {}
        for (count, assets), events in shapes.items():
            rows = np.stack([self._groups[k] for k in events])
            draws = np.empty((rows.shape[0], 0, assets))
            if fitted.placebos is not None and count:
                days = np.stack([self._placebo_days[k] for k in events])
                draws = fitted.placebos[fitted.spec.windows[position]].scar[days, rows[:, None, :]]
            out |= zip(events, max_t_placebo(scar[rows], draws)[0], strict=True)
        return out


def _no_portfolio(samples: Samples, rows: Int64Array) -> str | None:
    """Why some rows form no portfolio; None when they do."""
    if rows.size < 2:
        return "needs at least two assets with results"
    if samples.span is not None:
        return "returns that span different days form no portfolio"
    assert samples.instants is not None  # those of the archive are known
    clocks = samples.instants[samples.days_at[rows, None] + np.arange(samples.tau.size)].view(np.int64)
    if (clocks != clocks[0]).any():
        return "the assets' prices are taken at different times, so no portfolio of them has one return"
    return None
