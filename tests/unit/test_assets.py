"""Assets on their calendar, and what a benchmark shares with the asset that it explains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eventstudy.calendars import ExchangeCalendar
from eventstudy.config import Config
from eventstudy.errors import CannotEstimate, InputError
from eventstudy.prices.assets import _atoms, on_calendar, symbols_of
from eventstudy.records import PriceSeries

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
    ("asset", "atoms"),
    [
        ("EURUSD", {"EUR", "USD"}),
        ("yen", {"USD", "JPY"}),
        ("euro", {"EUR", "USD"}),
        ("GOOGLE", {"GOOGLE"}),
        ("both", {"EUR", "USD", "JPY"}),
    ],
)
def test_what_a_price_is_made_of(asset: str, atoms: set[str]) -> None:
    assert _atoms(CONFIG, asset) == atoms


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
    assert any("sessions without a bar: 2022-11-28" in note for note in found.notes)
    assert any("bars without a session: 2022-11-24" in note for note in found.notes)


def test_a_calendar_that_ends_before_the_prices_is_a_reason_and_not_a_silent_cut() -> None:
    with pytest.raises(CannotEstimate, match="upgrade exchange_calendars"):
        on_calendar(bars(["2040-01-03", "2040-03-05"], [1.0, 2.0]), ExchangeCalendar("XNYS"))


def test_the_shipped_settings_name_assets_that_exist() -> None:
    from eventstudy.config_file import load_config

    config = load_config(Path(__file__).parents[2] / "config.yaml", {})
    for asset in config.assets:
        assert symbols_of(config, asset)
