"""The plan of a study by the minute in parts: of bars in files by their footers."""

from __future__ import annotations

import pandas as pd

from eventstudy.registry.tests import group_tests
from eventstudy.study.clock.parts import cuts_of, joined, of_runs
from eventstudy.study.clock.result import prepared_study
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.table import FiledBars
from eventstudy.study.spread.plan import Plan, PlannedPart, of_events
from eventstudy.study.spread.workers import count_of

NUMBER = 8  # bytes
SERIES = 3  # moves, paces and days of the reference sessions of a window
DOCUMENT, WINDOW = 1_500, 2_500  # bytes of an announcement in the document, and of each of its windows, about


def planned_by_clock(table: FiledBars, events: pd.DataFrame, spec: ClockSpec, cluster: str | None) -> Plan:
    """What a study by the minute would do.

    Raises
    ------
    InputError
        As the study itself.
    """
    study, _ = prepared_study(table, events, spec)
    n_workers = count_of(cluster)
    runs = study.runs()
    span = joined(span for _, span in runs)
    cuts = cuts_of(study, runs, n_workers, None if cluster is not None else 1)
    parts = []
    for task in study.tasks(runs, of_runs(study, runs, cuts), span):
        own = [event for found in task.events.values() for _, event in found]
        explained = task.explaining
        parts.append(
            PlannedPart(
                events=len(own),
                columns=len(explained | task.events.keys()),
                read=table.read_for([*task.runs, (sorted(explained), span)]),
                sent=table.sent_for(explained | task.events.keys())
                + of_events([event.event_id for event in own], [event.asset for event in own]),
            )
        )
    n, windows = sum(part.events for part in parts), len(spec.windows)
    tests = group_tests() if spec.tests is None else spec.tests
    return Plan(
        where="this process" if cluster is None else cluster,
        workers=n_workers,
        prices=f"bars of {spec.bar}, {table.where}",
        looks=0,
        surveyed=0,
        parts=tuple(parts),
        back=n * (DOCUMENT + windows * (WINDOW + SERIES * NUMBER * (1 + spec.reference_sessions))),
        met=0,
        told=0,
        sums=0,
        tests={"rows": tuple(tests)},
    )
