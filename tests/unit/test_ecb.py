"""The ECB's reference rates, held against the file's own rows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from eventstudy.errors import CannotEstimate, NoDataInRange, UnknownSymbol
from eventstudy.prices.baskets import geometric_basket, leave_out
from eventstudy.prices.ecb import EcbSource
from eventstudy.records import PriceSeries

SOURCE = EcbSource()
# The rows of the ECB's file, as published: units per euro
ROW_17 = {"USD": 1.0623, "JPY": 140.57, "GBP": 0.87488}
DOLLAR_INDEX = {"EURUSD": -0.576, "USDJPY": 0.136, "GBPUSD": -0.119, "USDCAD": 0.091, "USDSEK": 0.042, "USDCHF": 0.036}


def fetch(symbol: str, first: str = "2023-03-01", last: str = "2023-03-31") -> PriceSeries:
    found = SOURCE.fetch(symbol, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return PriceSeries(
        asset=symbol,
        source="ecb",
        sessions=found.sessions,
        instants=found.instants,
        prices=found.close,
        notes=found.notes,
    )


def at(series: PriceSeries, day: str) -> float:
    return float(series.prices[series.sessions == np.datetime64(day)][0])


@pytest.mark.parametrize(
    ("symbol", "wanted"),
    [
        ("EURUSD", ROW_17["USD"]),
        ("USDEUR", 1 / ROW_17["USD"]),
        ("USDJPY", ROW_17["JPY"] / ROW_17["USD"]),
        ("GBPUSD", ROW_17["USD"] / ROW_17["GBP"]),
        ("GBP/JPY", ROW_17["JPY"] / ROW_17["GBP"]),
    ],
)
def test_every_pair_is_a_cross_of_two_rows(symbol: str, wanted: float) -> None:
    assert at(fetch(symbol), "2023-03-17") == pytest.approx(wanted, rel=1e-14)


def test_a_fixing_is_at_a_quarter_past_two_in_frankfurt() -> None:
    series = fetch("EURUSD")
    clock = {str(s): str(i)[11:16] for s, i in zip(series.sessions, series.instants, strict=True)}
    assert clock["2023-03-24"] == "13:15"  # winter
    assert clock["2023-03-27"] == "12:15"  # summer
    assert "2023-03-25" not in clock


def test_the_dollar_index_of_the_issue() -> None:
    parts = {symbol: fetch(symbol) for symbol in DOLLAR_INDEX}
    index = geometric_basket("dollar-index", 50.14348112, DOLLAR_INDEX, parts)
    assert at(index, "2023-03-17") == pytest.approx(104.2145, abs=5e-5)
    assert at(index, "2023-03-17") / at(index, "2023-03-16") - 1 == pytest.approx(-0.00237, abs=5e-6)
    assert at(index, "2023-03-16") / at(index, "2023-03-15") - 1 == pytest.approx(-0.00228, abs=5e-6)


def test_the_rouble_ends_and_says_so() -> None:
    with pytest.raises(NoDataInRange, match=r"2022-03-01.*suspended"):
        fetch("USDRUB")
    series = fetch("USDRUB", "2022-02-20", "2022-03-10")
    assert np.isnan(at(series, "2022-03-02"))
    assert at(series, "2022-03-01") > 100
    assert any("suspended" in note for note in series.notes)


@pytest.mark.parametrize("symbol", ["EURXXX", "EUR", "eurusd", "EUREUR", "AAPL", "'; drop table events;--", ""])
def test_symbols_that_it_does_not_have(symbol: str) -> None:
    with pytest.raises(UnknownSymbol, match="EURUSD"):
        fetch(symbol)


def test_a_range_without_a_fixing() -> None:
    with pytest.raises(NoDataInRange):
        fetch("EURUSD", "2023-03-18", "2023-03-19")


ATOMS = {
    "EURUSD": frozenset({"EUR", "USD"}),
    "USDJPY": frozenset({"USD", "JPY"}),
    "GBPUSD": frozenset({"GBP", "USD"}),
    "USDCHF": frozenset({"USD", "CHF"}),
}
WEIGHTS = {"EURUSD": 1.0, "USDJPY": -1.0, "GBPUSD": 1.0, "USDCHF": -1.0}


@pytest.mark.parametrize(
    ("excluded", "kept"),
    [
        ({"EUR"}, {"USDJPY": -1 / 3, "GBPUSD": 1 / 3, "USDCHF": -1 / 3}),
        ({"EUR", "CHF"}, {"USDJPY": -1 / 2, "GBPUSD": 1 / 2}),
        ({"CNY"}, {name: w / 4 for name, w in WEIGHTS.items()}),
    ],
)
def test_what_a_factor_leaves_out(excluded: set[str], kept: dict[str, float]) -> None:
    assert leave_out("f", WEIGHTS, ATOMS, frozenset(excluded)) == pytest.approx(kept)


def test_a_factor_of_which_nothing_is_left() -> None:
    with pytest.raises(CannotEstimate, match="nothing is left"):
        leave_out("f", WEIGHTS, ATOMS, frozenset({"EUR", "JPY", "GBP", "CHF"}))


def test_a_basket_has_a_price_only_where_all_its_parts_have() -> None:
    parts = {symbol: fetch(symbol, "2022-02-20", "2022-03-10") for symbol in ("EURUSD", "USDRUB")}
    basket = geometric_basket("b", 2.0, {"EURUSD": 1.0, "USDRUB": 0.5}, parts)
    assert np.isnan(at(basket, "2022-03-02"))
    wanted = 2.0 * at(parts["EURUSD"], "2022-03-01") * at(parts["USDRUB"], "2022-03-01") ** 0.5
    assert at(basket, "2022-03-01") == pytest.approx(wanted, rel=1e-13)
