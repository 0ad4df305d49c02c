"""Averages over announcements: what a pass stores of them, when it computes them again, and what it tells."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import io
import json
import math
import re
import shlex
from pathlib import Path
from typing import Any

import exchange_calendars
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.config.load import load_config
from eventstudy.errors import InputError
from eventstudy.registry.tests import group_tests
from eventstudy.study import many
from tests.support.command import eventstudy
from tests.support.passes import NOW, dump, faults, rows, run

ASSETS = ("AAA", "BBB")
NAMES = (*ASSETS, "MKT")
DAYS = tuple(range(200, 500, 25))  # sessions of day 0, whose windows do not overlap
WINDOWS = [[0, 0], [0, 1], [-2, 2]]
EVERY = {
    "returns": "simple",
    "estimation": [-110, -11],
    "event_window": [-5, 5],
    "windows": WINDOWS,
    "min_estimation": 60,
}
STUDIES = {
    "total": {"model": "constant-mean", "tests": ["t", "hac_z"]},
    "relative": {"model": "market", "benchmark": "MKT"},
}
NIGHT = dt.timedelta(days=1)
BETWEEN = "2020-07-15"  # after the eighth of them


def prices() -> pd.DataFrame:
    """Prices on New York's sessions; AAA rises by some 4 % on every event day, BBB does nothing of its own."""
    rng = np.random.default_rng(5)
    days = exchange_calendars.get_calendar("XNYS", start="2019-01-02").sessions[:540]
    returns = 0.01 * rng.standard_t(6, (days.size, len(NAMES)))
    returns[:, :2] += 0.8 * returns[:, 2:]
    returns[list(DAYS), 0] += 0.04
    frame = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), columns=list(NAMES))
    frame.loc[[180, 287], "BBB"] = np.nan
    frame.insert(0, "date", days.strftime("%Y-%m-%d"))
    return frame


def settings_of(folder: Path, n: int = len(DAYS), **more: Any) -> Path:
    """Settings with the first `n` events, every other one tagged ``even``, the others ``odd``, all of them ``rate``."""
    table = prices()
    table.to_csv(folder / "prices.csv", index=False)
    settings = {
        "version": 1,
        "database": str(folder / "es.db"),
        "reports": str(folder / "reports"),
        "sources": {"desk": {"kind": "files", "path": str(folder / "prices.csv"), "zone": "America/New_York"}},
        "assets": {name: {"source": "desk", "calendar": "XNYS"} for name in NAMES},
        "studies": [{"id": name, **EVERY, **study} for name, study in STUDIES.items()],
        "events": [
            {
                "id": f"e{day}",
                "title": f"E {day}",
                "announced_at": f"{table['date'][day]}T12:00Z",
                "assets": list(ASSETS),
                "tags": ["rate", "odd" if i % 2 else "even"],
            }
            for i, day in enumerate(DAYS[:n])
        ],
        **more,
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(settings), encoding="utf-8")  # which is YAML as well
    return path


def exported(database: Path) -> pd.DataFrame:
    """Closes of the archive, a column per symbol, as `eventstudy prices export` gives them."""
    columns = {}
    for name in NAMES:
        done = eventstudy("prices", "export", name, "--db", database)
        assert done.code == 0, done.err
        columns[name] = pd.read_csv(io.StringIO(done.out), dtype={"date": str}).set_index("date")["close"]
    return pd.DataFrame(columns).rename_axis("date").reset_index()


def by_hand(database: Path, study: str, assets: tuple[str, ...] = ASSETS) -> dict[str, Any]:
    """The document that `run_study` gives on the prices of the database, with every other event in a group."""
    dates = prices()["date"]
    events = pd.DataFrame(
        [
            {"event_id": f"e{day}", "asset": asset, "date": dates[day], "group": "odd" if i % 2 else "even"}
            for i, day in enumerate(DAYS)
            for asset in assets
        ]
    )
    spec = es.StudySpec(**{**EVERY, **STUDIES[study], "tests": None})
    assert spec.returns == "simple"
    returns = exported(database).set_index("date").pct_change(fill_method=None)  # a blank stays among the sessions
    return es.run_study(returns.reset_index(), events, spec, values="returns").to_dict()


def same(found: Any, wanted: Any, tolerance: float = 1e-9) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)


COLLECTIONS = [
    {"id": f"{study}-{asset or 'all'}".lower(), "tag": "rate", "study": study, "compare": ["even", "odd"]}
    | ({"asset": asset} if asset else {})
    for study in STUDIES
    for asset in ("AAA", "BBB", None)
]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one pass with collections of each study."""
    folder = tmp_path_factory.mktemp("collected")
    done = run(settings_of(folder, collections=COLLECTIONS))
    assert done.troubles == []
    return folder


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda found: str(found["id"]))
def test_the_numbers_of_a_collection_are_those_of_run_study_on_its_prices(collected, collection):
    database, study = collected / "es.db", collection["study"]
    wanted = by_hand(database, study, (collection["asset"],) if "asset" in collection else ASSETS)
    counts = {"windows": 0, "tests": 0}
    for group in wanted["aggregate"]:
        for window in group["windows"]:
            place = (collection["id"], group["group"], *window["window"])
            of = "where (collection_id, group_name, window_start, window_end) = (?, ?, ?, ?)"
            ((n, *numbers),) = rows(
                database,
                "select n_events, caar, caar_low, caar_high, median_car, share_positive, mean_bhar, mde "
                f"from collections {of}",
                *place,
            )
            assert (
                n
                == window["n"]
                == len(DAYS) // (1 if group["group"] == "all" else 2) * (1 if "asset" in collection else 2)
                - (1 if n % 2 else 0)
            )
            expected = [window["caar"], *window["caar_ci"]]
            expected += [window[name] for name in ("median_car", "share_positive", "mean_bhar", "mde")]
            assert all(map(same, numbers, expected)), place
            counts["windows"] += 1
            stored = {
                name: tuple(rest)
                for name, *rest in rows(
                    database,
                    f"select name, statistic, p_value, n, is_valid, validity, reason from collection_tests {of}",
                    *place,
                )
            }
            assert set(stored) == {test["name"] for test in window["tests"]} == set(group_tests())
            for test in window["tests"]:
                statistic, p, count, is_valid, validity, reason = stored[test["name"]]
                assert same(statistic, test["statistic"], 1e-7), (place, test["name"])
                assert same(p, test["p_value"], 1e-7), (place, test["name"])
                assert (count, bool(is_valid), reason) == (test["n"], test["is_valid"], test["reason"])
                assert validity == test["validity"]
                counts["tests"] += p is not None
    assert counts["windows"] == 9
    assert counts["tests"] > 100


def test_study_stored_gives_the_document_of_run_study(collected):
    command = ("study", "--stored", "--config", collected / "config.yaml", "--tag", "rate", "--compare", "even,odd")
    done = eventstudy(*command, "--study", "relative", "--json")
    assert done.code == 0, done.err
    found, wanted = json.loads(done.out), by_hand(collected / "es.db", "relative")
    assert (found["schema"], found["spec"]) == (
        wanted["schema"],
        wanted["spec"] | {"values": "prices", "units": None},
    )
    key = {(event["event_id"], event["asset"]): event for event in found["events"]}
    assert len(key) == 2 * len(DAYS)
    for event in wanted["events"]:
        mine = key[event["event_id"], event["asset"]]
        assert (mine["day0"], mine["group"], mine["status"]) == (event["day0"], event["group"], event["status"])
        assert same(mine["sigma"], event["sigma"])
        for window, other in zip(mine["windows"], event["windows"], strict=True):
            assert same(window["car"], other["car"])
            assert same(window["car_se"], other["car_se"])
    for group, other in zip(found["aggregate"], wanted["aggregate"], strict=True):
        assert [w["n"] for w in group["windows"]] == [w["n"] for w in other["windows"]]
        for window, mine in zip(other["windows"], group["windows"], strict=True):
            assert same(mine["caar"], window["caar"])
            for test, twin in zip(mine["tests"], window["tests"], strict=True):
                assert (test["name"], test["is_valid"]) == (twin["name"], twin["is_valid"])
                assert same(test["p_value"], twin["p_value"], 1e-7), test["name"]
    assert len(found["group_differences"]) == len(WINDOWS)


def test_the_command_on_a_page_gives_its_averages_again(tmp_path, monkeypatch):
    few = [f"e{day}" for day in DAYS[:6]]
    chosen = {"id": "few", "events": few, "asset": "AAA", "study": "relative", "compare": ["even", "odd"]}
    path = settings_of(tmp_path, collections=[chosen])
    run(path)
    page = html.unescape((tmp_path / "reports" / "collections" / "few.html").read_text("utf-8"))
    (line,) = re.findall(r"eventstudy study --stored.*?(?=</code>)", page)
    assert line.endswith("--compare even,odd")
    monkeypatch.chdir(tmp_path)
    done = eventstudy(*shlex.split(line)[1:], "--json")
    assert done.code == 0, done.err
    sql = "select group_name, window_start, window_end, caar from collection_windows where collection_id = 'few'"
    stored = {(name, start, end): caar for name, start, end, caar in rows(tmp_path / "es.db", sql)}
    again = {
        (group["group"], *window["window"]): window["caar"]
        for group in json.loads(done.out)["aggregate"]
        for window in group["windows"]
    }
    assert again.keys() == stored.keys()
    assert len(again) == 3 * len(WINDOWS)
    assert all(same(again[key], stored[key]) for key in again)


def test_study_stored_takes_the_options_of_study_and_refuses_what_is_of_files(collected):
    command = ("study", "--stored", "--config", collected / "config.yaml", "--asset", "AAA")
    done = eventstudy(
        *command, "--model", "market", "--benchmark", "MKT", "--window", "0:0", "--returns", "log", "--json"
    )
    assert done.code == 0, done.err
    spec = json.loads(done.out)["spec"]
    assert (spec["model"], spec["benchmark"], spec["windows"], spec["returns"]) == ("market", "MKT", [[0, 0]], "log")
    assert spec["estimation"] == [-110, -11]  # of the study of the settings
    text = eventstudy(*command, "--event", "e200", "--event", "e225")
    assert (text.code, "Events: 2 studied" in text.out) == (0, True)
    for more, code, words in (
        (("--prices", "x.csv"), 2, "--prices is of files"),
        (("--study", "totl"), 2, "did you mean 'total'?"),
        (("--event", "nothing"), 1, "there is no such event"),
        (("--tag", "nothing"), 1, "no event has this tag"),
        (("--model", "market"), 1, "needs a benchmark"),
    ):
        done = eventstudy(*command, *more)
        assert (done.code, words in done.err) == (code, True), done.err
    done = eventstudy("study", "--tag", "rate", "--prices", "x.csv", "--events", "y.csv")
    assert (done.code, "--tag needs --stored" in done.err) == (2, True)
    assert eventstudy("study").code == 2


def planned(monkeypatch: pytest.MonkeyPatch, path: Path, *options: str) -> Path:
    """A plan of stored events, as of a day between the eighth and the ninth."""
    monkeypatch.setattr("eventstudy.cli.plan.utc_now", lambda: dt.datetime.fromisoformat(f"{BETWEEN}T00:00+00:00"))
    monkeypatch.setattr("eventstudy.store.plans.refuse_clock", lambda *_: None)
    out = path.with_name("plan.yaml")
    done = eventstudy("plan", *options, "--config", path, "--by", "Ada", "-o", out)
    assert (done.code, "when 8 of its 8 events were past" in " ".join(done.out.split())) == (0, True), done.err
    return out


def test_a_study_of_stored_events_is_held_against_its_plan(tmp_path, monkeypatch):
    path = settings_of(tmp_path, 8, collections=[])
    run(path)
    asked = ("--stored", "--tag", "rate", "--asset", "AAA", "--window", "0:1")
    plan = planned(monkeypatch, path, *asked)
    run(settings_of(tmp_path, 10, collections=[]), now=lambda: NOW + NIGHT)
    study = ("study", *asked, "--config", path, "--plan", plan)
    done = eventstudy(*study, "--report", tmp_path / "page.html")
    said = " ".join(done.out.split())
    assert (done.code, "The study kept to it" in said or "What was run is what it says" in said) == (0, True), done.err
    assert "2 events that are chosen as planned were announced after the plan" in said
    assert "Ada" in (tmp_path / "page.html").read_text("utf-8").partition("<dt>Plan</dt><dd>")[2].partition("</dd>")[0]
    other = json.loads(eventstudy(*study, "--alpha", "0.1", "--event", "e200", "--json").out)["plan"]
    gone = [f"events.e{day}" for day in DAYS[1:8]]
    assert [found["field"] for found in other["departures"]] == ["alpha", "events", *gone]
    check = ("plan", "--check", plan, *asked, "--config", path)
    assert (eventstudy(*check).code, eventstudy(*check, "--tests", "sign_z").code) == (0, 1)
    # an event of before the plan that it does not name was chosen with hindsight
    hindsight = json.loads(path.read_text())
    hindsight["events"].append({**hindsight["events"][0], "id": "found-later"})
    path.write_text(json.dumps(hindsight))
    run(path, now=lambda: NOW + 2 * NIGHT)
    late = json.loads(eventstudy(*study, "--json").out)["plan"]
    assert [(found["field"], found["kind"]) for found in late["departures"]] == [("events.found-later", "not planned")]


def test_a_collection_is_held_against_its_plan_and_its_page_says_so(tmp_path, monkeypatch):
    chosen = {"id": "rates", "tag": "rate", "asset": "AAA", "study": "relative"}
    path = settings_of(tmp_path, 8, collections=[chosen])
    run(path)
    plan = planned(monkeypatch, path, "--collection", "rates")
    of_options = ("--stored", "--tag", "rate", "--asset", "AAA", "--study", "relative", "--config", path)
    assert eventstudy("plan", *of_options, "--tests", ",".join(group_tests()), "--check", plan).code == 1
    page = tmp_path / "reports" / "collections" / "rates.html"

    def line(n: int, **more: Any) -> str:
        night = nights.pop()
        run(settings_of(tmp_path, n, collections=[{**chosen, **more, "plan": str(plan)}]), now=lambda: night)
        return page.read_text("utf-8").partition("<dt>Plan</dt><dd>")[2].partition("</dd>")[0]

    nights = [NOW + n * NIGHT for n in (4, 3, 2, 1)]
    assert "What was run is what it says" in line(8)
    assert "2 events that are chosen as planned were announced after the plan" in line(10)
    assert "departed from it in one point: compare, planned [], run [even, odd]" in line(10, compare=["even", "odd"])
    plan.write_text(plan.read_text().replace("alpha: 0.05", "alpha: 0.1"))
    assert "is not what was frozen" in line(10)


def test_by_default_each_asset_and_tag_or_kind_with_five_events_is_a_collection(tmp_path):
    run(settings_of(tmp_path, 4))
    assert rows(tmp_path / "es.db", "select * from collections") == []
    run(settings_of(tmp_path, 5), now=lambda: NOW + NIGHT)
    found = rows(
        tmp_path / "es.db", "select collection_id, study, asset, tag, kind, n_events from collections where is_primary"
    )
    assert found == [
        ("kind-announcement-aaa", "total", "AAA", None, "announcement", 5),
        ("kind-announcement-bbb", "total", "BBB", None, "announcement", 5),
        ("tag-rate-aaa", "total", "AAA", "rate", None, 5),
        ("tag-rate-bbb", "total", "BBB", "rate", None, 5),
    ]
    run(settings_of(tmp_path, 5, collections=[]), now=lambda: NOW + 2 * NIGHT)
    assert rows(tmp_path / "es.db", "select * from collection_windows") == []
    assert list((tmp_path / "reports" / "collections").iterdir()) == []
    assert faults(tmp_path / "es.db") == []


def test_a_night_without_news_computes_nothing_and_a_new_member_is_another_look(tmp_path, monkeypatch):
    path = settings_of(tmp_path, 6)
    run(path)
    assert json.loads(eventstudy("run", "--dry-run", "--json", "--config", path).out)["is_idle"] is False
    run(path, now=lambda: NOW + NIGHT)  # in which what stands is told
    assert json.loads(eventstudy("run", "--dry-run", "--json", "--config", path).out)["is_idle"] is True
    database, folder = tmp_path / "es.db", tmp_path / "reports" / "collections"
    before, pages = dump(database), {page.name: page.read_bytes() for page in folder.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr("eventstudy.study.members.study_members", lambda *_, **__: 1 / 0)
        assert run(path, now=lambda: NOW + 2 * NIGHT).troubles == []
    assert dump(database) == before
    assert {page.name: page.read_bytes() for page in folder.iterdir()} == pages
    looks = "select collection_id, times_looked, n_members from collection_studies order by 1"
    assert rows(database, looks) == [(page.removesuffix(".html"), 1, 6) for page in sorted(pages)]
    run(settings_of(tmp_path, 7), now=lambda: NOW + 3 * NIGHT)
    assert rows(database, looks) == [(page.removesuffix(".html"), 2, 7) for page in sorted(pages)]
    page = (folder / "tag-rate-aaa.html").read_text("utf-8")
    assert "Looked at 2 times since 20 November 2026" in page
    assert 'href="collections/tag-rate-aaa.html"' in (tmp_path / "reports" / "index.html").read_text("utf-8")
    # a page that was lost is made again, byte by byte
    (folder / "tag-rate-aaa.html").unlink()
    run(settings_of(tmp_path, 7), now=lambda: NOW + 4 * NIGHT)
    assert (folder / "tag-rate-aaa.html").read_text("utf-8") == page


def test_holm_is_over_the_collections_and_what_stands_for_two_passes_is_told_once(tmp_path):
    path, database = settings_of(tmp_path), tmp_path / "es.db"
    told = "select kind, subject, payload from notices where kind = 'collection' order by subject"
    run(path)
    found = rows(database, "select p, p_adjusted, verdict, asset from collections where is_primary order by p")
    m, least = len(found), 0.0
    for i, (p, adjusted, word, asset) in enumerate(found):  # Holm by its definition
        least = max(least, min(1.0, (m - i) * p))
        assert adjusted == pytest.approx(least, rel=1e-12)
        assert word == ("strong" if least <= 0.01 else "moderate" if least <= 0.05 else "none")
        assert (word != "none") == (asset == "AAA")
    assert rows(database, told) == []
    assert "ON AVERAGE" not in eventstudy("digest", "--config", path).out
    run(path, only=["e200"], now=lambda: NOW + NIGHT)  # which is no pass over all
    assert rows(database, told) == []
    for night in (2, 3, 4):
        run(path, now=lambda night=night: NOW + night * NIGHT)
        news = rows(database, told)
        assert [subject for _, subject, _ in news] == [
            "kind-announcement-aaa",
            "tag-even-aaa",
            "tag-odd-aaa",
            "tag-rate-aaa",
        ]
        assert {json.loads(payload)["from"] for _, _, payload in news} == {None}
    said = eventstudy("digest", "--config", path).out
    assert "ON AVERAGE" in said
    assert "it has stood for two passes" in " ".join(said.split())


def test_a_collection_that_fails_is_named_and_stops_no_other(tmp_path, monkeypatch):
    from eventstudy.study import members

    real = members.study_members

    def some(chosen: Any, *rest: Any, **more: Any) -> Any:
        if {member.asset for member in chosen} == {"AAA"}:
            raise ZeroDivisionError("nothing to divide by")
        return real(chosen, *rest, **more)

    path = settings_of(tmp_path, 5)
    with monkeypatch.context() as patch:
        patch.setattr(members, "study_members", some)
        done = run(path)
    assert done.exit_code == 3
    assert "the collection tag-rate-aaa: ZeroDivisionError: nothing to divide by" in done.troubles
    names = "select distinct collection_id from collections"
    assert rows(tmp_path / "es.db", names) == [("kind-announcement-bbb",), ("tag-rate-bbb",)]
    assert run(path, now=lambda: NOW + NIGHT).exit_code == 0
    assert len(rows(tmp_path / "es.db", names)) == 4


@pytest.mark.parametrize(
    ("collection", "words"),
    [
        ({"id": "a"}, "which events?"),
        ({"id": "a", "tag": "rate", "asset": "AAB"}, "did you mean 'AAA'?"),
        ({"id": "a", "tag": "rate", "study": "totale"}, "did you mean 'total'?"),
        ({"id": "a", "tag": "rate", "fewest": 1}, "fewest"),
        ({"id": "a", "tag": "rate", "compare": ["even"]}, "one group cannot be compared"),
        ({"id": "a", "tag": "rate", "compare": ["even", "even"]}, "this tag stands twice"),
        ({"id": "a", "tag": "rate", "compare": ["even", "all"]}, "all is the group of all events"),
        ({"id": "A b", "tag": "rate"}, "not an id"),
        ({"id": "a", "tags": "rate"}, "tags"),
    ],
)
def test_a_mistake_in_a_collection_names_field_value_and_remedy(tmp_path, collection, words):
    path = settings_of(tmp_path, collections=[collection])
    with pytest.raises(InputError, match="collections") as caught:
        load_config(path, environ={})
    assert words in str(caught.value)


def test_a_hundredth_of_the_fits_is_computed_twice_and_the_page_says_so(tmp_path):
    run(settings_of(tmp_path, 6))
    said = "6 of 6 fits were computed a second time, by statsmodels, and agree"
    assert rows(tmp_path / "es.db", "select distinct checked from collection_studies where asset = 'AAA'") == [(said,)]
    assert said in (tmp_path / "reports" / "collections" / "tag-rate-aaa.html").read_text("utf-8")


def test_a_collection_whose_fits_are_wrong_is_a_fault_and_is_not_stored(tmp_path, monkeypatch):
    real = many.fit_samples

    def wrong(samples, spec, **others):
        fitted = real(samples, spec, **others)
        return dataclasses.replace(fitted, fit=dataclasses.replace(fitted.fit, s2=fitted.fit.s2 * (1 + 1e-6)))

    monkeypatch.setattr(many, "fit_samples", wrong)
    result = run(settings_of(tmp_path, 6))
    assert result.exit_code == 3
    assert any("the collection tag-rate-aaa: NumbersDisagree" in trouble for trouble in result.troubles)
    assert rows(tmp_path / "es.db", "select count(*) from collection_studies") == [(0,)]
    assert rows(tmp_path / "es.db", "select distinct status from analyses") == [("ok",)]
