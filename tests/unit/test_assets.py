"""Assets on their calendar, and what a benchmark shares with the asset that it explains."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.book import PriceBook, on_calendar
from eventstudy.calendars import ExchangeCalendar
from eventstudy.config.load import load_config
from eventstudy.config.model import Config
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import CannotEstimate, InputError
from eventstudy.prices.assets import atoms, symbols_of
from eventstudy.prices.baskets import geometric_basket
from eventstudy.prices.ecb import EcbSource
from eventstudy.records import PriceSeries
from tests.support import ecb_by_hand

SHIPPED = Path(__file__).parents[2] / "config.yaml"

CONFIG = Config.model_validate(
    {
        "version": 1,
        "sources": {"ecb": {"kind": "ecb"}, "yahoo": {"kind": "yahoo"}},
        "assets": {
            "EURUSD": {"source": "ecb"},
            "yen": {"source": "yahoo", "symbol": "JPY=X"},
            "euro": {"source": "yahoo", "symbol": "EURUSD=X"},
            "GOOGLE": {"source": "yahoo"},
            "both": {"basket": {"weights": {"EURUSD": 1, "yen": -1}}},
        },
        "studies": [
            {
                "id": "s",
                "model": "constant-mean",
                "returns": "simple",
                "estimation": [-50, -11],
                "event_window": [-5, 5],
                "windows": [[0, 0]],
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("asset", "expected"),
    [
        ("EURUSD", {"EUR", "USD"}),
        ("yen", {"USD", "JPY"}),
        ("euro", {"EUR", "USD"}),
        ("GOOGLE", {"GOOGLE"}),
        ("both", {"EUR", "USD", "JPY"}),
    ],
)
def test_what_a_price_is_made_of(asset: str, expected: set[str]) -> None:
    assert atoms(CONFIG, asset) == expected


def test_what_has_to_be_pulled() -> None:
    assert symbols_of(CONFIG, "both") == {("ecb", "EURUSD"), ("yahoo", "JPY=X")}
    with pytest.raises(InputError, match="EURUSD"):
        symbols_of(CONFIG, "nothing")


def bars(days: list[str], prices: list[float]) -> PriceSeries:
    sessions = np.array(days, dtype="datetime64[D]")
    instants = (sessions + np.timedelta64(21, "h")).astype("datetime64[ns]")
    return PriceSeries(asset="A", source="yahoo", sessions=sessions, instants=instants, prices=np.array(prices))


def test_closes_are_those_of_the_venue_and_holes_are_seen() -> None:
    found = on_calendar(
        bars(["2022-11-22", "2022-11-23", "2022-11-24", "2022-11-25", "2022-11-29"], [1.0, 2.0, 3.0, 4.0, 6.0]),
        ExchangeCalendar("XNYS"),
    )
    assert [str(s) for s in found.sessions] == ["2022-11-22", "2022-11-23", "2022-11-25", "2022-11-28", "2022-11-29"]
    assert str(found.instants[2]).startswith("2022-11-25T18:00")  # the half-day after Thanksgiving
    assert np.isnan(found.prices[3])
    assert found.prices[2] == 4.0
    assert [(str(day), words) for day, words in found.marks] == [
        ("2022-11-28", "A: no bar of 2022-11-28, a session of its venue"),
        ("2022-11-24", "A: a bar of 2022-11-24, no session of its venue, left out"),
    ]


def test_a_calendar_that_ends_before_the_prices_is_a_reason_and_not_a_silent_cut() -> None:
    with pytest.raises(CannotEstimate, match="upgrade exchange_calendars"):
        on_calendar(bars(["2040-01-03", "2040-03-05"], [1.0, 2.0]), ExchangeCalendar("XNYS"))


@pytest.mark.parametrize("asset", ["EURUSD", "USDCNY", "EURGBP", "EURPLN", "dollar-index"])
def test_the_dollar_factor_leaves_out_the_currencies_of_what_it_explains(asset: str, tmp_path: Path) -> None:
    """Against the geometric mean, by hand, of the currencies that are left; the dollar itself stays."""
    config = load_config(SHIPPED, {})
    span = (dt.date(2023, 3, 1), dt.date(2023, 3, 31))
    db = open_database(tmp_path / "a.db")
    with transaction(db) as connection:
        for source, symbol in symbols_of(config, "dollar-factor"):
            found = EcbSource(name=source).fetch(symbol, *span)
            archive.save(connection, found, asked=span, fetched_at=dt.datetime(2023, 4, 1, tzinfo=dt.UTC))
    series = PriceBook(config, db.conn).series("dollar-factor", explains=asset)
    db.close()
    march = [i for i, day in enumerate(ecb_by_hand.table()[0]) if span[0] <= day <= span[1]]
    wanted = ecb_by_hand.factor(asset)[march]  # the level is free
    assert series.prices / series.prices[0] == pytest.approx(wanted / wanted[0], rel=1e-12)


def test_the_shipped_settings_name_assets_that_exist() -> None:
    config = load_config(SHIPPED, {})
    for asset in config.assets:
        assert symbols_of(config, asset)


def test_a_stretch_that_nobody_asked_for_is_neither_a_hole_nor_a_return() -> None:
    """The archive gives the first bar after it no price; the calendar adds no session in between."""
    series = bars(["2022-03-01", "2022-03-02", "2022-09-01", "2022-09-02"], [1.0, 2.0, np.nan, 4.0])
    found = on_calendar(series, ExchangeCalendar("XNYS"))
    assert [str(s) for s in found.sessions] == ["2022-03-01", "2022-03-02", "2022-09-01", "2022-09-02"]
    assert found.notes == found.marks == ()


def test_a_long_stretch_without_a_bar_that_was_asked_for_is_a_hole() -> None:
    found = on_calendar(bars(["2022-03-01", "2022-03-02", "2022-09-01"], [1.0, 2.0, 4.0]), ExchangeCalendar("XNYS"))
    assert np.isnan(found.prices).sum() == 126
    assert found.marks[0][1] == "A: no bar of 2022-03-03, a session of its venue"
    assert len(found.marks) == 126


def test_a_basket_has_no_return_over_the_gap_of_a_component() -> None:
    whole = bars(["2022-03-01", "2022-03-02", "2022-06-01", "2022-09-02", "2022-09-05"], [1.0, 2.0, 3.0, 4.0, 5.0])
    island = bars(["2022-03-01", "2022-03-02", "2022-09-01", "2022-09-02", "2022-09-05"], [1.0, 2.0, np.nan, 4.0, 5.0])
    found = geometric_basket("b", 1.0, {"x": 1.0, "y": 1.0}, {"x": whole, "y": island})
    assert [str(s) for s in found.sessions] == ["2022-03-01", "2022-03-02", "2022-09-02", "2022-09-05"]
    assert np.isnan(found.prices).tolist() == [False, False, True, False]


def test_a_basket_keeps_the_marks_of_its_components() -> None:
    day = np.datetime64("2022-03-01")
    marked = dataclasses.replace(bars(["2022-03-01"], [1.0]), marks=((day, "A: odd"),))
    assert geometric_basket("b", 1.0, {"x": 0.5, "y": 0.5}, {"x": marked, "y": marked}).marks == ((day, "A: odd"),)
