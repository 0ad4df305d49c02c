"""`eventstudy draft`: from an article to settings that load, an event that is studied, and claims that are checked."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
import yaml

from eventstudy.config.load import load_config
from eventstudy.config.model import Config, EventConfig
from eventstudy.config.strict_yaml import load_text
from eventstudy.events.build import build_event, from_config
from eventstudy.instants import parse
from tests.integration.conftest import Demo
from tests.support.articles import FOLDER, path_of, truths
from tests.support.command import Done, eventstudy

AT = ("--at", "2023-03-17T07:00Z")
XI = FOLDER / "01-xi-moscow-2023.txt"
SHIPPED = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No settings are at hand, and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVENTSTUDY_CONFIG", raising=False)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("something was fetched"))


def write(text: str, name: str = "article.txt") -> Path:
    path = Path(name)
    path.write_text(text, "utf-8")
    return path


def draft(*arguments: object) -> Done:
    done = eventstudy("draft", *arguments)
    assert (done.code, done.err) == (0, ""), done.err
    return done


@pytest.mark.parametrize("name", truths())
def test_a_draft_loads_as_whole_settings_and_says_what_the_json_says(name):
    path, options = path_of(name), truths()[name]["options"]
    Path("draft.yaml").write_text(draft(path, *options).out, "utf-8")
    config = load_config(Path("draft.yaml"), {})
    (event,) = from_config(config)
    said = json.loads(draft(path, *options, "--json").out)
    assert event.event_id == said["event"]["id"]
    assert event.title == said["event"]["title"]
    assert list(event.assets) == said["event"]["assets"]
    assert list(event.claims) == said["event"]["claims"]
    assert event.earliest == parse(said["announced"]["earliest"])
    assert [p.name for p in Path().iterdir()] == ["draft.yaml"]  # nothing else was written


def test_beside_settings_a_draft_adds_only_what_they_lack():
    text = draft(XI, *AT, "--config", SHIPPED).out
    added = load_text(text, "draft")
    assert sorted(added) == ["events"]
    (event,) = added["events"]
    assert event["assets"] == ["dollar-index", "USDCNY"]
    config = load_config(SHIPPED, {})
    assert set(event["assets"]) <= set(config.assets)
    built = build_event(EventConfig.model_validate(event), "draft")
    assert built.claims[0].startswith("The Bloomberg Dollar Spot Index extended its loss")


def test_an_asset_that_settings_lack_is_written_out_for_them():
    path = write("Rand slides\n\nCAPE TOWN, 3 March 2023 (Press) - The rand fell 2% against the euro. Oil rose.\n")
    text = draft(path, "--config", SHIPPED).out
    added = load_text(text, "draft")
    assert added["assets"] == {"EURZAR": {"source": "ecb", "title": "the euro in South African rand"}}
    assert "left out: Brent crude: no source of the settings has it; with a source of kind yahoo: BZ=F" in flat(text)
    raw = yaml.safe_load(SHIPPED.read_text("utf-8"))
    raw["assets"] |= added["assets"]
    raw["events"] += added["events"]
    Config.model_validate(raw | {"schedule": {"at": "23:30"}})


def test_an_index_with_a_price_of_its_own_stands_in_before_a_basket():
    raw = yaml.safe_load(SHIPPED.read_text("utf-8")) | {"schedule": {"at": "23:30"}}
    raw["sources"]["yahoo"] = {"kind": "yahoo"}
    raw["assets"]["ICE"] = {"source": "yahoo", "symbol": "DX-Y.NYB", "title": "the ICE US dollar index"}
    write(yaml.safe_dump(raw), "own.yaml")
    text = draft(XI, *AT, "--config", "own.yaml").out
    assert load_text(text, "draft")["events"][0]["assets"][0] == "ICE"
    assert "a proxy: the ICE US dollar index is not the Bloomberg Dollar Spot Index" in flat(text)


def flat(text: str) -> str:
    """Comments in one line, as they were before they were wrapped."""
    return re.sub(r"\s*\n\s*#\s+", " ", text)


def test_every_guess_has_its_reason():
    text = flat(draft(XI, "--published", "2023-03-17").out)
    assert "guess: line 3: \u201cFriday\u201d, against Friday 17 March 2023; no time is told" in text
    assert "guess: a claim, line 7: \u201cThe Bloomberg Dollar Spot Index extended its loss" in text
    assert "a proxy: the formula of the ICE index on ECB fixings, not the Bloomberg Dollar Spot Index" in text
    assert "up is the Chinese yuan down" in text
    assert "the ECB's rate of RUB ends on 2022-03-01" in text
    assert "\u201clast September\u201d: September 2022" in text
    assert 'announced_at: "2023-03-17"\n    zone: Asia/Shanghai' in draft(XI, "--published", "2023-03-17").out


def test_releases_on_file_are_named_with_their_distance_in_sessions():
    text = flat(draft(XI, *AT).out)
    assert "FOMC statement of 22 March 2023, 2023-03-22 18:00 UTC: 3 sessions later" in text
    assert "ECB decision of 16 March 2023, 2023-03-16 13:15 UTC: 1 session earlier" in text


def test_stored_events_that_confound_or_are_related_are_named(demo: Demo):
    said = json.loads(draft(XI, *AT, "--db", demo.database, "--json").out)
    assert "us-payrolls-2023-03" in [one["event_id"] for one in said["confounding"]]
    assert "xi-state-visit-2019" in [one["event_id"] for one in said["related"]]
    assert "snb-floor-2015" not in [one["event_id"] for one in said["related"]]


def test_the_founding_article_goes_from_draft_to_page_and_to_its_claims():
    text = draft(XI, *AT).out
    write(text, "draft.yaml")
    (command,) = re.findall(r"^#   eventstudy (report \S+ --config draft\.yaml)$", text, re.MULTILINE)
    done = eventstudy(*command.split())
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("No detectable reaction. No. The US dollar index's move was ordinary")
    assert "The US dollar index (proxy on ECB fixings) fell 0.24" in done.out
    event_id = command.split()[1]
    checked = json.loads(eventstudy("claims", "--event", event_id, "--config", "draft.yaml", "--json").out)
    assert "cannot be checked" in {claim["answer"] for claim in checked["claims"]}


HOSTILE = (
    '"a": {b: [c}} # x',
    "- a\t*b &c !!python/object/apply:os.system ['id']",
    "% @ ` ' \" \\ \\x41 \u0085 \u2028 \ufeff \u202e \U0001f4a5 \ud83d".replace("\ud83d", ""),
    "yes",
    "null",
    "---",
    "<script>alert(1)</script>",
    "x" * 5000,
    "T25:71:00Z, 24:60 GMT+25, 1 0/0% of 0/0/2000 and 30 February",
)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_text(title):
    path = write(f"{title}\n\nROME, 3 March 2023 (X) - {title} said the euro fell 1% on Friday: {title}\n")
    text = draft(path).out
    added = load_text(text, "draft")
    assert sorted(added) == ["assets", "database", "events", "reports", "sources", "studies", "version"]
    (event,) = added["events"]
    assert isinstance(event["title"], str)
    assert event["title"][:3] == title[:3]
    assert event["assets"] == ["EURUSD"]
    assert all(c.isprintable() or c == "\n" for c in text)


def test_an_article_that_names_no_price_is_context_until_assets_are_listed():
    path = write("Rain expected\n\nIt rained on 3 March 2023.\n")
    (event,) = from_config(_loaded(draft(path).out))
    assert (event.kind, event.assets) == ("context", ())


def _loaded(text: str) -> Config:
    write(text, "draft.yaml")
    return load_config(Path("draft.yaml"), {})


@pytest.mark.parametrize(
    ("content", "options", "code", "words"),
    [
        (b"", AT, 1, "holds no text"),
        (b" \n\n", AT, 1, "holds no text"),
        (b"\x7fELF\x00\x01\x02", AT, 1, "zero byte"),
        (b"\xff\xfeD\x00o\x00", AT, 1, "UTF-16"),
        (b"caf\xe9", AT, 1, "not UTF-8"),
        (b"the dollar fell. " * 20000, AT, 1, "larger than the 200 kB of a long article"),
        (b"<!DOCTYPE html><p>The dollar fell.", AT, 1, "is a web page, not plain text"),
        (b"Dollar falls\n\nIt fell.\n", (), 1, "no date is printed on it; give --published 2023-03-17"),
        (b"Dollar\n\nROME, March 3 (X) - It fell.\n", (), 1, "its dateline says 3 March, and no year is printed"),
        (b"Dollar falls\n", ("--at", "2022-13-45"), 2, "--at: not an ISO 8601 date"),
        (b"Dollar falls\n", ("--at", "2023-03-17T07:00"), 2, "--at: a time without a zone"),
        (b"Dollar falls\n", ("--at", "2023-03-17"), 2, "--at: a date without a zone"),
        (b"Dollar falls\n", ("--published", "2023-03-17T07:00"), 2, "--published: a time without a zone"),
        (b"Dollar falls\n", ("--published", "soon"), 2, "--published: not an ISO 8601 date"),
        (b"Dollar falls\n", (*AT, "--zone", "Mars"), 2, "--zone: unknown time zone"),
        (b"Dollar falls\n", (*AT, "--config", "none.yaml"), 1, "none.yaml: there is no such file"),
        (b"Dollar falls\n", (*AT, "--db", "none.db"), 1, "there is no results database"),
    ],
)
def test_what_cannot_be_drafted_says_what_to_do(content, options, code, words):
    Path("article.txt").write_bytes(content)
    done = eventstudy("draft", "article.txt", *options)
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_a_date_alone_takes_the_zone_of_the_dateline_and_says_so():
    path = write("Rand slides\n\nCAPE TOWN, 3 March (Press) - The rand fell.\n")
    out = draft(path, "--at", "2023-03-03").out
    assert 'announced_at: "2023-03-03"\n    zone: Africa/Johannesburg' in out
    assert "the day of Cape Town, the city of the dateline" in out


def test_relative_dates_count_from_published_and_not_from_at():
    path = write("Dollar falls\n\nThe bank said on Friday it would act.\n")
    said = json.loads(draft(path, *AT, "--published", "2023-03-20", "--json").out)
    assert said["resolved_against"]["day"] == "2023-03-20"
    assert [date["first"] for date in said["dates"]] == ["2023-03-17"]
    assert said["event"]["announced_at"] == "2023-03-17T07:00:00Z"


def test_a_printed_day_is_that_of_its_city_and_not_new_yorks():
    path = write("Aussie jumps\n\nSYDNEY, 3 May 2023 (Press) - The Aussie rose, the bank said on Tuesday.\n")
    said = json.loads(draft(path, "--json").out)
    assert said["announced"]["earliest"] == "2023-05-01T14:00:00Z"  # Tuesday's midnight in Sydney, ten hours ahead


def test_a_file_that_is_not_there_is_an_error():
    done = eventstudy("draft", "none.txt", *AT)
    assert (done.code, done.out) == (1, "")
    assert "none.txt" in done.err
