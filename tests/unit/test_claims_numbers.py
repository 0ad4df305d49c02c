"""Numbers and dates of claims, by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from eventstudy.claims.claim import Bound, Number
from eventstudy.claims.compare import holds
from eventstudy.claims.finding import Answer, opposite, together
from eventstudy.claims.since import read_since

YES, NO, OPEN = "supported", "not supported", "cannot be checked"
FRIDAY = dt.date(2023, 3, 17)


@pytest.mark.parametrize(
    ("bound", "least", "most"),
    [
        # "0.5": half a unit of the last digit is 0.05
        ("exactly", 0.45, 0.55),
        ("as much as", 0.45, 9.0),
        ("at least", 0.45, 9.0),
        ("at most", -9.0, 0.55),
        ("about", 0.45, 0.55),
        ("nearly", 0.45, 0.505),
        ("more than", 0.50001, 9.0),
        ("less than", -9.0, 0.49999),
    ],
)
def test_a_number_holds_between_these(bound: Bound, least: float, most: float) -> None:
    said = Number(value=0.5, step=0.1)
    assert holds(least, said, bound)
    assert holds(most, said, bound)
    assert not holds(least - 1e-4, said, bound) or least == -9.0
    assert not holds(most + 1e-4, said, bound) or most == 9.0


def test_about_twenty_may_be_off_by_a_tenth() -> None:
    said = Number(value=20.0, step=1.0)
    assert [holds(value, said, "about") for value in (17.9, 18.0, 22.0, 22.1)] == [False, True, True, False]
    assert [holds(value, said, "nearly") for value in (17.9, 18.0, 20.05, 20.1)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        # what was biggest since a month was matched in that month: the search begins after it
        ("March 2020", "2020-04-01"),
        ("December 2022", "2023-01-01"),
        ("December", "2023-01-01"),
        ("March", "2022-04-01"),
        ("Sept. 23", "2022-09-24"),
        ("March 10", "2023-03-11"),
        ("March 8, 2021", "2021-03-09"),
        ("8 March 2021", "2021-03-09"),
        ("2020", "2021-01-01"),
        ("2021-05-04", "2021-05-05"),
        ("Thursday", "2023-03-17"),
        ("a month", "2023-02-17"),
        ("two years", "2021-03-17"),
        ("more than two years", "2021-03-17"),
        ("two-and-a-half years", "2020-09-17"),
        ("at least March 2020", "2020-04-01"),
        ("three weeks", "2023-02-24"),
        ("last month", "2023-02-17"),
        ("the pandemic", None),
        ("2023", None),
        ("February 30", None),
    ],
)
def test_since_when(text: str, first: str | None) -> None:
    assert read_since(text, FRIDAY) == (dt.date.fromisoformat(first) if first else None)


@pytest.mark.parametrize(
    ("answers", "whole"),
    [([YES, YES], YES), ([YES, OPEN], OPEN), ([YES, OPEN, NO], NO), ([], OPEN)],
)
def test_a_whole_is_what_all_of_its_parts_are(answers: list[Answer], whole: Answer) -> None:
    assert together(answers) == whole


@pytest.mark.parametrize(("answer", "contrary"), [(YES, NO), (NO, YES), (OPEN, OPEN)])
def test_what_cannot_be_checked_cannot_be_denied_either(answer: Answer, contrary: Answer) -> None:
    assert opposite(answer) == contrary
