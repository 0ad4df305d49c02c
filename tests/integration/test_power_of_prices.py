"""`eventstudy power` on the prices of the archive."""

from __future__ import annotations

import json

import numpy as np
import pytest

import eventstudy as es
from tests.integration.conftest import Demo
from tests.support.command import eventstudy

ASKED = ("power", "--effect", 0.005, "--symbols", "EURUSD, GBPUSD")


def test_sigma_and_correlation_are_those_of_the_stored_prices(demo: Demo) -> None:
    prices = es.open_results(demo.database).prices(["EURUSD", "GBPUSD"])
    returns = np.log(prices.pivot_table(index="session", columns="symbol", values="close")).diff()
    done = eventstudy(*ASKED, "--events", 2, "--one-date", "--db", demo.database, "--json")
    found = json.loads(done.out)
    assert found["sigma"] == pytest.approx(np.sqrt(returns.var().mean()), rel=1e-12)
    assert found["correlation"] == pytest.approx(returns.corr().loc["EURUSD", "GBPUSD"], rel=1e-12)
    assert found["simulated"] == es.power(2, 0.005, returns=returns, one_date=True).simulated
    mean = (returns - returns.mean()).dropna().mean(axis=1) + 0.005  # both symbols, so each day is one study
    limit = 1.959964 * found["sigma"] / np.sqrt(found["effective_events"])
    assert found["simulated"] == pytest.approx((mean.abs() > limit).mean(), abs=4 * np.sqrt(0.25 / 10_000))


def test_the_curve_is_drawn_and_the_share_is_said(demo: Demo, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    done = eventstudy(*ASKED, "--events", 8, "--db", demo.database, "-o", tmp_path / "p.svg")
    assert (done.code, done.err) == (0, "")
    assert "of 10,000 studies of days drawn from the stored returns" in done.out
    assert (tmp_path / "p.svg").read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("--symbols", "NOPE"), 1, "no prices of this symbol are stored"),
        (("--one-date",), 1, "more events than assets"),
        (("-o", "curve.gif"), 2, "a picture ends in .svg, .png, .pdf"),
    ],
)
def test_what_cannot_be_asked_is_named(demo: Demo, more: tuple[str, ...], code: int, words: str) -> None:
    done = eventstudy(*ASKED, "--events", 8, "--db", demo.database, *more)
    assert (done.code, words in done.err) == (code, True)


def test_one_date_needs_symbols() -> None:
    done = eventstudy("power", "--events", 8, "--effect", 0.01, "--sigma", 0.02, "--one-date")
    assert (done.code, "--one-date says how days of --symbols are drawn" in done.err) == (2, True)
