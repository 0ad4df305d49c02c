"""What the averages do not say: do groups differ."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.inference.groups import rank_sum, welch_t
from eventstudy.inference.validity import describe_design, independent
from eventstudy.records import Inference
from eventstudy.spec import Window
from eventstudy.study.averages import GroupResult

MOST_GROUPS = 20  # 190 pairs; more are not what anybody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDifference:
    """Mean CAR of one group less that of another, over one window.

    Attributes
    ----------
    first, second : str
    window : Window
    difference : float or None
        Decimal return.
    tests : tuple of Inference
        Welch's t and the rank sum.
    objection : str or None
        Why the tests, which take the events as independent, do not hold for this design.
    """

    first: str
    second: str
    window: Window
    difference: float | None
    tests: tuple[Inference, ...]
    objection: str | None


def group_differences(groups: Sequence[GroupResult]) -> tuple[GroupDifference, ...]:
    """Every pair of named groups over every window; none for more than twenty groups."""
    named = groups[1:]
    if len(named) > MOST_GROUPS:
        return ()
    out = []
    for first, second in itertools.combinations(named, 2):
        for everything, one, other in zip(groups[0].panels, first.panels, second.panels, strict=True):
            alternative = one.batch.spec.alternative
            out.append(
                GroupDifference(
                    first=first.name,
                    second=second.name,
                    window=one.window,
                    difference=float(one.car.mean() - other.car.mean()) if one.n and other.n else None,
                    tests=(welch_t(one.car, other.car, alternative), rank_sum(one.car, other.car, alternative)),
                    objection=independent(describe_design(everything)) if everything.n else None,
                )
            )
    return tuple(out)


def difference_row(found: GroupDifference) -> dict[str, Any]:
    """One row for a frame: the difference, and statistic and p of both tests."""
    row: dict[str, Any] = {
        "first": found.first,
        "second": found.second,
        "window": found.window.label,
        "difference": found.difference,
    }
    for test in found.tests:
        row |= {test.name: test.statistic, f"{test.name}_p": test.p_value}
    return row | {"objection": found.objection}
