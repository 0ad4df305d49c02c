"""What became of a first move, in words."""

from __future__ import annotations

import pytest

from eventstudy.report.clock.facts import _course


@pytest.mark.parametrize(
    ("course", "kept", "words"),
    [
        ("held", 0.8, ["The move held: 80 % of it was left at the close."]),
        ("held", 3.14, ["The move went on: at the close it was 3.1 times as large."]),
        ("reversed", -0.5, ["The move had reversed by the close: −50 % of it."]),
        ("reversed", -4.0, ["The move had reversed by the close: it was 4 times as large the other way."]),
        ("held", 27.54, []),
        ("reversed", -27.54, []),
    ],
)
def test_a_move_that_grew_is_told_in_times_and_what_next_to_nothing_became_is_not_told(course, kept, words):
    path = {"drift_before": None, "course": course, "kept": kept, "half_life_minutes": None}
    assert [said.replace("\u202f", " ") for said in _course({"path": path})] == words
