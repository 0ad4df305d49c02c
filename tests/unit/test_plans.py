"""A plan is its hash: what it freezes comes back from its file, what was changed is refused, what differs is named."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest
import yaml

from eventstudy.cli import study_plan
from eventstudy.cli.plan import command as plan_command
from eventstudy.cli.study import command as study_command
from eventstudy.cli.study_out import NAMES
from eventstudy.cli.study_stored import FILE_OPTIONS
from eventstudy.cli.study_stored import OPTIONS as STORED_OPTIONS
from eventstudy.config.model import content_hash
from eventstudy.errors import DataError
from eventstudy.plans.frozen import Frozen, departures
from eventstudy.plans.held import Held
from eventstudy.plans.of_table import events_of, seen_of
from eventstudy.plans.plan import Plan, Seen, plan_of
from eventstudy.plans.yaml_file import as_yaml, read_plan
from eventstudy.tables.options import Options

FROZEN = Frozen(
    studies={"study": {"model": "market", "alpha": 0.05, "windows": [[0, 0], [0, 1]]}},
    events={"e1": {"AAA": {"date": "2027-01-05"}}},
)
PLAN = Plan(
    planned_at="2026-11-29T09:00:00Z",
    by="Ada",
    version="1.0.0",
    frozen=FROZEN,
    seen=Seen(stage="before the announcement", events=1),
)


def test_the_hash_is_over_all_that_the_plan_says_and_nothing_else():
    said = PLAN.to_dict()
    assert said.pop("hash") == content_hash(said)


@pytest.mark.parametrize(
    "text", ["Ada", "16:30", "1e5", "0700", "no", "~", "a: b # c", "\u202e\n\x00", "'\"", "1_000", ""]
)
def test_a_plan_comes_back_from_its_file_whatever_it_holds(tmp_path, text):
    odd = {"odd": text, text or "empty": [1e-7, -0.0, 12345678901234567890, None, True, text]}
    plan = dataclasses.replace(PLAN, by=text, frozen=dataclasses.replace(FROZEN, studies={text: odd}))
    path = tmp_path / "plan.yaml"
    path.write_text(as_yaml(plan), "utf-8")
    assert read_plan(path, "--plan").to_dict() == plan.to_dict()
    assert yaml.safe_load(as_yaml(plan))["by"] == text  # other programs read the same


def altered(document, path, value):
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("by",), "Eve"),
        (("planned_at",), "2020-01-01T00:00:00Z"),
        (("version",), "0.9"),
        (("seen", "past"), 1),
        (("studies", "study", "alpha"), 0.1),
        (("studies", "study", "windows"), [[0, 1], [0, 0]]),
        (("events", "e1", "AAA", "date"), "2027-01-06"),
        (("hash",), "0" * 64),
    ],
)
def test_whatever_is_changed_by_hand_is_found(path, value):
    document = PLAN.to_dict()
    assert plan_of(document, "x").hash == PLAN.hash
    altered(document, path, value)
    with pytest.raises(DataError, match="the plan was changed after it was frozen") as found:
        plan_of(document, "x.yaml")
    assert (found.value.where, "`eventstudy plan`" in found.value.remedy) == ("x.yaml, hash", True)


@pytest.mark.parametrize("document", [None, [], {}, {"schema": "eventstudy.plan/2"}])
def test_what_is_no_plan_is_refused(document):
    with pytest.raises(DataError, match="no plan"):
        plan_of(document, "x")


def test_a_plan_with_a_part_too_few_or_too_many_is_refused():
    short = PLAN.to_dict()
    del short["events"]
    wrong = ({"prices": "seen"}, {"seen": {"stage": "early"}}, {"releases": []}, {"assets": {}}, {"releases": None})
    for document in (short, *({**PLAN.to_dict(), **change} for change in wrong)):
        with pytest.raises(DataError, match="a part of the plan is missing or unreadable"):
            plan_of(document, "x")


def test_each_difference_is_named_and_a_section_that_is_not_there_once():
    run = Frozen(
        studies={"study": {"model": "market", "alpha": 0.1, "windows": ((0, 0), (0, 1))}, "other": {"alpha": 0.05}},
        events={"e2": {"AAA": {"date": "2027-01-05"}}},
    )
    assert [(found.name, found.kind, found.planned, found.run) for found in departures(FROZEN, run)] == [
        ("alpha", "changed", 0.05, 0.1),
        ("studies.other", "not planned", None, None),
        ("events.e1", "not run", None, None),
        ("events.e2", "not planned", None, None),
    ]
    assert departures(FROZEN, dataclasses.replace(FROZEN)) == []


def test_the_first_plan_that_came_before_its_prices_counts_and_else_the_first():
    late = dataclasses.replace(PLAN, seen=Seen(stage="after the prices", first_price_at=PLAN.planned_at, past=1))
    assert [Held(plans=plans).counting for plans in ((late, PLAN, PLAN), (late, late), (PLAN, late))] == [2, 1, 1]


def test_events_of_a_table_are_frozen_as_written_and_those_that_are_past_are_counted():
    frame = pd.DataFrame(
        {
            "event_id": ["a", "a", "a", None],
            "asset": ["X", "Y", "X", "Z"],
            "announced_at": ["2026-11-29T10:00Z", "2026-11-29T10:30+02:00", "2026-11-29", "2026-11-30"],
            "surprise": ["1", "2", "3", "4"],
        }
    )
    assert events_of(frame) == {
        "a": {
            "X": {"announced_at": "2026-11-29T10:00Z"},
            "Y": {"announced_at": "2026-11-29T10:30+02:00"},
            "X (2)": {"announced_at": "2026-11-29"},
        },
        "row 5": {"Z": {"announced_at": "2026-11-30"}},
    }
    now = dt.datetime(2026, 11, 29, 9, 0, tzinfo=dt.UTC)
    # by the instant 10:00Z is to come and 08:30Z is past; a day that has begun counts as past
    assert seen_of(frame, Options(), now) == Seen(stage="after the prices", events=4, past=2)


def test_rows_that_repeat_an_asset_with_brackets_in_its_name_are_all_frozen():
    frame = pd.DataFrame({"event_id": "a", "asset": ["X (old)"] * 2, "date": ["2027-01-05", "2027-01-06"]})
    assert list(events_of(frame)["a"].values()) == [{"date": "2027-01-05"}, {"date": "2027-01-06"}]


def test_every_option_of_a_study_is_frozen_or_has_no_bearing_on_its_numbers():
    without_bearing = {
        *("stored", "columns", "date_format", "decimal", "sheet", "price_paths", "more", "events_path"),
        *("cluster", "resume", "is_dry"),
        *("all_tests", "as_json", *NAMES, *(set(STORED_OPTIONS) - set(FILE_OPTIONS))),
    }
    by_day = study_plan._settings(study_command.make_context("study", []).params)
    by_minute = study_plan._settings(study_command.make_context("study", ["--bar", "5m", "--window", "0m:30m"]).params)
    frozen = {*by_day, *by_minute, *study_plan.TABLES}
    assert {param.name for param in study_command.params} - frozen - without_bearing == set()
    assert frozen & {param.name for param in study_command.params} <= {param.name for param in plan_command.params}
