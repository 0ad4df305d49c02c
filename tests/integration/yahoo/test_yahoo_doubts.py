"""Prices of Yahoo's that are in doubt, from the answer to the verdict: rows 14 to 16 of what once gave a false one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.nightly import PassResult
from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config
from tests.support.yahoo_server import chart

DAYS = np.arange(np.datetime64("2023-09-01"), np.datetime64("2024-04-27"))
DAYS = DAYS[np.is_busday(DAYS, holidays=["2023-09-04", "2023-11-23", "2023-12-25", "2024-01-01", "2024-01-15"])]
DAYS = DAYS[~np.isin(DAYS, np.array(["2024-02-19", "2024-03-29"], "datetime64[D]"))]
DAY0 = int(np.searchsorted(DAYS, np.datetime64("2024-03-13")))
CLOSE = 109.0 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, DAYS.size)))
Change = Callable[[dict[str, Any]], None]


def answer(change: Change | None = None) -> dict[str, Any]:
    """Bars whose low and high are one percent round the close, the news of 13 March 2024 moving it by four."""
    close = CLOSE.copy()
    close[DAY0:] *= 1.04
    out = chart([(f"{day} 09:30", round(float(c), 4)) for day, c in zip(DAYS, close, strict=True)])
    quote = out["chart"]["result"][0]["indicators"]["quote"][0]
    quote["high"] = [c * 1.01 for c in quote["close"]]
    quote["low"] = [c * 0.99 for c in quote["close"]]
    if change is not None:
        change(out["chart"]["result"][0])
    return copy.deepcopy(out)


def times(factor: float, *places: int) -> Change:
    def change(result: dict[str, Any]) -> None:
        for i in places:
            result["indicators"]["quote"][0]["close"][i] *= factor

    return change


def unpaid(result: dict[str, Any]) -> None:
    date = result["timestamp"][DAY0]
    result["events"] = {"dividends": {str(date): {"amount": 30.0, "date": date}}}


@pytest.fixture
def studied(tmp_path: Path, server: Any, cache_dir: Path, symbol: str) -> Any:
    """One event on a share, studied in one pass: the pass, the row of `analyses`, and verdict, reason by window."""

    def go(change: Change | None = None) -> tuple[PassResult, dict[str, Any], dict[int, tuple[str, str]]]:
        source = f"  yahoo: {{kind: yahoo, endpoint: '{server.url}', cache: '{cache_dir}', pace: 0, attempts: 1}}\n"
        path = write_config(
            tmp_path,
            ("  ecb: {kind: ecb}\n", f"  ecb: {{kind: ecb}}\n{source}"),
            ("    windows:", "    min_estimation: 40\n    windows:"),
            ("assets:\n", f"assets:\n  AAA: {{source: yahoo, symbol: {symbol}}}\n"),
            more='  - {id: news, title: News, announced_at: "2024-03-13T10:00-04:00", assets: [AAA]}\n',
        )
        server.serve(symbol, answer(change))
        result = run(path)
        db = tmp_path / "es.db"
        sql = "select status, reason, n_estimation, text from analyses join texts on text_id = notes_id"
        (found,) = rows(db, f"{sql} where event_id = 'news'")
        windows = {
            end: (verdict, reason)
            for end, verdict, reason in rows(
                db, "select window_end, verdict, reason from reactions where event_id = 'news'"
            )
        }
        return result, dict(zip(("status", "reason", "n_estimation", "notes"), found, strict=True)), windows

    return go


def test_the_undisturbed_share_reacts(studied):
    result, found, windows = studied()
    assert result.exit_code == 0
    assert (found["status"], windows[0][0]) == ("ok", "strong")


@pytest.mark.parametrize(
    ("change", "flag"),
    [(times(10.0, DAY0), "close outside the low and high of its bar"), (unpaid, "dividend that the price did not")],
    ids=["tenfold close", "dividend of 30"],
)
def test_no_verdict_on_a_price_in_doubt(studied, tmp_path, change, flag):
    result, found, windows = studied(change)
    assert found["status"] == "skipped"
    assert found["reason"].startswith("price in doubt: AAA: ")
    assert flag in found["reason"]
    assert "2024-03-13" in found["reason"]
    assert "eventstudy prices confirm AAA 2024-03-13" in found["reason"]
    assert {verdict for verdict, _ in windows.values()} == {"not computable"}
    assert result.exit_code == 3
    status, reason = result.outcomes["news"]
    assert (status, reason) == ("failed", found["reason"])
    assert found["reason"] in rows(tmp_path / "es.db", "select group_concat(reason) from notices")[0][0]


def test_a_tick_of_the_estimation_window_costs_its_returns_and_no_more(studied):
    _, found, windows = studied(times(10.0, DAY0 - 30))
    assert windows[0][0] == "strong"
    assert f"on {DAYS[DAY0 - 30]}" in found["notes"]
    assert "left out" in found["notes"]


def renamed(**meta: Any) -> Change:
    return lambda result: result["meta"].update(meta)


def test_an_answer_of_another_symbol_is_refused(studied, symbol):
    result, found, windows = studied(renamed(symbol="ZZZ"))
    assert result.exit_code == 5
    assert "the answer is of ZZZ" in found["reason"]
    assert {verdict for verdict, _ in windows.values()} == {"not computable"}


@pytest.mark.parametrize("symbol", ["7203.T"])
def test_an_answer_of_another_venue_is_in_doubt(studied, symbol):
    result, found, windows = studied()
    assert result.exit_code == 3
    assert found["reason"].startswith("price in doubt: AAA: another venue on 2024-03-1")
    assert "the answer is of America/New_York, 7203.T of Asia/Tokyo" in found["reason"]
    assert {verdict for verdict, _ in windows.values()} == {"not computable"}


def test_a_person_confirms_a_price_and_the_next_pass_uses_it(studied, tmp_path):
    studied(times(10.0, DAY0))
    config, db = tmp_path / "config.yaml", tmp_path / "es.db"
    doubts = json.loads(eventstudy("prices", "doubts", "AAA", "--json", "--config", config).out)["doubts"]
    assert {doubt["flag"] for doubt in doubts} == {"tenfold", "range", "adjusted"}
    assert {(doubt["first_session"], doubt["confirmed"]) for doubt in doubts} == {("2024-03-13", None)}
    wrong = ("prices", "confirm", "AAA", "2024-03-12", "--by", "Ann", "--reason", "seen", "--config", config)
    done = eventstudy(*wrong)
    assert (done.code, "in doubt are 2024-03-13" in done.err) == (1, True)
    given = (
        "prices",
        "confirm",
        "AAA",
        "2024-03-13",
        "--by",
        "Ann Lee",
        "--reason",
        "as on the tape",
        "--config",
        config,
    )
    dry = eventstudy(*given, "--dry-run")
    assert (dry.code, len(dry.out.splitlines())) == (0, 3)
    assert dry.out.startswith("would be confirmed: ")
    assert eventstudy(*wrong, "--dry-run").code == 1
    assert rows(db, "select * from confirmed_prices") == []
    assert eventstudy(*given).code == 0
    assert eventstudy(*given).code == 1  # it is in doubt no more
    assert rows(db, "select distinct confirmed_by, reason from confirmed_prices") == [("Ann Lee", "as on the tape")]
    for place in (("--config", config), ("--db", db)):
        assert "Ann Lee" in eventstudy("prices", "doubts", *place).out
    result = run(config)
    assert result.outcomes["news"][0] == "ok"
    assert rows(db, "select verdict from reactions where event_id = 'news' and is_primary") == [("strong",)]
    page = (tmp_path / "reports" / "news.html").read_text("utf-8")
    assert "confirmed by Ann Lee" in page
    assert "as on the tape" in page
    assert (
        eventstudy("prices", "confirm", "AAA", "2024-03-13", "--by", " ", "--reason", "x", "--config", config).code == 2
    )
