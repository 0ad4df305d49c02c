"""What `--json` prints: one object, numbers as numbers, null for what is not there, and nothing at all on an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config

NUMBER = re.compile(r"[-−+]?\d+(\.\d+)?(e-?\d+)?%?", re.IGNORECASE)
TABLES = ("--prices", "tests/data/cases/prices.csv", "--events", "tests/data/cases/events.csv", "--benchmark", "MKT")
AD_HOC = ("--title", "News", "--at", "2022-02-24T03:00Z", "--asset", "USDRUB")
PLAIN = [("study", *TABLES), ("power", "--events", "20", "--effect", "0.01", "--sigma", "0.02")]
OURS = [
    ("run", "--dry-run"),
    ("run",),
    ("report", "visit"),
    ("report", *AD_HOC),
    ("events", "list"),
    ("events", "show", "visit"),
    ("prices", "show", "USDCNY"),
    ("prices", "pull"),
    ("prices", "verify"),
    ("prices", "doubts"),
    ("prices", "revisions"),
    *(("query", name) for name in ("strongest", "by-year", "by-tag", "by-weekday", "before", "failed", "reactions")),
    ("query", "select 1e400 as a, null as b, 1.5 as c"),
    ("query", "--list"),
    ("study", "--stored"),
    ("claims", "The yuan fell 0.5%", "--event", "visit"),
    ("bundle", "visit", "-o", "{folder}/x.zip"),
    ("digest",),
    ("status",),
    ("doctor",),
]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = write_config(tmp_path_factory.mktemp("place"))
    run(path)
    return path


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value


def no_constant(name: str) -> None:
    raise AssertionError(name)


@pytest.mark.parametrize("words", [*PLAIN, *OURS], ids=lambda words: " ".join(words[:2]))
def test_numbers_are_numbers(config, words):
    ours = [word.format(folder=config.parent) for word in words] + ["--config", str(config)] * (words in OURS)
    done = eventstudy(*ours, "--json")
    assert done.code in (0, 3)
    found = json.loads(done.out, parse_constant=no_constant)
    assert re.fullmatch(r"eventstudy\.[a-z.]+/[12]", found["schema"])
    assert not [text for text in texts(found) if NUMBER.fullmatch(text) or text.lower() in ("nan", "inf", "–")]


@pytest.mark.parametrize(
    "words", [("report", "nothing"), ("query", "nothing"), ("events", "show", "nothing"), ("prices", "show", "nothing")]
)
def test_an_error_is_one_line_beside_an_empty_output(config, words):
    done = eventstudy(*words, "--config", config, "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: ")
    assert len(done.err.splitlines()) == 1


def test_a_report_gives_what_the_database_holds(config):
    found = json.loads(eventstudy("report", "visit", "--config", config, "--json").out)
    (study,) = found["studies"]
    assert (study["window"], study["level"]) == ([0, 0], 0.95)
    sql = (
        "select asset, car, car_low, car_high, t, p_adjusted, mde, day0, price_before, price_at, move from reactions "
        "where event_id = 'visit' and is_primary order by position"
    )
    shown = [
        (a["asset"], a["car"], *a["interval"], a["t"], a["p_adjusted"], a["mde"], a["session"], *a["prices"], a["move"])
        for a in study["assets"]
    ]
    stored = rows(config.parent / "es.db", sql)
    assert [row[:-1] for row in shown] == [row[:-1] for row in stored]
    assert [row[-1] for row in shown] == pytest.approx([row[-1] for row in stored])
    days = rows(config.parent / "es.db", "select tau, ar from daily_reactions where event_id = 'visit' order by 1")
    assert sorted((d["tau"], d["ar"]) for a in study["assets"] for d in a["days"]) == sorted(days)
    (of_rouble,) = json.loads(eventstudy("report", *AD_HOC, "--config", config, "--json").out)["studies"][0]["assets"]
    assert of_rouble["windows"][0]["car"] == of_rouble["car"] > 0.05
