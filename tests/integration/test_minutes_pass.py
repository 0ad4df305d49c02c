"""Passes that collect bars as they come, and study announcements by the minute: the golden case through a Yahoo."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import math
import re
import sqlite3
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from eventstudy.bundle import container
from eventstudy.database import reading
from eventstudy.report.page import render_event
from eventstudy.report.view import event_view
from eventstudy.report.words import in_language, speaking
from eventstudy.store import content
from tests.support.command import eventstudy
from tests.support.passes import answer, dump, run, write_config
from tests.support.texts import texts
from tests.support.yahoo_server import YahooServer, chart

NEW_YORK = ZoneInfo("America/New_York")
CASE = Path(__file__).parents[1] / "golden" / "case8_intraday"
EXPECTED = json.loads((CASE / "expected.json").read_text("utf-8"))["events"]
SYMBOLS = ("AAA", "BBB", "CCC", "MKT")
CHOSEN = ("boundary", "cpi", "to-the-close", "quiet", "mixed", "thin-noon", "half-day", "sunday")
PASSES = ("2023-01-15T23:30", "2023-03-08T23:30", "2023-04-03T23:30")  # Yahoo's sixty days from one to the next

STUDY = """\
studies:
  - id: fast
    title: By the minute
    bar: 5m
    benchmark: MKT
    mask_events: false
    windows: [[0m, 5m], [0m, 30m], [0m, 60m], [-30m, 0m], [-10m, 20m], [0m, close]]
captures: {bars: [], standing: [5m]}
events:
"""


def served(server: YahooServer) -> None:
    """The bars of the case, as Yahoo words them."""
    rows = defaultdict(list)
    with (CASE / "bars.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["symbol"]].append(row)
    for symbol, bars in rows.items():
        days = [
            (f"{dt.datetime.fromisoformat(row['start']).astimezone(NEW_YORK):%Y-%m-%d %H:%M}", None) for row in bars
        ]
        found = chart(days, is_intraday=True, early={"2022-11-25": "13:00"}, exchange="NYQ")
        quote = found["chart"]["result"][0]["indicators"]["quote"][0]
        for name in ("open", "high", "low", "close", "volume"):
            quote[name] = [float(row[name]) if row[name] else None for row in bars]
        server.serve(symbol, found)


def settings(folder: Path, server: YahooServer) -> Path:
    path = write_config(folder)
    at = {e["event_id"]: (e["announced_at"], e["asset"]) for e in EXPECTED}
    events = "".join(
        f"  - {{id: {name}, title: The {name} news, announced_at: '{at[name][0]}', assets: [{at[name][1]}]}}\n"
        for name in CHOSEN
    )
    assets = "".join(f"  {name}: {{source: yahoo, calendar: XNYS}}\n" for name in SYMBOLS)
    text = path.read_text("utf-8")
    head = text[: text.index("sources:")]
    source = f"sources:\n  yahoo: {{kind: yahoo, endpoint: '{server.url}', cache: {folder}/yf, pace: 0, timeout: 5}}\n"
    path.write_text(f"{head}{source}assets:\n{assets}{STUDY}{events}", "utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What three passes left, the last of which is the first that knows all of the news."""
    folder = tmp_path_factory.mktemp("minutes")
    with YahooServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        served(server)
        path = settings(folder, server)
        for at in PASSES:
            now = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
            server.now = now
            result = run(path, now=lambda now=now: now)
            assert all(": no number for " in trouble for trouble in result.troubles)
        (folder / "refused").write_text(str(sorted(trouble.split(":")[0] for trouble in result.troubles)))
        before = dump(folder / "es.db")
        run(path, now=lambda: now + dt.timedelta(minutes=5))
        (folder / "is_same").write_text(str(dump(folder / "es.db") == before))
    return folder


@pytest.fixture(scope="module")
def stored(folder: Path):
    names = "event_id, window_start, window_end, car, car_se, t, p, placebo_p, verdict, price_before, price_at, bar"
    found = answer(folder / "es.db", f"select {names}, window_unit, reason from reactions where study = 'fast'")
    ends = "replace(window_start, 'm', ''), replace(window_end, 'm', '')"
    refused = answer(
        folder / "es.db", f"select event_id, {ends}, reason_code from clock_reactions where study = 'fast'"
    )
    codes = {tuple(row[:3]): row[3] for row in refused}
    return {
        row[:3]: dict(zip([*names.split(", ")[3:], "window_unit", "reason"], row[3:], strict=True))
        | {"reason_code": codes[row[0], str(row[1]), str(row[2])]}
        for row in found
    }


def test_a_pass_names_every_event_with_a_window_that_has_no_number_when_its_time_is_over(folder: Path):
    over = {e["event_id"] for e in EXPECTED if e["event_id"] in CHOSEN and PASSES[1] < e["announced_at"] < "2023-03-24"}
    refused = {e["event_id"] for e in EXPECTED if "reason" in e}
    assert over - refused
    assert over & refused
    assert (folder / "refused").read_text() == str(sorted(over & refused))


def test_a_bar_that_no_pass_can_bring_is_not_waited_for(folder: Path, stored):
    """The news came in the middle of a bar, and others of the session followed: none lies in the five minutes."""
    refused = stored["mixed", 0, 5]
    assert refused["reason_code"] == "no-bar-after"
    assert "next pass" not in refused["reason"]
    page = (folder / "reports" / "mixed.html").read_text("utf-8")
    assert "Marked: the lowest and the highest price of [0m, 60m]" in page


def test_the_answer_is_of_the_first_window_that_can_be_judged_and_says_which_could_not(folder: Path):
    """The news came in the middle of the only bar of its first five minutes; over half an hour there is a number."""
    wanted = next(e["paced"] for e in EXPECTED if e["event_id"] == "mixed" and e["window"] == [0, 30])
    ((end, t, verdict),) = answer(
        folder / "es.db",
        "select window_end, t, verdict from reactions where event_id = 'mixed' and is_headline and is_primary",
    )
    assert (end, verdict) == (30, "strong")
    assert near(t, wanted["t"])
    first = "14:02:30 New York (18:02:30 UTC): in the first 30 minutes, AAA moved \u22121.10\u202f%"
    passed = "Of [0m, 5m] nothing can be said: no bar lies in the window after the announcement"
    for form in ("text", "markdown", "short"):
        said = eventstudy("report", "mixed", "--config", folder / "config.yaml", "--format", form).out
        said = " ".join(re.sub(r"\[([^]]*)\]\(mixed.html[^)]*\)", r"\1", said).replace("\\", "").split())
        assert " ".join(first.split()) in said, form
        assert form == "short" or passed in said, form
    told = json.loads(eventstudy("report", "mixed", "--config", folder / "config.yaml", "--json").out)
    windows = told["by_clock"][0]["assets"][0]["document"]["windows"]
    assert told["verdict"] == "strong"
    assert [window["window"] for window in windows if window["is_primary"]] == [["0m", "30m"]]
    night = json.loads(eventstudy("digest", "--db", folder / "es.db", "--json").out)
    (studied,) = (reaction for reaction in night["reactions"] if reaction["event_id"] == "mixed")
    assert (studied["verdict"], studied["sentences"][0].startswith(first)) == ("strong", True)
    page = " ".join(texts((folder / "reports" / "mixed.html").read_text("utf-8")))
    assert "AAA fell 1.10\u202f% in the first 30 minutes, far more than on other sessions" in page
    assert "The move over [0m, 30m] among those of earlier sessions" in page


def test_a_german_page_by_the_minute_shares_no_sentence_with_the_english_one(folder: Path):
    with contextlib.closing(reading.open_reader(folder / "es.db")) as connection:
        for name in CHOSEN:
            english = set(texts(render_event(connection, name)[0]))
            with speaking(in_language("de")):
                german = texts(render_event(connection, name)[0])
            shared = {piece for piece in german if piece in english and re.search(r"[a-z]{2,} [a-z]{2,}", piece)}
            assert shared <= {f"The {name} news", "By the minute", "By the minute."}, name
            assert len(german) > 100


def near(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-13)


@pytest.mark.parametrize(
    "wanted", [e for e in EXPECTED if e["event_id"] in CHOSEN], ids=lambda e: f"{e['event_id']}-{e['window']}"
)
def test_a_pass_stores_the_numbers_of_the_golden_case(stored, wanted):
    found = stored[wanted["event_id"], *wanted["window"]]
    assert (found["bar"], found["window_unit"]) == ("5m", "minutes")
    if "reason" in wanted:
        assert found["reason_code"] == wanted["reason"]
        assert wanted["reason"] not in found["reason"]
        assert found["verdict"] == "not computable"
        return
    paced = wanted["paced"]
    assert (found["price_before"], found["price_at"]) == (wanted["base_price"], wanted["end_price"])
    assert near(found["t"], paced["t"])
    assert near(found["p"], paced["p"])
    assert near(found["placebo_p"], paced["placebo_p"])
    assert near(found["car"], wanted["move"] - paced["mean"] * paced["pace"])
    assert near(found["car_se"], paced["s"] * math.sqrt(1 + 1 / paced["n"]) * paced["pace"])


def test_the_same_pass_again_adds_no_row(folder):
    assert (folder / "is_same").read_text() == "True"


def test_what_is_stored_by_the_minute_is_proved_by_its_hash(folder):
    connection = sqlite3.connect(folder / "es.db")
    assert list(content.altered(connection)) == []
    connection.execute("update clock_documents set document = replace(document, 'strong', 'none')")
    assert {wrong.event_id for wrong in content.altered(connection)} >= {"boundary"}
    connection.close()  # without a commit


def test_a_move_that_turned_is_told_with_its_sign(folder):
    """+0.850 % after five minutes and -0.242 % at the close, by the golden file: -28.5 % of it is left."""
    assert "The move was gone by the close: −29\u202f% of it was left." in (
        (folder / "reports" / "cpi.html").read_text("utf-8")
    )


def test_the_page_names_the_minute_and_the_horizon_first(folder):
    with contextlib.closing(reading.connect(folder / "es.db")) as connection:
        view = event_view(connection, "boundary")
    (study,) = view.by_clock
    (asset,) = study.assets
    assert view.lead.startswith("14:00 New York (18:00 UTC): in the first 5 minutes, AAA moved \u22120.828\u202f%")
    assert view.verdict == "strong"
    assert "The mixed news: 2 minutes later." in asset.facts
    assert (
        "A window shares bars with one of The mixed news (2 minutes later): averages count the two once." in asset.facts
    )
    tape, sessions = asset.figures
    assert tape.title == (
        "AAA fell 0.83\u202f% in the first 5 minutes, far more than on other sessions at this time of day"
    )
    wanted = next(e["paced"] for e in EXPECTED if e["event_id"] == "boundary" and e["window"] == [0, 5])
    extreme = round(wanted["placebo_p"] * (wanted["n"] + 1)) - 1
    assert f"{wanted['n']} moves of earlier sessions over [0m, 5m]" in sessions.svg
    assert f"and {extreme} of them were at least as large" in sessions.svg
    assert sessions.title == f"None of {wanted['n']} other sessions moved as much for its pace"
    assert sum(int(count) for _, count, _ in sessions.rows) == wanted["n"]
    assert "The median of the bars that ended 20 to 10 minutes before" in tape.svg
    page = (folder / "reports" / "boundary.html").read_text("utf-8")
    assert tape.svg in page
    looked = dict(view.looked)
    assert looked["How much"].startswith("One asset, one study, 6 windows")
    assert "By the minute, [\u221230m, 0m]: No detectable reaction" in looked["What would change the verdict"]
    of_asset = (folder / "reports" / "assets" / "aaa.html").read_text("utf-8")
    assert "CAR over [0m, 5m]" in of_asset
    assert "sessions, both ends included" not in of_asset
    day = asset.document["announced_at"][:10]
    with (CASE / "bars.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["symbol"] == "AAA" and row["start"].startswith(day)]
    bars = {f"{dt.datetime.fromisoformat(row['start']).astimezone(NEW_YORK):%H:%M}": row for row in rows}
    assert tape.columns == ("Time in New York", "Open", "High", "Low", "Close")
    assert len(tape.rows) > 20
    for time, *prices in tape.rows:
        assert [float(price) for price in prices] == pytest.approx(
            [float(bars[time][name]) for name in ("open", "high", "low", "close")], rel=1e-5
        )


def test_a_price_beside_the_line_of_the_news_is_named_without_touching_it(folder):
    with contextlib.closing(reading.connect(folder / "es.db")) as connection:
        (study,) = event_view(connection, "cpi").by_clock
    (place,) = re.findall(r'<text x="([\d.]+)"[^>]*>\+0\.880\u202f%</text>', study.assets[0].figures[0].svg)
    assert float(place) - 31 > 65.6, "half of its words is 31 wide, and the line of the news is at 65.6"


def test_the_views_have_the_tests_beside_the_verdict(folder):
    wanted = next(e for e in EXPECTED if e["event_id"] == "boundary" and e["window"] == [0, 30])
    ((move, t, p, low, at),) = answer(
        folder / "es.db",
        "select log_move, clock_t, clock_p, low_move, low_at from clock_reactions where event_id = 'boundary' "
        "and window_end = '30m' and window_start = '0m'",
    )
    assert near(move, wanted["move"])
    assert near(t, wanted["clock"]["t"])
    assert near(p, wanted["clock"]["p"])
    assert near(low, wanted["low"]["move"])
    assert at == wanted["low"]["at"]


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Path:
    done = eventstudy("bundle", "boundary", "--db", folder / "es.db", "-o", folder / "x.zip")
    assert (done.code, "computed again and equal" in done.out) == (0, True)
    return folder / "x.zip"


def test_a_bundle_holds_a_study_by_the_minute_which_was_computed_again_before_it_was_written(bundle):
    _, parts, _ = container.read(bundle)
    told = json.loads(parts["results.json"])["boundary"]["fast"]["AAA"]["main"]
    wanted = next(e for e in EXPECTED if e["event_id"] == "boundary" and e["window"] == [0, 30])
    found = next(w for w in told["document"]["windows"] if w["window"] == ["0m", "30m"])
    assert near(found["paced"]["t"], wanted["paced"]["t"])
    assert near(told["windows"]["[0,30]"]["t"], wanted["paced"]["t"])
    happened = json.loads(parts["events.json"])["happened"]["AAA"]
    assert [event["event_id"] for event in happened["near"]] == ["boundary", "mixed"]
    lines = parts["prices/bars.csv"].decode().splitlines()
    assert {tuple(line.split(",")[:3]) for line in lines[1:]} == {("yahoo", name, "5m") for name in ("AAA", "MKT")}


def test_a_minute_that_is_changed_in_a_bundle_is_named(bundle, tmp_path):
    manifest, parts, _ = container.read(bundle)
    lines = parts["prices/bars.csv"].decode().splitlines()
    close, starts = (lines[0].split(",").index(name) for name in ("close", "starts"))
    for i, cells in enumerate(line.split(",") for line in lines):
        if cells[1] == "AAA" and cells[starts] == "2023-03-22T18:25:00Z":  # the last bar of half an hour
            cells[close] = repr(float(cells[close]) * 1.0001)
            lines[i] = ",".join(cells)
    parts["prices/bars.csv"] = ("\n".join(lines) + "\n").encode()
    container.write(tmp_path / "y.zip", parts, {key: manifest[key] for key in ("bundle", "as_of", "code_version")})
    done = eventstudy("reproduce", tmp_path / "y.zip")
    assert done.code == 1
    assert "altered: the prices of AAA from yahoo, 5m: the bars of the answer" in done.out
    assert "differs: boundary, fast, AAA, main" in done.out


def test_status_tells_how_many_sessions_of_bars_there_are(folder):
    found = eventstudy("status", "--db", folder / "es.db").out
    assert "AAA (yahoo): 90 sessions of 5m bars, 2022-11-21 to 2023-03-31; studies by the minute are possible" in found


def test_beside_a_daily_study_one_by_the_minute_that_has_no_bars_says_so_and_fails_nothing(tmp_path):
    fast = "studies:\n  - {id: fast, bar: 5m, windows: [[0m, 30m]]}\n"
    assert run(write_config(tmp_path, ("studies:\n", fast))).exit_code == 0
    found = answer(
        tmp_path / "es.db",
        "select study, status, reason, is_headline from reactions where event_id = 'meeting' group by 1",
    )
    assert found == [
        ("fast", "skipped", "USDCNY has one fixing a day and no bars; name a source that has bars", 0),
        ("total", "ok", None, 1),
    ]
    page = (tmp_path / "reports" / "meeting.html").read_text("utf-8")
    assert "Nothing can be said about the dollar in yuan by the minute: USDCNY has one fixing a day" in page


def on_files(tmp_path: Path, bar: str, *, stamps: str = "Z", own: str = "5m", when: str = "at: 2023-03-22T18:00Z"):
    """The settings of a study of the bars of AAA in a file, whose stamps end so."""
    path = write_config(tmp_path)
    head, _, _ = path.read_text("utf-8").partition("sources:")
    with (CASE / "bars.csv").open(encoding="utf-8") as file:
        rows = [line.replace("Z,", f"{stamps},", 1) for line in file if line.startswith(("symbol", "AAA"))]
    (tmp_path / "bars.csv").write_text("".join(rows), "utf-8")
    path.write_text(
        f"""{head}sources:
  minutes: {{kind: files, path: {tmp_path}/bars.csv, bar: {own}, currency: USD, columns: {{date: start}}}}
assets:
  AAA: {{source: minutes, calendar: XNYS}}
studies:
  - {{id: fast, bar: {bar}, mask_events: false, windows: [[0m, 15m], [0m, 30m]]}}
captures: {{bars: []}}
events:
  - {{id: boundary, title: The news, announced_{when}, assets: [AAA]}}
""",
        "utf-8",
    )
    return path


def test_bars_of_files_are_studied_however_old_they_are(tmp_path):
    result = run(on_files(tmp_path, "5m"))
    assert (result.exit_code, result.troubles) == (0, [])
    wanted = next(e for e in EXPECTED if e["event_id"] == "boundary" and e["window"] == [0, 30])
    ((t, verdict),) = answer(tmp_path / "es.db", "select t, verdict from reactions where window_end = 30")
    assert near(t, wanted["paced"]["t"])
    assert verdict == "strong"
    packed = eventstudy("bundle", "fast", "--db", tmp_path / "es.db", "-o", tmp_path / "x.zip", "--json")
    assert (packed.code, json.loads(packed.out)["values"] > 500) == (0, True)


def test_bars_that_a_file_is_finer_than_are_made_of_its_own(tmp_path):
    result = run(on_files(tmp_path, "15m"))
    assert (result.exit_code, result.troubles) == (0, [])
    ((before, at),) = answer(tmp_path / "es.db", "select price_before, price_at from reactions where window_end = 30")
    with (CASE / "bars.csv").open(encoding="utf-8") as file:
        close = {row["start"]: row["close"] for row in csv.DictReader(file) if row["symbol"] == "AAA"}
    page = (tmp_path / "reports" / "boundary.html").read_text("utf-8")
    assert "AAA: bars of 15m were made of bars of 5m" in page
    assert "Every price series (1)" in page
    # the last closes of the quarters that end at 18:00 and at 18:30
    assert (before, at) == (float(close["2023-03-22T17:55:00Z"]), float(close["2023-03-22T18:25:00Z"]))


@pytest.mark.parametrize(
    ("bar", "changes", "words"),
    [
        ("1m", {}, "of bars of 5m none of 1m can be made: write bar: 5m in the study, or give finer ones"),
        ("5m", {"when": "at: 2022-11-01T18:00Z"}, "give bars up to the announcement and of 20 sessions before it"),
        ("5m", {"stamps": ""}, "the files of minutes gave no bars of AAA near it"),
    ],
)
def test_an_announcement_that_a_file_has_no_bars_for_says_what_to_do(tmp_path, bar, changes, words):
    result = run(on_files(tmp_path, bar, **changes))
    assert result.exit_code == 3
    ((reason,),) = answer(tmp_path / "es.db", "select distinct reason from reactions")
    assert words in reason
    # and the pass says what was wrong with the file
    wrong = "line 2: a time without a zone (got '2022-11-21 14:30:00'); write it with its offset"
    assert any(wrong in trouble for trouble in result.troubles) == (changes.get("stamps") == "")


def test_of_an_unknown_minute_the_first_sentence_says_that_another_may_lead_elsewhere(tmp_path):
    """The case has the news at 18:00; half an hour before it nothing moved."""
    run(on_files(tmp_path, "5m", when="between: [2023-03-22T17:30Z, 2023-03-22T18:00Z]"))
    page = (tmp_path / "reports" / "boundary.html").read_text("utf-8")
    said = " ".join(texts(page[: page.index("<table")]))
    assert "13:30 New York (17:30 UTC): in the first 15 minutes, AAA moved" in said
    assert "That is for the earliest minute of the news. The verdict depends on the minute." in said
