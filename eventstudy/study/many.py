"""From samples and where their events stand to a finished study of many events; every arranger ends here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.inference.batch import Elsewhere, run_of
from eventstudy.inference.panel import Panel, build_panels
from eventstudy.order import stable_order
from eventstudy.records import Int64Array, Sample
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import group_tests
from eventstudy.spec import StudySpec
from eventstudy.study.averages import GroupResult
from eventstudy.study.fitting import Fitted, fit_samples, has_placebos, placebo_cars
from eventstudy.study.overlap import without_reason
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult
from eventstudy.study.room import Room
from eventstudy.study.samples import Samples
from eventstudy.tables.shapes import NOT_HELD

# More events than this are not re-estimated on every placebo day unless the tests are asked for by name.
PLACEBO_LIMIT = 500
SAMPLE_LIMIT = 50_000_000  # numbers in the raw returns kept for the portfolio tests of one date, 400 MB


def study_samples(
    samples: Samples,
    placed: Placed,
    usable: Int64Array,
    spec: StudySpec,
    *,
    settings: Mapping[str, Any],
    warnings: Sequence[str] = (),
    room: Room = np.empty,
) -> StudyResult:
    """Fit all rows together, estimate placebo days where that is quick, and average every group.

    Parameters
    ----------
    samples : Samples
        A row per element of `usable`.
    placed : Placed
        All events, those without a place included.
    usable : Int64Array
        See `usable_of`.
    spec : StudySpec
    settings : mapping
        What there is to say of the study beside `spec`: values, drop_overlapping, equivalence, regress, covariance.
    warnings : sequence of str
        What was found before.
    room : Room
        For arrays of all rows.
    """
    fitted = fitted_rows(samples, spec, has_bhar=settings["values"] not in NOT_HELD, room=room)
    is_small = usable.size * samples.tau.size * (1 + samples.x_at.shape[1]) <= SAMPLE_LIMIT
    sample = samples.sample(slice(None)) if samples.has_common_date and is_small else None
    return finished(fitted, placed, usable, sample, settings=settings, warnings=warnings)


def fitted_rows(
    samples: Samples, spec: StudySpec, *, has_bhar: bool = True, whole: int | None = None, room: Room = np.empty
) -> Fitted:
    """Fit all rows together, and estimate their placebo days where that is quick.

    Parameters
    ----------
    has_bhar : bool
        False of volumes and changes, which are not bought and held.
    whole : int, optional
        Number of rows of the study, where these are a part of it.
    room : Room
        For arrays of all rows.
    """
    whole = samples.n if whole is None else whole
    fitted = fit_samples(samples, spec, whole=whole, room=room)
    cumulated = fitted.cumulated
    if not has_bhar:
        cumulated = tuple(replace(found, bhar=np.full_like(found.bhar, np.nan)) for found in cumulated)
    placebos = placebo_cars(samples, spec, room) if wants_placebos(spec, whole) else None
    return replace(fitted, cumulated=cumulated, placebos=placebos)


def finished(
    fitted: Fitted,
    placed: Placed,
    usable: Int64Array,
    sample: Sample | None,
    *,
    settings: Mapping[str, Any],
    warnings: Sequence[str] = (),
    elsewhere: Elsewhere | None = None,
) -> StudyResult:
    """Average every group of fitted rows; see `study_samples`.

    Parameters
    ----------
    sample : Sample or None
        Raw returns of all rows, of few events that share their date.
    elsewhere : Elsewhere or None
        Who has the residuals, where they are not in `fitted`.
    """
    spec, samples = fitted.spec, fitted.samples
    return StudyResult(
        spec=spec,
        settings=spelt_out(spec, settings),
        placed=placed,
        usable=usable,
        samples=samples,
        fit=fitted.fit,
        daily=fitted.daily,
        cumulated=fitted.cumulated,
        placebos=fitted.placebos,
        groups=_groups(placed, usable, fitted, sample, elsewhere),
        warnings=(
            *warnings,
            *placed.notes,
            *_treated_benchmark(placed, spec, usable),
            *_past_the_data(samples, spec),
            *_partly_observed(fitted, len(placed.event_ids)),
            *samples.notes,
        ),
    )


def spelt_out(spec: StudySpec, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of a study, defaults included."""
    return {**spec.to_dict(), "min_estimation": spec.required_estimation, **settings}


def usable_of(placed: Placed, names: Sequence[str]) -> Int64Array:
    """Events that have a place, by asset and event: no sum and no draw depends on the order of the tables.

    By asset first, so that the returns of neighbours are read from the same piece of memory.

    Parameters
    ----------
    placed : Placed
    names : sequence of str
        Assets, in the order that `placed.columns` counts in.
    """
    live = without_reason(placed.reasons)
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(np.array(names, dtype=np.str_))] = np.arange(rank.size)
    ids = np.array(placed.event_ids, dtype=np.str_)[live]
    live = live[np.argsort(ids, kind="stable")]
    return live[stable_order(rank[placed.columns[live]])]


def _groups(
    placed: Placed, usable: Int64Array, fitted: Fitted, sample: Sample | None, elsewhere: Elsewhere | None
) -> tuple[GroupResult, ...]:
    """The group of all events, then each group of the table by name."""
    spec, samples, cumulated = fitted.spec, fitted.samples, fitted.cumulated
    labels = np.array(placed.groups if any(placed.groups) else (), dtype=object)
    labels = labels[usable] if labels.size else labels
    firms = _by_name(placed, usable)
    weights = None if placed.weights is None else placed.weights[usable]
    names = tuple(name for name in group_tests() if spec.tests is None or name in spec.tests)
    counted = fitted.is_whole if spec.partial == "drop" else None
    short = [np.isfinite(c.car) & ~whole for c, whole in zip(cumulated, fitted.is_whole, strict=True)]
    out = []
    for name in ("all", *sorted(set(filter(None, labels.tolist())))):
        members = np.ones(usable.size, dtype=bool) if name == "all" else labels == name
        panels: tuple[Panel, ...] = build_panels(
            spec,
            fitted.fit,
            fitted.daily,
            cumulated,
            tau=samples.tau,
            days=samples.day_table,
            sample=sample,
            firms=firms,
            members=members,
            counted=counted,
            placebos=fitted.placebos,
            elsewhere=elsewhere,
        )
        out.append(
            GroupResult(
                name=name,
                members=np.flatnonzero(members),
                panels=panels,
                names=names,
                bhar=tuple(c.bhar[run_of(panel.batch.rows)] for c, panel in zip(cumulated, panels, strict=True)),
                weights=weights,
                partial=tuple(int((lost & members).sum()) for lost in short),
            )
        )
    return tuple(out)


def _by_name(placed: Placed, usable: Int64Array) -> Int64Array:
    """Number of every event's asset in the order of the names, so that no sum depends on the order of the tables."""
    columns, first, place = np.unique(placed.columns[usable], return_index=True, return_inverse=True)
    rank = np.empty(columns.size, dtype=np.int64)
    rank[np.argsort(np.array([placed.assets[i] for i in usable[first].tolist()], dtype=np.str_))] = np.arange(rank.size)
    return rank[place]


def wants_placebos(spec: StudySpec, n: int) -> bool:
    """Whether `n` events are also studied on their placebo days."""
    return n > 0 and (spec.tests is not None or n <= PLACEBO_LIMIT) and has_placebos(spec)


def _treated_benchmark(placed: Placed, spec: StudySpec, usable: Int64Array) -> tuple[str, ...]:
    """Say it when the benchmark is itself among the treated assets."""
    if not MODELS[spec.model].needs_benchmark:
        return ()
    benchmarks = {spec.benchmark} if usable.size else set()
    if any(placed.benchmarks):
        benchmarks = {placed.benchmarks[i] or spec.benchmark for i in usable.tolist()}
    first = np.unique(placed.columns[usable], return_index=True)[1]
    both = {placed.assets[i] for i in usable[first].tolist()} & benchmarks
    return tuple(
        f"{name} is both a treated asset and a benchmark: its effect is taken out of the others"
        for name in sorted(both)
    )


def _past_the_data(samples: Samples, spec: StudySpec) -> tuple[str, ...]:
    """Say how many events a window is refused to, because the data end before it does."""
    counts = [(window, int(samples.runs_past(window).sum())) for window in spec.windows]
    return tuple(
        f"the window {w.label} runs past the data for {n} {'event' if n == 1 else 'events'}: no number for it there"
        for w, n in counts
        if n
    )


def _partly_observed(fitted: Fitted, n: int) -> tuple[str, ...]:
    """Say how many of `n` events have all days of a window, where some have a part of them."""
    out = []
    for found, whole in zip(fitted.cumulated, fitted.is_whole, strict=True):
        partial = int((np.isfinite(found.car) & ~whole).sum())
        if partial:
            is_kept = fitted.spec.partial == "keep"
            what = "kept in averages as asked" if is_kept else "left out of averages (--partial keep takes them in)"
            out.append(
                f"{found.window.label}: {int(whole.sum())} of {n} events have all days; "
                f"{partial} {'has' if partial == 1 else 'have'} a part of them, {what}"
            )
    return tuple(out)
