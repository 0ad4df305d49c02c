"""`eventstudy plan`: frozen before the prices by the clock of the database, kept or departed from, never changed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing

import pytest

from eventstudy.errors import InputError, StoreError
from eventstudy.events.gather import Gathered
from eventstudy.store import plans
from eventstudy.store.backup import verify
from jobs.preregister import Planner
from tests.support.command import eventstudy
from tests.support.passes import NOW, loaded, rows, run, write_config

BEFORE = dt.datetime(2023, 3, 10, 12, 0, tzinfo=dt.UTC)
SINCE = dt.datetime(2023, 3, 17, 8, 0, tzinfo=dt.UTC)  # an hour after the announcement, hours before the fixing
AFTER = NOW + dt.timedelta(days=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two plans before any price was stored, a pass, and a third plan."""
    made = tmp_path_factory.mktemp("planned")
    path = write_config(made)
    with pytest.MonkeyPatch.context() as patch:
        import eventstudy.cli.plan

        def at(moment):
            for module in (eventstudy.cli.plan, eventstudy.cli.common):
                patch.setattr(module, "utc_now", lambda: moment)

        at(BEFORE)
        first = plan(made, "--event", "visit", "--by", "Ada", "-o", made / "visit.yaml")
        assert (first.code, "before the announcement" in first.out) == (0, True)
        at(SINCE)
        assert plan(made, "--event", "visit").code == 0
        assert run(path).exit_code == 0
        at(AFTER)
        assert plan(made, "--event", "visit").code == 0
    return made


def plan(folder, *options):
    return eventstudy("plan", "--config", folder / "config.yaml", *options)


def test_each_plan_says_what_was_to_be_had_when_the_clock_wrote_it(folder):
    found = rows(folder / "es.db", "select plan_version, planned_at, planned_by, stage, first_price_at from plans")
    assert found == [
        (1, "2023-03-10T12:00:00Z", "Ada", "before the announcement", None),
        (2, "2023-03-17T08:00:00Z", None, "before the prices", None),
        # the euro rates of a day are those of 14:15 in Frankfurt
        (3, "2026-11-21T23:30:00Z", None, "after the prices", "2023-03-17T13:15:00Z"),
    ]


def test_the_page_says_that_the_first_plan_counts_and_was_kept(folder):
    page = (folder / "reports" / "visit.html").read_text()
    line = page.partition("<dt>Plan</dt><dd>")[2].partition("</dd>")[0]
    assert line.startswith(
        "Planned on 10 March 2023, 12:00 UTC by Ada, before the announcement. The first price after the announcement "
        "was fetched on 20 November 2026, 23:30 UTC. The study kept to it"
    )
    assert "There are 2 plans of this event; number 1 counts" in line
    assert "<dt>Plan</dt>" not in (folder / "reports" / "meeting.html").read_text()


def test_a_report_as_json_has_the_plan_with_its_whole_hash(folder):
    told = json.loads(eventstudy("report", "visit", "--config", folder / "config.yaml", "--json").out)["plan"]
    ((written,),) = rows(folder / "es.db", "select plan_hash from plans where plan_version = 1")
    assert (told["hash"], told["is_kept"], told["counting"], told["count"]) == (written, True, 1, 3)


def test_a_list_has_every_plan_and_which_of_them_counts(folder):
    told = json.loads(plan(folder, "--list", "--event", "visit", "--json").out)["plans"]
    assert [(row["counts"], row["is_kept"]) for row in told] == [(True, True), (False, None), (False, None)]
    assert "kept" in plan(folder, "--list").out


def test_the_file_of_a_plan_is_held_against_the_results(folder):
    done = plan(folder, "--check", folder / "visit.yaml", "--json")
    told = json.loads(done.out)
    assert (done.code, told["against"], told["is_recorded"], told["is_kept"]) == (0, "results", True, True)


def test_a_change_by_hand_is_refused_and_the_field_named(folder, tmp_path):
    text = (folder / "visit.yaml").read_text()
    assert "estimation: [-60, -11]" in text
    (tmp_path / "x.yaml").write_text(text.replace("estimation: [-60, -11]", "estimation: [-50, -11]"))
    done = plan(folder, "--check", tmp_path / "x.yaml")
    assert done.code == 1
    assert "studies.total.estimation is [-50, -11], was [-60, -11]; take the change back" in done.err


def test_no_plan_is_changed_taken_out_or_dated_back(folder, tmp_path):
    copy = tmp_path / "es.db"
    copy.write_bytes((folder / "es.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        for change in ("update plans set planned_by = 'Eve'", "delete from plans"):
            with pytest.raises(sqlite3.IntegrityError, match="a plan is never"):
                connection.execute(change)
        early = "insert into plans select event_id, 4, '2020-01-01T00:00:00Z', 'Eve', stage, first_price_at, "
        with pytest.raises(sqlite3.IntegrityError, match="cannot be earlier"):
            connection.execute(early + "code_version, plan, 'x' from plans where plan_version = 3")


def test_a_clock_that_was_set_back_plans_nothing(folder, clock):
    clock(BEFORE)
    before = rows(folder / "es.db", "select count(*) from plans")
    done = plan(folder, "--event", "visit")
    assert (done.code, "a plan cannot be dated back" in done.err) == (1, True)
    assert rows(folder / "es.db", "select count(*) from plans") == before


def test_a_dry_run_shows_the_plan_and_writes_nothing(folder, clock):
    clock(AFTER)
    before = (folder / "es.db").read_bytes()
    done = plan(folder, "--event", "meeting", "--dry-run", "--json")
    told = json.loads(done.out)
    assert (done.code, told["seen"]["has_results"], told["number"]) == (0, True, None)
    assert told["assets"] == {"USDCNY": {"source": "ecb"}}
    assert (folder / "es.db").read_bytes() == before


def test_a_bundle_carries_the_plans_and_says_that_they_were_kept(folder, tmp_path):
    assert eventstudy("bundle", "visit", "--db", folder / "es.db", "-o", tmp_path / "x.zip").code == 0
    done = eventstudy("reproduce", tmp_path / "x.zip", "--json")
    told = json.loads(done.out)["plans"]["visit"]
    assert (done.code, told["is_kept"], told["count"], told["by"]) == (0, True, 3, "Ada")


def test_a_bundle_of_an_event_says_what_was_not_run_and_one_of_a_study_is_silent_of_others(tmp_path, clock):
    other = """\
  - id: other
    model: market
    benchmark: EURUSD
    returns: simple
    estimation: [-60, -11]
    event_window: [-2, 2]
    windows: [[0, 0]]
events:
"""
    clock(BEFORE)
    assert plan(write_config(tmp_path, ("events:\n", other)).parent, "--event", "meeting").code == 0
    assert run(write_config(tmp_path)).exit_code == 0
    found = {}
    for name in ("meeting", "total"):
        path = tmp_path / f"{name}.zip"
        assert eventstudy("bundle", name, "--db", tmp_path / "es.db", "-o", path).code == 0
        found[name] = json.loads(eventstudy("reproduce", path, "--json").out)["plans"]["meeting"]["departures"]
    not_run = {"kind": "not run", "planned": None, "run": None}
    assert found == {
        "meeting": [{"field": "studies.other", **not_run}, {"field": "assets.EURUSD", **not_run}],
        "total": [],
    }


def test_an_event_that_is_not_there_and_one_that_nothing_studies_are_refused(folder, tmp_path, clock):
    clock(AFTER)
    done = plan(folder, "--event", "visits")
    assert (done.code, "did you mean 'visit'" in done.err) == (1, True)
    edit = ("events:\n", 'events:\n  - {id: rate, title: Rate, announced_at: "2023-03-16T07:00Z", kind: context}\n')
    done = plan(write_config(tmp_path, edit).parent, "--event", "vist")
    assert (done.code, "did you mean 'visit'" in done.err, (tmp_path / "es.db").exists()) == (1, True, False)
    done = plan(tmp_path, "--event", "rate")
    assert (done.code, "nothing of this event is studied" in done.err) == (1, True)


def test_an_asset_that_the_settings_lack_is_refused_since_nobody_can_say_whether_it_has_prices(folder):
    config, events = loaded(folder / "config.yaml")
    less = config.model_copy(update={"assets": {"EURUSD": config.assets["EURUSD"]}})
    planner = Planner(database=less.database, clock=lambda: AFTER, config=less, gathered=Gathered(events=events))
    with pytest.raises(InputError, match=r"the settings have no such asset \(got 'USDCNY'\)"):
        planner.draft("visit", None)


def test_a_page_names_each_field_that_was_run_otherwise(folder, tmp_path, clock):
    # a copy with other settings, so that the folder stays as it is for the others
    edits = (
        ("windows: [[0, 0], [0, 1]]", "windows: [[0, 1], [0, 0]]"),
        ("EURUSD: {source: ecb}", "EURUSD: {source: ecb, symbol: USDCHF}"),
    )
    path = write_config(tmp_path, *edits)
    (tmp_path / "es.db").write_bytes((folder / "es.db").read_bytes())
    run(path, now=lambda: AFTER)
    clock(AFTER)
    page = (tmp_path / "reports" / "visit.html").read_text()
    assert "The study departed from it in 3 points: studies.total.windows, planned [[0, 0], [0, 1]], run" in page
    assert "assets.EURUSD.symbol, run and not planned" in page
    done = eventstudy("plan", "--config", path, "--check", folder / "visit.yaml")
    assert (done.code, "departed from it in 3 points" in done.out) == (1, True)
    german = eventstudy("report", "visit", "--config", path, "--language", "de", "--format", "html").out
    assert "Die Untersuchung wich in 3 Punkten davon ab" in german


def changed(folder, target, *statements):
    """A copy of the database with what no command does."""
    target.write_bytes((folder / "es.db").read_bytes())
    with closing(sqlite3.connect(target)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return target


def plan_line(folder, database):
    """What the page of the visit says of its plan, and the same as JSON."""
    path = write_config(folder)
    assert database == folder / "es.db"
    told = json.loads(eventstudy("report", "visit", "--config", path, "--json").out)
    return dict(map(tuple, told["looked"]))["Plan"], told["plan"]


def test_prices_that_were_fetched_before_the_plan_and_brought_in_after_it_are_told(folder, tmp_path):
    early = "update snapshots set fetched_at = '2023-03-09T08:00:00Z', seal = null"
    line, told = plan_line(tmp_path, changed(folder, tmp_path / "es.db", early))
    assert "the first had been fetched on 9 March 2023, 08:00 UTC, before the plan was made" in line
    assert told["first_fetched_at"] == "2023-03-09T08:00:00Z"


def test_a_row_that_was_changed_all_the_same_is_no_plan(folder, tmp_path):
    forged = 'update plans set plan = replace(plan, \'"by": "Ada"\', \'"by": "Eve"\')'
    database = changed(folder, tmp_path / "es.db", "drop trigger plans_stay", forged)
    line, told = plan_line(tmp_path, database)
    assert line == "The stored plan is not what was frozen: its hash is that of another text. It says nothing."
    assert "plan 1 of visit is not what was written" in told["problem"]
    done = eventstudy("plan", "--list", "--db", database)
    assert (done.code, "plan 1 of visit is not what was written" in done.err) == (1, True)


def test_no_backup_is_sound_whose_plans_are_not_those_that_were_written(folder, tmp_path):
    assert verify(changed(folder, tmp_path / "sound.db")) == 2
    with pytest.raises(StoreError, match="plan 1 of visit is not what was written"):
        verify(changed(folder, tmp_path / "es.db", "drop trigger plans_stay", "update plans set planned_by = 'Eve'"))


@pytest.mark.parametrize(
    "forged",
    [
        "planned_at = '2023-03-01T00:00:00Z'",
        "stage = 'before the prices'",
        "plan = json_set(plan, '$.events.other', json('{}'))",
        "plan = '{}'",
    ],
)
def test_whatever_of_a_row_is_changed_is_found(folder, tmp_path, forged):
    change = f"update plans set {forged} where plan_version = 1"
    with closing(sqlite3.connect(changed(folder, tmp_path / "es.db", "drop trigger plans_stay", change))) as connection:
        assert "plan 1 of visit is not what was written" in (plans.altered(connection) or "")


def test_without_settings_those_of_the_newest_pass_are_frozen(folder, tmp_path, monkeypatch, clock):
    clock(AFTER)
    monkeypatch.chdir(tmp_path)
    copy = changed(folder, tmp_path / "copy.db")
    told = json.loads(eventstudy("plan", "--event", "meeting", "--db", copy, "--json").out)
    assert (told["number"], list(told["studies"]), told["studies"]["total"]["estimation"]) == (1, ["total"], [-60, -11])
    assert told["events"] == {
        "meeting": dict.fromkeys(("earliest", "latest"), "2022-09-15T07:00:00Z") | {"assets": ["USDCNY"]}
    }


def test_studies_by_the_minute_are_frozen_too(tmp_path, clock):
    minute = (
        "events:\n",
        "  - {id: minute, bar: 5m, windows: [[0m, 30m]], fewest_sessions: 20}\nevents:\n",
    )
    write_config(tmp_path, minute)
    told = json.loads(plan(tmp_path, "--event", "visit", "--dry-run", "--json").out)
    assert told["studies"]["minute"]["primary_window"] == told["studies"]["minute"]["windows"][0]
    assert told["studies"]["minute"]["bar"] == "5m"
    assert not (tmp_path / "es.db").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--list", "--by", "Ada"), "--by is of a plan that is made"),
        (("--event", "visit", "-o", "no/such/plan.yaml"), "there is no folder 'no/such'"),
        (("--list", "--check", __file__), "give one of EVENTS, --event ID"),
        (("--event", "visit", "--check", __file__), "--check takes EVENTS"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_written(folder, clock, options, words):
    before = rows(folder / "es.db", "select count(*) from plans")
    done = plan(folder, *options)
    assert (done.code, words in done.err) == (2, True)
    assert rows(folder / "es.db", "select count(*) from plans") == before
