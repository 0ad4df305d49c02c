"""A study by the minute in parts: laid out by assets, measured by whoever does the work, and put together again."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy.errors import DataError
from eventstudy.study.clock.aggregate import Member
from eventstudy.study.clock.part import ClockPart, ClockTask, Described, Others, explaining, measure_part, nothing
from eventstudy.study.clock.reaction import ClockEvent
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import EVER, BarTable, FiledBars, Span
from eventstudy.study.spread.layout import layout
from eventstudy.study.spread.saved import Kept, Saved, saved_part
from eventstudy.study.spread.workers import Workers

FEWEST, MOST = 64, 1_000  # events of a part: a second of work, and twenty
Measured = Callable[["Sequence[ClockTask]", int], list[ClockPart]]  # of tasks and the number of the first
Run = tuple[tuple[str, ...], Span]  # assets that are read together, and the span that they are read for


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStudy:
    """A study by the minute before it is measured.

    Attributes
    ----------
    table : BarTable
    spec : ClockSpec
    events : sequence of ClockEvent
        In the order of their table.
    reasons : sequence of str
        For each why it cannot be studied; empty where it can.
    others : mapping of str to Others
    """

    table: BarTable
    spec: ClockSpec
    events: Sequence[ClockEvent]
    reasons: Sequence[str]
    others: Mapping[str, Others]

    def by_asset(self) -> dict[str, tuple[tuple[int, ClockEvent], ...]]:
        """Asset → its announcements that can be studied, with their places."""
        found: dict[str, list[tuple[int, ClockEvent]]] = defaultdict(list)
        for i, event in enumerate(self.events):
            if not self.reasons[i]:
                found[event.asset].append((i, event))
        return {asset: tuple(events) for asset, events in found.items()}

    def runs(self) -> list[Run]:
        """Assets in runs that are read together: announcements of about the same time are studied by the same bars."""
        spans = {asset: _span_of(event for _, event in found) for asset, found in self.by_asset().items()}
        assets = sorted(spans, key=lambda asset: (spans[asset], asset))
        at_once = self.table.at_once(joined(spans.values()))
        return [(some, joined(spans[asset] for asset in some)) for some in _in_runs(assets, at_once)]

    def tasks(self, runs: Sequence[Run], cuts: Sequence[slice], span: Span) -> list[ClockTask]:
        """Parts, each of some runs."""
        events = self.by_asset()
        return [
            ClockTask(
                table=self.table,
                spec=self.spec,
                span=span,
                runs=tuple(runs[cut]),
                events={asset: events[asset] for assets, _ in runs[cut] for asset in assets},
                others=self.others,
            )
            for cut in cuts
        ]

    def ingredients(self, table: FiledBars) -> dict[str, Any]:
        """What it is made of: its settings, its events, and the bars that it reads."""
        events = self.by_asset()
        named = explaining(self.spec, (event for found in events.values() for _, event in found)) | events.keys()
        told = repr(list(zip(self.events, self.reasons, strict=True)))
        return {
            "spec": self.spec.to_dict(),
            "bars": table.digests(named),
            "events": hashlib.sha256(told.encode()).hexdigest(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What all parts found: the announcements in the order of the table, and warnings."""

    rows: list[dict[str, Any]]
    members: list[Member]
    warnings: tuple[str, ...]


def checked(table: BarTable, spec: ClockSpec, events: Sequence[ClockEvent], reasons: list[str]) -> list[str]:
    """The reasons of announcements, with those that the names of the bars give.

    Raises
    ------
    DataError
        When there are no bars of the benchmark, or of a factor.
    """
    known = table.symbols
    for where, names in (("benchmark", [spec.benchmark] if spec.benchmark else []), ("factors", spec.factors)):
        for name in names:
            if name not in known:
                raise DataError("there is no such symbol", where=where, value=name, remedy=_shown(known))
    out = list(reasons)
    for i, event in enumerate(events):
        if not out[i] and event.asset not in known:
            out[i] = f"there is no symbol {event.asset!r} in the bars; {_shown(known)}"
        if not out[i] and event.benchmark is not None and event.benchmark not in known:
            out[i] = f"there is no symbol {event.benchmark!r} in the bars for its benchmark"
    return out


def cuts_of(study: ClockStudy, runs: Sequence[Run], n_workers: int, parts: int | None) -> list[slice]:
    """The announcements of each part, one after the other in the order of `runs`."""
    counts = _counts(study, runs)
    numbers = np.repeat(np.arange(len(runs)), counts)
    return layout(numbers, n_workers, parts, np.ones(numbers.size, dtype=bool), fewest=FEWEST, most=MOST)


def of_runs(study: ClockStudy, runs: Sequence[Run], cuts: Sequence[slice]) -> list[slice]:
    """The same cuts as runs."""
    ends = np.cumsum(_counts(study, runs))
    return [slice(*(int(np.searchsorted(ends, at, side="right")) for at in (cut.start, cut.stop))) for cut in cuts]


def in_one(study: ClockStudy) -> Together:
    """Measure everything here, as one part."""
    return _together(study, lambda tasks, _: [measure_part(task) for task in tasks], None)


def in_parts(study: ClockStudy, table: FiledBars, by: Workers, cuts: Sequence[slice], saved: Saved | None) -> Together:
    """Measure by workers, who write each part to its file where there is one; the same to the last bit."""

    def measured(tasks: Sequence[ClockTask], first: int) -> list[ClockPart]:
        sent = []
        for number, task in enumerate(tasks, first):
            own = task.with_table(table.part(task.explaining | task.events.keys()))
            if saved is None:
                sent.append(by.submit(measure_part, own))
            else:
                sent.append(by.submit(saved_part, str(saved.path(number)), measure_part, own))
        found = by.gather("parts", sent)
        return [part.read() if isinstance(part, Kept) else part for part in found]

    return _together(study, measured, cuts)


def _together(study: ClockStudy, measured: Measured, cuts: Sequence[slice] | None) -> Together:
    """Measure all announcements, then with every bar those that need earlier ones."""
    runs = study.runs()
    span = joined(span for _, span in runs)
    parts = measured(study.tasks(runs, [slice(0, len(runs))] if cuts is None else of_runs(study, runs, cuts), span), 0)
    again = [asset for part in parts for asset in part.again]
    if again:
        more = [(some, EVER) for some in _in_runs(again, study.table.at_once(EVER))]
        parts += measured(study.tasks(more, [slice(k, k + 1) for k in range(len(more))], EVER), len(parts))
    rows: dict[int, Described] = {place: row for part in parts for place, row in part.rows.items()}
    wrong = next((part.wrong_size for part in parts if part.wrong_size), None)
    if wrong and all(row["status"] == "skipped" for row, _ in rows.values()):
        problem, value, remedy = wrong
        raise DataError(problem, where="bar", value=value, remedy=remedy)
    left = sorted(set(study.spec.confirm).difference(*(part.confirmed for part in parts)))
    if left and not study.table.confirming:  # of an archive, what is confirmed was in doubt
        remedy = "name one as SYMBOL:START, of a symbol that the study reads"
        raise DataError("no price is in doubt there", where="confirm", value=left[0], remedy=remedy)
    for i, event in enumerate(study.events):
        if i not in rows:
            rows[i] = nothing(event, study.reasons[i] or f"there are no bars of {event.asset} near it", study.spec)
    told, members = zip(*(rows[i] for i in range(len(study.events))), strict=True)
    # what is said of benchmarks in their order: which part reads one first says nothing
    said = [
        *sorted(text for part in parts for text in part.explaining),
        *(text for part in parts for text in part.read),
        *(text for part in parts for text in part.warnings),
    ]
    return Together(rows=list(told), members=list(members), warnings=tuple(dict.fromkeys(said)))


def joined(spans: Iterable[Span]) -> Span:
    """From the first to the last of all."""
    first, last = zip(*spans, strict=True) if (spans := list(spans)) else ((0,), (0,))
    return min(first), max(last)


def _span_of(events: Iterable[ClockEvent]) -> Span:
    first, last = zip(*((event.earliest, event.latest) for event in events), strict=True)
    return min(first), max(last)


def _in_runs(assets: Sequence[str], at_once: int) -> list[tuple[str, ...]]:
    return [tuple(assets[start : start + at_once]) for start in range(0, len(assets), at_once)]


def _counts(study: ClockStudy, runs: Sequence[Run]) -> list[int]:
    """Announcements of each run."""
    events = study.by_asset()
    return [sum(len(events[asset]) for asset in assets) for assets, _ in runs]


def _shown(known: frozenset[str]) -> str:
    names = sorted(known)
    return f"symbols are {', '.join(names[:8])}{' …' if len(names) > 8 else ''}"
