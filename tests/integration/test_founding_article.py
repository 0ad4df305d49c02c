"""The founding article from draft to page: on fixings, on days of a made-up Yahoo, and on its minutes: three answers.

The Yahoo serves bars of our own making that end as the ICE index did on 17 March 2023: 0.68 % below the close before.
Its night falls before seven in the morning UTC, when the news came, and again after it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.support.articles import FOLDER
from tests.support.command import eventstudy
from tests.support.passes import run
from tests.support.yahoo_server import YahooServer, chart

pytestmark = pytest.mark.long  # three passes, one of them over sixty days of minutes

XI = FOLDER / "01-xi-moscow-2023.txt"
AT = "2023-03-17T07:00Z"
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = dt.datetime(2023, 3, 18, 2, 0, tzinfo=dt.UTC)
THE_DAY = dt.date(2023, 3, 17)


def weekdays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for n in range((last - first).days + 1):
        day = first + dt.timedelta(days=n)
        if day.weekday() < 5:
            yield day


def waves(n: int) -> float:
    """Something between -1 and 1 that does not repeat."""
    return math.sin(12.9898 * n) * math.cos(4.1414 * n)


def daily() -> dict[str, object]:
    """Days with a spread of about 0.7 %, then 104.42 and 103.71, whose low was 103.68."""
    days = list(weekdays(dt.date(2022, 6, 1), THE_DAY))
    closes = [round(105 * (1 + 0.01 * waves(n)), 3) for n in range(len(days))]
    closes[-3:] = [104.65, 104.42, 103.71]
    found = chart(
        list(zip([f"{day} 00:00" for day in days], closes, strict=True)),
        kind="INDEX",
        exchange="NYB",
        hours=("00:00", "17:00"),
    )
    quote = found["chart"]["result"][0]["indicators"]["quote"][0]
    quote["high"] = [round(c * 1.002, 3) for c in closes[:-1]] + [104.50]
    quote["low"] = [round(c * 0.998, 3) for c in closes[:-1]] + [103.68]
    quote["open"] = [*closes[:-1], 104.40]
    return found


def minutes() -> dict[str, object]:
    """Five minutes at a time, day and night: on the day 104.42, 104.30 when the news came, 103.80 two hours later."""
    rows: list[tuple[str, float]] = []
    for number, day in enumerate(weekdays(dt.date(2023, 1, 18), THE_DAY)):
        for n in range(17 * 12):
            price = 104.4 * (1 + 0.002 * waves(number) + 0.001 * waves(number * 204 + n))
            if day == THE_DAY:
                price = 104.42 - 0.12 * min(n / 36, 1) - (0.5 * min((n - 36) / 24, 1) if n > 36 else 0)
            rows.append((f"{day} {n // 12:02}:{n % 12 * 5:02}", round(price, 3)))
    return chart(rows, kind="INDEX", exchange="NYB", hours=("00:00", "17:00"), is_intraday=True)


def from_draft(folder: Path, settings: dict[str, object]) -> tuple[Path, str]:
    """Settings with the event that a draft of the article gives beside them, confirmed as it is."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings), "utf-8")
    drafted = yaml.safe_load(eventstudy("draft", XI, "--at", AT, "--config", str(path)).out)
    event = {**drafted["events"][0], "assets": ["ICE"]}
    path.write_text(yaml.safe_dump({**settings, "events": [event]}), "utf-8")
    return path, event["id"]


def yahoo_settings(folder: Path, server: YahooServer, **more: object) -> dict[str, object]:
    return {
        "version": 1,
        "database": f"{folder}/es.db",
        "reports": f"{folder}/reports",
        "sources": {"yahoo": {"kind": "yahoo", "endpoint": server.url, "cache": f"{folder}/yf", "pace": 0}},
        "assets": {
            "ICE": {"source": "yahoo", "symbol": "DX-Y.NYB", "title": "the ICE US dollar index", "calendar": "none"}
        },
        "studies": [
            {"id": "total", "model": "constant-mean", "returns": "simple", "estimation": [-135, -16],
             "event_window": [-5, 0], "windows": [[0, 0]]}
        ],
        "captures": {"bars": [], "standing": []},
        "schedule": {"at": "23:30"},
        **more,
    }  # fmt: skip


def answers(path: Path, event_id: str) -> dict[str, dict[str, object]]:
    found = json.loads(eventstudy("claims", "--event", event_id, "--config", str(path), "--json").out)
    low, after = "falling as much as 0.5%", "The Bloomberg Dollar Spot Index extended its loss after the news"
    return {
        name: next(claim for claim in found["claims"] if claim["text"] == text)
        for name, text in (("low", low), ("after", after))
    }


def page(path: Path, event_id: str) -> tuple[str, str]:
    """The first sentences of the answer, and the whole page."""
    done = eventstudy("report", event_id, "--config", str(path), "--json")
    said = json.loads(done.out)
    return " ".join(said["answer"][1]), Path(said["page"]).read_text("utf-8")


def test_on_fixings_the_move_was_ordinary_and_no_low_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "draft.yaml"
    path.write_text(eventstudy("draft", XI, "--at", AT).out, "utf-8")
    event_id = yaml.safe_load(path.read_text("utf-8"))["events"][0]["id"]
    said, shown = page(path, event_id)
    assert said.startswith("No. The US dollar index's move was ordinary")
    assert "fell 0.24\u202f%" in said
    low = answers(path, event_id)["low"]
    assert (low["answer"], low["on_proxy"]) == ("cannot be checked", "cannot be checked")
    assert "What was claimed" in shown


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with YahooServer() as server:
        server.serve("DX-Y.NYB", daily())
        server.serve("DX-Y.NYB", minutes(), "5m")
        server.now = NIGHT
        yield server


def test_on_days_the_low_was_reached_by_a_proxy_and_was_no_reaction(tmp_path: Path, server: YahooServer) -> None:
    path, event_id = from_draft(tmp_path, yahoo_settings(tmp_path, server))
    assert run(path, now=lambda: NIGHT).troubles == []
    said, shown = page(path, event_id)
    assert "The ICE US dollar index fell 0.68\u202f%" in said  # 103.71 / 104.42 - 1
    found = answers(path, event_id)
    low = found["low"]
    assert (low["answer"], low["on_proxy"]) == ("cannot be checked", "supported")  # 103.68 / 104.42 - 1 = -0.71 %
    assert low["measured"] == pytest.approx(-0.71, abs=0.01)
    assert low["reaction"]["answer"] == "not supported"
    after = found["after"]
    assert after["on_proxy"] == "cannot be checked", "a day holds what came before the news and what after"
    assert "Bloomberg Dollar Spot Index" in shown


def test_on_minutes_the_loss_was_extended_after_the_news(tmp_path: Path, server: YahooServer) -> None:
    fast = {"id": "fast", "title": "By the minute", "bar": "5m", "windows": [["0m", "60m"], ["0m", "120m"]]}
    settings = yahoo_settings(tmp_path, server, captures={"bars": ["5m"], "standing": ["5m"]})
    settings["studies"].append(fast)
    path, event_id = from_draft(tmp_path, settings)
    assert run(path, now=lambda: NIGHT).troubles == []
    found = answers(path, event_id)
    after = found["after"]
    assert (after["answer"], after["on_proxy"]) == ("cannot be checked", "supported")
    assert "minutes" in after["route"]
    _, shown = page(path, event_id)
    assert "By the minute" in shown
    assert eventstudy("report", "--config", str(path), "--check", str(tmp_path / f"reports/{event_id}.html")).code == 0
