"""A source that has nothing newer, or says nothing, is a failure that is told and tried again."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest

from eventstudy.config.load import load_config
from eventstudy.errors import SourceDown
from eventstudy.prices import open_source
from eventstudy.prices.ecb import EcbSource
from eventstudy.store.sync import gather
from jobs import nightly, pull
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, beat, rows, run, write_config
from tests.support.series import weekdays

DAY = dt.timedelta(days=1)


# --- a source that has nothing newer, and says nothing of it ----------------------------------------------------------


@pytest.fixture
def market(tmp_path):
    """Two shares in files, both with prices to the end of March 2023, or as far as they are cut to."""
    days = weekdays("2022-10-03", 128)
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, (128, 2)), axis=0))
    (tmp_path / "prices").mkdir()

    def write(**ends: str) -> None:
        for j, name in enumerate(("AAA", "BBB")):
            last = np.datetime64(ends.get(name, "2023-03-29"))
            lines = [f"{day},{price!r}" for day, price in zip(days, closes[:, j].tolist(), strict=True) if day <= last]
            (tmp_path / "prices" / f"{name}.csv").write_text("\n".join(["date,close", *lines]) + "\n")

    write()
    return write


def files_config(folder):
    return write_config(
        folder,
        ("  ecb: {kind: ecb}", f"  ecb: {{kind: files, path: {folder}/prices, shape: long}}"),
        ("  EURUSD: {source: ecb}\n  USDCNY: {source: ecb, title: the dollar in yuan}\n  USDRUB: {source: ecb}\n",
         "  AAA: {source: ecb}\n  BBB: {source: ecb}\n"),
        ("assets: [USDCNY, EURUSD]", "assets: [AAA, BBB]"),
        ('  - {id: meeting, title: A meeting, announced_at: "2022-09-15T07:00Z", assets: [USDCNY]}\n', ""),
    )  # fmt: skip


def test_a_source_that_goes_silent_inside_a_window_is_a_failure_that_is_tried_again(tmp_path, market, clock):
    path = files_config(tmp_path)
    market(AAA="2023-03-20")  # a day after the announcement, with a window of two
    at = dt.datetime(2023, 3, 24, 23, 30, tzinfo=dt.UTC)
    assert run(path, now=lambda: at).exit_code == 0  # it may be late
    over = dt.datetime(2023, 4, 12, 23, 30, tzinfo=dt.UTC)
    result = run(path, now=lambda: over)
    said = "prices of AAA end on 2023-03-20, before the windows do"
    assert (result.exit_code, result.status, result.troubles) == (3, "partial", [f"visit: {said}"])
    assert rows(tmp_path / "es.db", "select reason from retry_queue") == [(said,)]
    result = run(path, now=lambda: over)  # it waits for its next attempt, and all is not well
    assert (result.exit_code, result.studied) == (3, [])
    assert result.troubles[0].startswith(f"visit: {said}; attempt 2 of ")
    clock(over)
    assert said in eventstudy("status", "--config", path).out
    assert "prices of AAA end on 20 March 2023" in eventstudy("digest", "--config", path).out
    market()
    result = run(path, now=lambda: over + DAY)
    assert (result.exit_code, result.studied) == (0, ["visit"])
    assert rows(tmp_path / "es.db", "select count(*) from retry_queue") == [(0,)]
    assert rows(tmp_path / "es.db", "select asset, max(tau) from daily join analyses using (analysis_id) group by 1") \
        == [("AAA", 2), ("BBB", 2)]  # fmt: skip
    assert run(path, now=lambda: over + 2 * DAY, is_full=False).studied == []


@pytest.mark.parametrize("ends", [{"AAA": "2023-03-10", "BBB": "2023-03-10"}, {"BBB": "2023-02-01"}])
def test_a_source_that_went_silent_before_the_announcement_is_one_too(tmp_path, market, ends):
    path = files_config(tmp_path)
    market(**ends)
    over = dt.datetime(2023, 4, 12, 23, 30, tzinfo=dt.UTC)
    result = run(path, now=lambda: over)
    name, end = min(ends.items())
    assert result.exit_code == 3
    said = f"prices of {name} end on {end}, before the announcement"
    assert f"visit: {said}" in result.troubles
    assert rows(tmp_path / "es.db", "select reason from run_steps where step = 'study'") == [(said,)]
    market()
    result = run(path, now=lambda: over + DAY)
    assert (result.exit_code, result.outcomes["visit"]) == (0, ("ok", None))


def test_prices_that_were_over_long_before_are_believed(tmp_path, market):
    path = files_config(tmp_path)
    market(BBB="2022-11-11")
    result = run(path, now=lambda: dt.datetime(2023, 4, 12, 23, 30, tzinfo=dt.UTC))
    assert (result.exit_code, result.outcomes["visit"][0], result.troubles) == (0, "partial", [])


def test_no_other_asset_hides_one_that_goes_silent(tmp_path, market):
    path = files_config(tmp_path)
    market(BBB="2023-03-20")
    prices = tmp_path / "prices" / "AAA.csv"
    prices.write_text(re.sub("(?m)^2023-03-21,.*$", "2023-03-21,", prices.read_text()))  # ends early, and goes on
    result = run(path, now=lambda: dt.datetime(2023, 4, 12, 23, 30, tzinfo=dt.UTC))
    assert result.troubles == ["visit: prices of BBB end on 2023-03-20, before the windows do"]


def test_an_answer_that_ends_before_what_is_known_is_a_fault_and_loses_nothing(tmp_path, market):
    path = files_config(tmp_path)
    at = dt.datetime(2023, 3, 29, 23, 30, tzinfo=dt.UTC)
    run(path, now=lambda: at)
    bars = "select count(*) from bars where symbol = 'AAA'"
    before = rows(tmp_path / "es.db", bars)
    market(AAA="2023-03-20")
    # a file speaks of no day after its last one, so the source is told to speak of all
    config = load_config(path, environ={})

    class Lying:
        name, version = "ecb", "1"

        def __init__(self, real):
            self.real, self.facts = real, real.facts

        def fetch(self, *given):
            import dataclasses

            return dataclasses.replace(self.real.fetch(*given), reach=(None, None))

    real = pull.open_source
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pull, "open_source", lambda *a: Lying(real(*a)))
        result = nightly.run(config, gather(config, at, file="c").events, now=lambda: at + DAY, trigger="test")
    assert result.exit_code == 3
    assert "it ends on 2023-03-20 now, where it held 6 bars after that before" in " ".join(result.troubles)
    assert rows(tmp_path / "es.db", bars) == before


def test_young_events_that_wait_to_be_tried_again_are_named_too(tmp_path, market, monkeypatch):
    two = '  - {id: two, title: Two, announced_at: "2023-03-29T16:00Z", assets: [BBB]}\n'
    path = files_config(tmp_path)
    path.write_text(path.read_text().replace("events:\n", f"events:\n{two}").replace("2023-03-17", "2023-03-29"))
    refuse = lambda symbol: SourceDown("no route", source="ecb", symbol=symbol)  # noqa: E731
    at = dt.datetime(2023, 3, 29, 20, 0, tzinfo=dt.UTC)
    with monkeypatch.context() as patch:
        patch.setattr(pull, "open_source", lambda *a: Down(open_source(*a), refuse, {"BBB"}))
        assert run(path, now=lambda: at).exit_code == 3
    result = run(path, now=lambda: at)
    assert (result.exit_code, result.outcomes["two"][0]) == (3, "pending")
    (said,) = result.troubles
    assert said.startswith("visit and 1 more: BBB from ecb: no route; attempt 2 of ")


# --- a source that is down is remembered until it answers -------------------------------------------------------------


def test_code_5_stays_until_the_source_answers(tmp_path, monkeypatch, market):
    path = write_config(
        tmp_path,
        (
            "  ecb: {kind: ecb}\n",
            f"  ecb: {{kind: ecb}}\n  desk: {{kind: files, path: {tmp_path}/prices, shape: long}}\n",
        ),
        ("  EURUSD: {source: ecb}", "  EURUSD: {source: ecb}\n  AAA: {source: desk}"),
        ("assets: [USDCNY]}", "assets: [AAA]}"),
        ("2022-09-15T07:00Z", "2023-03-20T07:00Z"),
    )
    real = EcbSource.fetch

    def down(self, symbol, *_, **__):
        raise SourceDown("no route to host", source="ecb", symbol=symbol)

    monkeypatch.setattr(EcbSource, "fetch", down)
    minute = dt.timedelta(minutes=1)
    assert run(path, now=lambda: NOW).exit_code == 5
    assert run(path, now=lambda: NOW + minute, only=["meeting"]).exit_code == 0
    result = run(path, now=lambda: NOW + 2 * minute)  # nothing is due: the retry is to come
    assert (result.exit_code, result.status) == (5, "partial")
    # another source is asked, and answers: that says nothing of the one that was down
    path.write_text(path.read_text().replace("2023-03-20T07:00Z", "2023-03-21T07:00Z"))
    result = run(path, now=lambda: NOW + 3 * minute)
    assert ("meeting" in result.studied, result.exit_code, beat(tmp_path).last_good) == (True, 5, None)
    assert any(trouble.startswith("ecb was down when it was last asked") for trouble in result.troubles)
    # nor does an event that waits for nothing but another source, or for its announcement
    path.write_text(path.read_text().replace("2023-03-17T07:00Z", "2031-03-17T07:00Z"))
    result = run(path, now=lambda: NOW + 4 * minute)
    assert (result.exit_code, result.troubles, beat(tmp_path).last_good) == (0, [], NOW + 4 * minute)
    path.write_text(path.read_text().replace("2031-03-17T07:00Z", "2023-03-17T07:00Z"))
    assert run(path, now=lambda: NOW + 5 * minute).exit_code == 5
    monkeypatch.setattr(EcbSource, "fetch", real)
    assert run(path, now=lambda: NOW + DAY).exit_code == 0
    assert beat(tmp_path).last_good == NOW + DAY
    assert (
        rows(
            tmp_path / "es.db",
            "select subject from notices where step = 'source' and ended_at is null and kind = 'failure'",
        )
        == []
    )
