"""A study of files and its plan: frozen from the options of the study, kept or departed from; its page says which."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from tests.support.command import eventstudy

ASKED = ("--benchmark", "MKT", "--estimation", "-60:-6", "--event-window", "-2:2", "--window", "0:0", "--window", "0:1")
EVENTS = "event_id,asset,date\na,AAA,2027-06-01\nb,BBB,2027-07-01\nc,AAA,2027-09-01\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Events to come, and a plan of them; the prices are written after it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("eventstudy.cli.plan.utc_now", lambda: dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC))
    (tmp_path / "events.csv").write_text(EVENTS)
    done = eventstudy("plan", "events.csv", *ASKED, "--prices", "prices.csv", "--by", "Ada", "-o", "plan.yaml")
    assert (done.code, "before the first of its 3 events" in done.out) == (0, True)
    days = pd.bdate_range("2027-01-04", "2027-12-01")
    steps = np.random.default_rng(1).normal(0, 0.01, (len(days), 3))
    prices = pd.DataFrame(100 * np.exp(steps.cumsum(axis=0)), index=days, columns=["AAA", "BBB", "MKT"])
    prices.rename_axis("date").to_csv(tmp_path / "prices.csv")
    return tmp_path


def study(*options):
    return eventstudy("study", "--prices", "prices.csv", "--events", "events.csv", "--plan", "plan.yaml", *options)


def test_a_study_as_planned_says_that_it_was(folder):
    done = study(*ASKED, "--report", "page.html")
    assert (done.code, "The study kept to it" in " ".join(done.out.split())) == (0, True)
    line = (folder / "page.html").read_text().partition("<dt>Plan</dt><dd>")[2].partition("</dd>")[0]
    assert line.startswith(
        "Planned on 29 November 2026, 09:00 UTC by Ada, before the first of its 3 events. The study kept"
    )


def test_each_setting_and_event_that_is_another_is_named_and_the_code_is_3(folder):
    (folder / "events.csv").write_text(EVENTS.replace("b,BBB,2027-07-01\n", "").replace("2027-09-01", "2027-09-02"))
    done = study(*ASKED, "--seed", "4", "--tests", "t,sign_z", "--json", "--out", "rows")
    told = json.loads(done.out)["plan"]
    assert json.loads((folder / "rows" / "study.json").read_text())["plan"] == told
    assert (done.code, told["is_kept"]) == (3, False)
    assert [(found["field"], found["planned"], found["run"]) for found in told["departures"]] == [
        ("tests", None, ["t", "sign_z"]),
        ("seed", 0, 4),
        ("events.b", None, None),
        ("events.c.AAA.date", "2027-09-01", "2027-09-02"),
    ]


def test_a_plan_that_was_changed_is_refused_before_anything_is_studied(folder):
    text = (folder / "plan.yaml").read_text()
    (folder / "plan.yaml").write_text(text.replace("benchmark: MKT", "benchmark: BBB"))
    (folder / "prices.csv").unlink()
    done = study(*ASKED)
    assert (done.code, done.out) == (1, "")
    assert "--plan plan.yaml, hash: the plan was changed after it was frozen" in done.err
    assert "take the change back, or freeze another with `eventstudy plan`" in done.err


def test_options_are_held_against_a_plan_without_prices(folder):
    kept = eventstudy("plan", "events.csv", *ASKED, "--check", "plan.yaml")
    assert kept.code == 0
    other = eventstudy("plan", "events.csv", *ASKED, "--alpha", "0.1", "--check", "plan.yaml")
    assert (other.code, "alpha, planned 0.05, run 0.1" in " ".join(other.out.split())) == (1, True)
    alone = eventstudy("plan", "--check", "plan.yaml")
    assert (alone.code, "Nothing of it was run yet" in " ".join(alone.out.split())) == (0, True)


def test_a_plan_is_never_overwritten_and_says_when_events_are_past(folder, monkeypatch):
    before = (folder / "plan.yaml").read_bytes()
    again = eventstudy("plan", "events.csv", *ASKED, "-o", "plan.yaml")
    assert (again.code, "a plan is never overwritten" in again.err) == (1, True)
    assert (folder / "plan.yaml").read_bytes() == before
    monkeypatch.setattr("eventstudy.cli.plan.utc_now", lambda: dt.datetime(2027, 8, 1, tzinfo=dt.UTC))
    late = eventstudy("plan", "events.csv", *ASKED, "-o", "late.yaml")
    assert "when 2 of its 3 events were past, whose prices were to be had" in " ".join(late.out.split())


def test_a_study_by_the_minute_is_planned_by_its_own_settings(folder):
    (folder / "minute.csv").write_text("event_id,asset,announced_at\na,AAA,2027-06-01T14:00Z\n")
    asked = ("minute.csv", "--bar", "5m", "--calendar", "XNYS", "--window", "0m:30m")
    told = json.loads(eventstudy("plan", *asked, "--json").out)
    assert (told["studies"]["study"]["bar"], told["studies"]["study"]["primary_window"]) == ("5m", ["0m", "30m"])
    assert eventstudy("plan", *asked, "-o", "minute.yaml").code == 0
    other = eventstudy("plan", *asked, "--reference-sessions", "30", "--check", "minute.yaml")
    assert (other.code, "planned 60, run 30" in " ".join(other.out.split())) == (1, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "give one of EVENTS, --event ID"),
        (("events.csv", "--event", "visit"), "give one of EVENTS, --event ID"),
        (("events.csv", "--events", "events.csv"), "the events stand twice"),
        (("--event", "visit", "--alpha", "0.1"), "--alpha is of a study of files"),
        (("events.csv", "--db", "es.db"), "--db is of an event of the database"),
        (("events.csv", "--stored"), "give one of EVENTS, --event ID"),
        (("events.csv", "--tag", "rate"), "--tag needs --stored"),
        (("--event", "a", "--event", "b"), "give one of EVENTS, --event ID"),
        (("--collection", "rates", "--alpha", "0.1"), "--alpha is of a study of files, or of --stored"),
        (("--check", "plan.yaml", "--by", "Ada"), "--by is of a plan that is made"),
        (("events.csv", "--model", "market", "--window", "0:40"), "is not inside the event window"),
    ],
)
def test_wrong_usage_is_said_and_has_code_2(folder, options, words):
    done = eventstudy("plan", *options)
    assert (done.code, words in done.err) == (2, True)
