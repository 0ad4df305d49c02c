"""One announcement, one study: every asset, under every alignment that its time allows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eventstudy.calendars import Alignment, align, first_after
from eventstudy.errors import CannotEstimate, EventStudyError, SourceError
from eventstudy.inference.multiple import holm
from eventstudy.records import Event, StudySpec, Window
from eventstudy.returns import ReturnSeries, fingerprint
from eventstudy.study.joint import joint_tests
from eventstudy.study.reaction import react
from eventstudy.study.results import EventResult, Reaction, WindowResult
from eventstudy.study.verdict import verdict


def study_event(
    event: Event,
    study_id: str,
    spec: StudySpec,
    series: Mapping[str, ReturnSeries | EventStudyError],
    context: Sequence[Event] = (),
) -> EventResult:
    """Study every asset of `event`; an asset that cannot be studied is there with its reason.

    Parameters
    ----------
    event : Event
    study_id : str
    spec : StudySpec
    series : mapping
        Returns of each asset of the event, or the error that stands in their place.
    context : sequence of Event
        Scheduled releases that may explain a move.
    """
    reactions: list[Reaction] = []
    for asset in event.assets:
        found = series[asset]
        if isinstance(found, EventStudyError):
            reactions.append(_unavailable(event, study_id, asset, str(found), not _is_fault(found)))
            continue
        try:
            alignments = align(event, found.sessions, found.instants)
        except CannotEstimate as reason:
            reactions.append(_unavailable(event, study_id, asset, str(reason), True))
            continue
        primary = primary_window(spec, alignments)
        reactions += [react(event, study_id, spec, found, alignment, primary, context) for alignment in alignments]
    judged = _adjust(reactions, spec)
    return EventResult(
        study_id=study_id,
        event_id=event.event_id,
        reactions=tuple(judged),
        joint=joint_tests(judged, spec, series),
    )


def inputs_of(
    event: Event, spec: StudySpec, series: Mapping[str, ReturnSeries | EventStudyError], context: Sequence[Event] = ()
) -> str:
    """SHA-256 of all that a result rests on beside code and settings: equal inputs, equal result.

    The event's times and assets, the context events, and every return from the first placebo day's estimation
    window to the end of the event window.
    """
    parts = [repr((event, sorted((c.event_id, c.earliest, c.latest) for c in context)))]
    for asset in event.assets:
        found = series[asset]
        if isinstance(found, EventStudyError):
            parts.append(f"{asset}: {found}")
            continue
        first = first_after(found.instants, event.earliest) + 2 * spec.estimation.start
        last = first_after(found.instants, event.latest) + spec.event_window.end
        used = slice(max(first, 0), last + 1)
        parts.append(f"{asset}: {fingerprint(found, used)}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def primary_window(spec: StudySpec, alignments: Sequence[Alignment]) -> Window:
    """The window that the verdict is read from.

    The study's first window; but when the interval of the announcement covers two sessions, [0,1] anchored at the
    first of them where the study has it (methods.md A7).
    """
    two_days = Window(0, 1)
    return two_days if len(alignments) > 1 and two_days in spec.windows else spec.windows[0]


def _is_fault(error: EventStudyError) -> bool:
    """Whether asking again may help; a symbol that does not exist, or has no data, is no fault."""
    return isinstance(error, SourceError) and error.transient


def _unavailable(event: Event, study_id: str, asset: str, reason: str, is_skip: bool) -> Reaction:
    return Reaction(
        study_id=study_id,
        event_id=event.event_id,
        asset=asset,
        alignment="main",
        status="skipped" if is_skip else "failed",
        reason=reason,
    )


def _adjust(reactions: Sequence[Reaction], spec: StudySpec) -> list[Reaction]:
    """Holm's p across the assets, window by window and alignment by alignment, then the verdicts."""
    out = list(reactions)
    for alignment in dict.fromkeys(r.alignment for r in reactions):
        rows = [i for i, r in enumerate(out) if r.alignment == alignment and r.status == "ok"]
        for position in range(len(spec.windows)):
            p = np.array([_or_nan(out[i].windows[position].p_of("t")) for i in rows])
            for i, adjusted in zip(rows, holm(p).tolist(), strict=True):
                out[i] = _with_verdict(out[i], position, None if np.isnan(adjusted) else adjusted, spec)
    return out


def _with_verdict(reaction: Reaction, position: int, p_adjusted: float | None, spec: StudySpec) -> Reaction:
    old = reaction.windows[position]
    word = verdict(p_adjusted, old.p_of("placebo"), spec.alpha, is_confounded=bool(old.context))
    new: WindowResult = replace(old, p_adjusted=p_adjusted, verdict=word)
    windows = (*reaction.windows[:position], new, *reaction.windows[position + 1 :])
    return replace(reaction, windows=windows)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
