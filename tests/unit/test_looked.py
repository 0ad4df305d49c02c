"""What was looked at, held against counts from the database by other means."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pytest

from eventstudy.database import reading
from eventstudy.report.looked import of_event, of_study
from eventstudy.store import read
from eventstudy.store.read import EventResults
from tests.browser.site import FOUNDING, site
from tests.unit.test_study_page import document


def lines(event_id: str) -> dict[str, str]:
    connection = reading.connect(site().database)
    found = dict(of_event(EventResults(connection, read.event(connection, event_id))))
    connection.close()
    return {term: words.replace("\u202f", " ") for term, words in found.items()}


def numbers(event_id: str) -> list[tuple[float, float]]:
    opened = sqlite3.connect(site().database)
    found = opened.execute(
        "select p, p_adjusted from window_results join analyses using (analysis_id) where event_id = ? "
        "and p is not null",
        (event_id,),
    ).fetchall()
    opened.close()
    return found


@pytest.mark.parametrize("event_id", [FOUNDING, "snb-floor-2015", "beijing-meeting-2022"])
def test_every_test_is_counted_with_and_without_allowing_for_the_others(event_id: str) -> None:
    found = numbers(event_id)
    small, adjusted = (sum(pair[n] <= 0.05 for pair in found) or "none" for n in (0, 1))
    said = lines(event_id)["How much"]
    assert f": {len(found)} moves were tested in all. With nothing allowed for, {small} of them" in said
    assert f"and {adjusted} where the number of assets is allowed for" in said
    assert f"chance alone gives some {0.05 * len(found):.1f}".removesuffix(".0") in said


def test_the_move_that_would_have_been_unusual_is_told_by_both_tests() -> None:
    opened = sqlite3.connect(site().database)
    low, high, cars = opened.execute(
        "select car_low, car_high, cars from analyses a join studies s using (study_id) "
        "join window_results w using (analysis_id) join placebos p using (analysis_id, window_start, window_end) "
        "where event_id = ? and asset = 'dollar-index' and alignment = 'main' and s.position = 0 and is_primary",
        (FOUNDING,),
    ).fetchone()
    opened.close()
    moves = np.abs(np.frombuffer(cars, dtype="<f4"))
    sizes = np.sort(moves)[::-1]
    just_enough = next(size for size in sizes[::-1] if (1 + (moves > size).sum()) / (1 + moves.size) <= 0.05)
    said = lines(FOUNDING)["What would change the verdict"]
    assert f"beyond {100 * (high - low) / 2:.2f} %, before" in said
    assert f"or the {100 * just_enough:.2f} % beyond which" in said
    assert "Move beyond the dollar's general move that day, [\u22125,5]: Unusual move, cause unclear" in said


def test_what_is_left_out_has_its_reason_and_diagnostics_are_words() -> None:
    found = lines(FOUNDING)
    assert found["Left out"].startswith("The US dollar against the Russian rouble: no price on 17 March 2023")
    opened = sqlite3.connect(site().database)
    (watson,) = opened.execute(
        "select diagnostics from analyses where event_id = ? and asset = 'USDJPY' and alignment = 'main' limit 1",
        (FOUNDING,),
    ).fetchone()
    opened.close()
    assert json.loads(watson)["jarque_bera_p"] < 0.05
    assert (
        "the US dollar against the Japanese yen: the residuals have more large days" in found["How well the model fits"]
    )
    assert "found four times out of five" in found["What could not be seen"]
    assert lines("future") == {}
    assert "Other news" not in lines("roubles"), "there are no prices that it could come between"


def test_a_study_of_many_events_counts_its_tests_and_what_was_left_out() -> None:
    found = document(0.0, group=["x", "y"] * 12)
    said = dict(of_study(found))
    tests = [t for g in found["aggregate"] for w in g["windows"] for t in w["tests"] if t["p_value"] is not None]
    small = [t for t in tests if t["p_value"] <= 0.05]
    assert f"in 3 groups with all of them as one, over 2 windows: {len(tests)} p-values." in said["How much"]
    assert f"Of them {len(small) or 'none'} at 5" in said["How much"]
    assert said["Left out"].startswith("One event: ")
    assert "A mean more than" in said["What would change the verdict"]
