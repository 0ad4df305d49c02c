"""Tables with whole bars, dividends or adjusted prices: what these say of a price counts in `study` too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eventstudy import run_study
from eventstudy.tables.total_return import holds_dividends
from tests.integration.test_study_doubts import AT, EVENTS, SPEC, N, study, table

EVENT = EVENTS.iloc[:1]


def downloaded(close: np.ndarray, **more: object) -> pd.DataFrame:
    """Bars of AAA as somebody's script writes them, above those of the market."""
    given = table()
    out = pd.DataFrame(
        {"Date": given["date"], "Symbol": "AAA", "Open": close, "High": close * 1.01, "Low": close * 0.99}
    )
    market = given["MKT"].to_numpy()
    own = {"Date": given["date"], "Symbol": "MKT", "Open": market, "High": market * 1.01, "Low": market * 0.99}
    beside = {name: np.zeros(N) if name == "Dividends" else market for name in more}
    out = out.assign(Close=close, Volume=1e6 + np.arange(N), **more)
    return pd.concat(
        [out, pd.DataFrame(own).assign(Close=market, Volume=1e6 + np.arange(N), **beside)], ignore_index=True
    )


def paying(days: list[int], share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quoted prices of AAA that fall by a dividend, the dividends, and the adjusted prices."""
    quoted, paid = table()["AAA"].to_numpy().copy(), np.zeros(N)
    for k in days:
        paid[k] = share * quoted[k - 1]
        quoted[k:] *= 1.0 - share
    quoted = np.round(quoted, 2)
    later = np.cumprod((1.0 - paid[1:] / (quoted[1:] + paid[1:]))[::-1])[::-1]
    return quoted, paid, quoted * np.append(later, 1.0)


def first(prices: pd.DataFrame, **more: object) -> tuple[dict, list[str]]:
    found = run_study(prices, EVENT, SPEC, benchmark="MKT", **more).to_dict()
    return found["events"][0], found["warnings"]


WHOLE = study(table())["events"][0]["windows"][0]["car"]


@pytest.mark.parametrize("days", [[40, 100, 160, AT], [100, AT], [AT]])
@pytest.mark.parametrize("is_adjusted", [False, True], ids=["quoted", "adjusted"])
def test_dividends_are_counted_once_whether_the_close_holds_them_or_not(days, is_adjusted):
    quoted, paid, adjusted = paying(days, 0.03)
    event, warnings = first(downloaded(adjusted if is_adjusted else quoted, Dividends=paid))
    assert event["windows"][0]["car"] == pytest.approx(WHOLE, abs=0.008)
    assert any("not added again" in w for w in warnings) is is_adjusted


def test_one_day_on_which_a_close_did_not_fall_says_nothing():
    quoted, paid, adjusted = paying([100], 0.02)
    assert not holds_dividends(quoted, paid)
    assert holds_dividends(adjusted, paid)  # before it no price is one of hundredths
    assert not holds_dividends(np.round(adjusted, 2), paid)


def refused(prices: pd.DataFrame, rule: str) -> bool:
    event, _ = first(prices)
    return event["status"] == "skipped" and event["reason"].startswith(f"price in doubt: AAA: {rule}")


def test_a_close_outside_its_bar_a_repeated_bar_and_a_dividend_that_was_not_followed_are_in_doubt():
    close = table()["AAA"].to_numpy()
    prices = downloaded(close)
    prices.loc[AT, "Close"] *= 1.02
    assert refused(prices, "close outside the low and high")
    prices = downloaded(close)
    prices.loc[AT, prices.columns[2:]] = prices.loc[AT - 1, prices.columns[2:]]
    assert refused(prices, "bar that repeats")
    assert refused(
        downloaded(close, Dividends=np.where(np.arange(N) == AT, 30.0, 0.0)), "dividend that the price did not"
    )


@pytest.mark.parametrize("factor", [1.02, 0.98])
def test_an_adjusted_close_that_is_off_for_a_day_is_no_dividend(factor):
    quoted, _, adjusted = paying([100, AT], 0.03)
    adjusted[AT] *= factor
    assert refused(downloaded(quoted, **{"Adj Close": adjusted}), "adjusted close that contradicts")


def test_a_dividend_that_the_adjusted_close_has_and_a_split_that_the_close_has_not_are_true():
    quoted, _, adjusted = paying([100, AT], 0.06)
    event, _ = first(downloaded(quoted, **{"Adj Close": adjusted}))
    assert event["windows"][0]["car"] == pytest.approx(WHOLE, abs=0.008)
    quoted[AT:] /= 10.0
    event, _ = first(downloaded(quoted, **{"Adj Close": adjusted}))
    assert event["windows"][0]["car"] == pytest.approx(WHOLE, abs=0.008)


@pytest.mark.parametrize("length", [2, 5, 25])
@pytest.mark.parametrize("factor", [1.4, 0.7])
def test_prices_at_another_level_for_some_days_are_in_doubt(factor, length):
    prices = table()
    prices.loc[AT : AT + length - 1, "AAA"] *= factor
    assert study(prices)["events"][0]["reason"].startswith("price in doubt: AAA: prices at another level")
