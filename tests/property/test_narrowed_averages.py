"""Averages of some reactions, by whichever options, are those of the rows themselves."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from eventstudy.store import summaries
from eventstudy.store.queries import QUERIES
from tests.docs.schema_page import database

ASSETS, KINDS, TAGS, STUDIES = ("A", "B"), ("meeting", "merger"), ("china", "war", "rates"), ("first", "second")
VERDICTS = ("strong", "moderate", "weak", "none")
Row = dict[str, Any]

LABELS: dict[str, Callable[[Row], list[Any]]] = {
    "by-tag": lambda row: row["tags"],
    "by-year": lambda row: [row["day0"].year],
    "by-weekday": lambda row: [row["day0"].strftime("%A")],
}


@pytest.fixture(scope="module")
def kept() -> Iterator[tuple[sqlite3.Connection, list[Row]]]:
    """A database with what passes keep, and its primary reactions."""
    chance, rows = random.Random(11), []
    connection = database()
    for position, study in enumerate(STUDIES):
        connection.execute("insert into studies values (?, ?, '', '1d', 'sessions', '{}', '')", (study, position))
    for number in range(150):
        day = dt.date(2020, 1, 1) + dt.timedelta(days=chance.randrange(900)) if number % 5 else dt.date(2021, 7, 14)
        event: Row = {"event_id": f"e{number}", "kind": chance.choice(KINDS), "announced_on": day.isoformat()}
        event |= {
            "tags": chance.sample(TAGS, chance.randrange(3)),
            "day0": day + dt.timedelta(days=chance.randrange(3)),
        }
        at = f"{day}T07:00:00Z"
        connection.execute(
            "insert into events (event_id, title, announced_at, earliest, latest, kind, url, note, zone, tags, assets, "
            "status) values (?, '', ?, ?, ?, ?, '', '', '', ?, '[]', 'ok')",
            (event["event_id"], at, at, at, event["kind"], json.dumps(event["tags"])),
        )
        for study in STUDIES:
            for asset in ASSETS:
                found: Row = {"study": study, "asset": asset, "verdict": chance.choice(VERDICTS)}
                found["car"] = round(0.05 + chance.gauss(0, 1e-4), chance.choice((4, 9)))  # some of them alike
                _put(connection, event | found)
                rows.append(event | found)
    summaries.make(connection, 1)
    yield connection, rows
    connection.close()


def _put(connection: sqlite3.Connection, row: Row) -> None:
    analysis = connection.execute(
        "insert into analyses (study_id, event_id, asset, asset_title, position, alignment, status, day0, "
        "coefficients, diagnostics, answers_id, notes_id, method_id, code_version, config_hash, input_hash, run_id, "
        "content_hash) "
        "values (?, ?, ?, '', 0, 'main', 'ok', ?, '{}', '{}', 1, 1, 1, '', '', '', 1, '')",
        (row["study"], row["event_id"], row["asset"], row["day0"].isoformat()),
    ).lastrowid
    for end, car in ((0, row["car"]), (1, 2 * row["car"])):  # the second is not the primary one
        connection.execute(
            "insert into window_results (analysis_id, window_start, window_end, is_primary, n_days, car, verdict, "
            "p_adjusted, context) values (?, 0, ?, ?, 1, ?, ?, 0.5, '[]')",
            (analysis, end, end == 0, car, row["verdict"]),
        )


DAYS = st.sampled_from(("2020", "2021-03", "2021-07-14", "2022"))
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "asset": st.sampled_from(ASSETS),
        "kind": st.sampled_from(KINDS),
        "tag": st.sampled_from(TAGS),
        "study": st.sampled_from(STUDIES),
        "since": DAYS,
        "until": DAYS,
        "event": st.just("e7"),
        "window": st.just("0:1"),
    },
)


def _wanted(row: Row, options: dict[str, str], name: str) -> bool:
    return (
        row["study"] == options.get("study", STUDIES[0])
        and all(row[field] == options[field] for field in ("asset", "kind") if field in options)
        and row["event_id"] == options.get("event", row["event_id"])
        and ("tag" not in options or name == "by-tag" or options["tag"] in row["tags"])
        and row["announced_on"] >= options.get("since", "")
        and row["announced_on"][: len(options.get("until", ""))] <= options.get("until", "")
    )


@settings(max_examples=40)
@example(name="by-year", options={"since": "2021-07-14"}, is_kept=True)
@example(name="by-tag", options={"until": "2021-07-14", "kind": "merger"}, is_kept=True)
@given(name=st.sampled_from(sorted(LABELS)), options=OPTIONS, is_kept=st.booleans())
def test_averages_of_any_part_are_those_of_its_rows(
    kept: tuple[sqlite3.Connection, list[Row]], name: str, options: dict[str, str], *, is_kept: bool
) -> None:
    connection, rows = kept
    groups = defaultdict(list)
    for row in rows:
        if _wanted(row, options, name):
            for label in LABELS[name](row):
                if name != "by-tag" or label == options.get("tag", label):
                    groups[label, row["asset"]].append(row)
    query = QUERIES[name] if is_kept else dataclasses.replace(QUERIES[name], quick=())
    found = connection.execute(query.statement(options), _all(options)).fetchall()
    assert {row[:2] for row in found} == set(groups)
    assert len(found) == len(groups)
    for label, asset, n, median, mean, low, high, positive, clear in found:
        group = groups[label, asset]
        cars = [row["car"] * (1 + ("window" in options)) for row in group]
        assert (n, median) == (len(cars), statistics.median(cars))
        assert mean == pytest.approx(statistics.fmean(cars), rel=1e-12)
        assert (positive, clear) == (1, pytest.approx(statistics.fmean(r["verdict"] in VERDICTS[:2] for r in group)))
        if n == 1:
            assert (low, high) == (None, None)
            continue
        half = stats.t.ppf(0.975, n - 1) * statistics.stdev(cars) / n**0.5
        assert (high - mean, mean - low) == pytest.approx((half, half), rel=5e-4, abs=1e-12)


@pytest.mark.parametrize("name", sorted(LABELS))
def test_averages_are_made_in_the_order_in_which_they_are_shown_so_that_the_first_are_there_at_once(
    kept: tuple[sqlite3.Connection, list[Row]], name: str
) -> None:
    connection, _ = kept
    for options in ({"since": "2021"}, {"kind": "meeting"}, {"study": "second", "tag": "war"}, {"window": "0:1"}):
        rows = connection.execute(f"explain query plan {QUERIES[name].statement(options)}", _all(options)).fetchall()
        told = [detail for *_, detail in rows]
        of_kept = told[: next(i for i, detail in enumerate(told) if detail.startswith("UNION ALL"))]
        assert any("sqlite_autoindex_average_reactions_1" in detail for detail in of_kept)
        assert not any("TEMP B-TREE" in detail for detail in of_kept), told


def _all(options: dict[str, str]) -> dict[str, Any]:
    return options | {"window_start": 0, "window_end": 1}
