"""The word of a window, by its table of rules."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from eventstudy.records import Event, Window
from eventstudy.study.verdict import VERDICTS, priced_context, verdict

RULES = [
    (0.001, 0.01, "strong"),
    (0.01, 0.05, "strong"),
    (0.0101, 0.05, "moderate"),
    (0.05, 0.05, "moderate"),
    (0.051, 0.05, "weak"),
    (0.001, 0.051, "weak"),
    (0.051, 0.051, "none"),
    (1.0, 1.0, "none"),
    (0.001, None, "strong"),
    (0.04, None, "moderate"),
    (0.06, None, "none"),
    (None, 0.01, "not computable"),
]


@pytest.mark.parametrize(("p", "placebo", "word"), RULES)
def test_the_rules(p, placebo, word):
    assert verdict(p, placebo, 0.05, is_confounded=False) == word
    expected = word if word in ("none", "not computable") else "confounded"
    assert verdict(p, placebo, 0.05, is_confounded=True) == expected


def test_every_word_is_known():
    assert {word for *_, word in RULES} | {"confounded"} == set(VERDICTS)


def release(first, last=None):
    moments = [dt.datetime.fromisoformat(f"2022-02-{text}+00:00") for text in (first, last or first)]
    return Event(event_id="release", title="", earliest=moments[0], latest=moments[1], kind="context")


INSTANTS = np.array(["2022-02-03T13:15", "2022-02-04T13:15"], dtype="datetime64[ns]")


@pytest.mark.parametrize(
    ("event", "is_priced"),
    [
        (release("03T13:15"), False),  # just before the first price: in it already
        (release("03T13:15:01"), True),
        (release("04T13:15"), True),
        (release("04T13:15:01"), False),
        (release("03T12:45", "03T14:45"), True),  # may have come out after the first price
        (release("03T12:45", "03T13:15"), False),
        (release("02T00:00", "06T00:00"), True),
    ],
)
def test_a_release_counts_when_the_window_can_have_priced_it(event, is_priced):
    assert priced_context([event], INSTANTS, 1, Window(0, 0), ()) == (("release",) if is_priced else ())
