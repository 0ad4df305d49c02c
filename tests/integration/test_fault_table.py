"""No false price becomes a verdict, whatever is wrong with it, wherever it comes from and wherever it stands."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eventstudy.evidence.rules import examine, quotes_of_days
from eventstudy.prices.ecb import bundled
from tests.docs import fault_page
from tests.support import fault_table
from tests.support.fault_table import CASES, FAULTS, PLACES, SOURCES, TABLE, studied, verdicts

TRUE = ("strong", "strong")


@pytest.mark.parametrize("source", SOURCES)
def test_undisturbed_prices_of_every_source_have_their_verdict(source):
    found = studied(source)
    assert verdicts(found) == TRUE
    assert found.notes == ()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("kind", "source"), CASES, ids=[f"{kind}, {source}" for kind, source in CASES])
def test_no_cell_is_a_wrong_verdict(kind, source, place):
    found = studied(source, place, kind)
    if kind == "a price of zero" and source == TABLE:  # it is none, which a warning says; of peers one is left
        assert (verdicts(found) == TRUE) is (place in ("estimation window", "basket member"))
        assert any("zero or negative" in note for note in found.notes)
        return
    if verdicts(found) == TRUE:
        assert place == "estimation window"
        assert any("left out" in note for note in found.notes)
        return
    assert set(verdicts(found)) == {"not computable"}
    if kind == "a price of zero":  # it is none
        return
    assert (found.reason or "").startswith("price in doubt: ")
    assert {"benchmark": "MKT: ", "basket member": "MMA: "}.get(place, "AAA: ") in found.reason
    assert "mend it at its source" in found.reason


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", ["one bar × 10", "12 bars × 100", "one bar + 40 %"])
def test_a_false_price_the_day_before_is_one_too(kind, source, monkeypatch):
    sources, fault = FAULTS[kind]
    earlier = f"the day before, {kind}"
    monkeypatch.setattr(fault_table, "FAULTS", {earlier: (sources, lambda given, at: fault(given, at - 1))})
    for place in ("tested window", "benchmark"):
        found = studied(source, place, earlier)
        assert set(verdicts(found)) == {"not computable"}
        assert found.reason.startswith("price in doubt: ")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("factor", [0.86, 0.36, 4.0], ids=["a franc", "a profit warning", "a takeover"])
def test_a_true_move_has_its_verdict(source, factor, monkeypatch):
    def move(given, at):
        later = np.arange(given.close.size) >= at
        columns = {name: getattr(given, name) for name in ("open", "high", "low", "close", "adjusted")}
        out = {name: np.where(later, c * factor, c) for name, c in columns.items() if c is not None}
        if given.volume is not None:
            out["volume"] = np.where(np.arange(later.size) == at, 2e7, given.volume)
        return [dataclasses.replace(given, **out)]

    monkeypatch.setattr(fault_table, "FAULTS", {f"× {factor}": (tuple(SOURCES), move)})
    assert verdicts(studied(source, "tested window", f"× {factor}")) == TRUE


@pytest.mark.parametrize("source", ["yahoo", "files"])
def test_an_applied_split_and_a_dividend_that_was_followed_have_their_verdict(source, monkeypatch):
    def act(given, at):
        at_day = np.arange(given.close.size) == at
        paid = 0.03 * given.close[at - 1]
        later = np.arange(given.close.size) >= at
        columns = {name: getattr(given, name) for name in ("open", "high", "low", "close")}
        out = {name: np.where(later, c - paid, c) for name, c in columns.items() if c is not None}
        if given.adjusted is not None:
            out["adjusted"] = np.where(later, given.close - paid, given.close * (1.0 - paid / given.close[at - 1]))
        splits = np.where(at_day, 10.0, 1.0)
        return [dataclasses.replace(given, dividends=np.where(at_day, paid, 0.0), splits=splits, **out)]

    monkeypatch.setattr(fault_table, "FAULTS", {"actions": (("yahoo", "files"), act)})
    assert verdicts(studied(source, "tested window", "actions")) == TRUE


@pytest.mark.parametrize("base", ["EUR", "USD"])
def test_no_day_of_any_currency_since_1999_is_in_doubt(base):
    history = bundled()
    for currency, rates in history.rates.items():
        known = np.flatnonzero(np.isfinite(rates / history.rates[base]))
        here = slice(known[0], known[-1] + 1)
        if currency != base:
            given = quotes_of_days(history.sessions[here], rates[here] / history.rates[base][here])
            assert not [f.text for f in examine(given, may_stand=True) if f.removes], currency


def test_the_page_shows_what_is_published():
    assert fault_page.PAGE.read_text("utf-8") == fault_page.page(), "run python -m tests.docs.fault_page"
