"""What looks wrong is marked with its numbers; what would make a false return is left out, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.archive import quality as quarantine
from eventstudy.archive.bars import CLOSE, DIVIDEND, Bars, of_snapshot
from tests.support.series import daily, weekdays

N = 60
DAYS = weekdays("2023-01-02", N)
PLAIN = 100.0 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.01, N)))


def bars(close: np.ndarray, **fields: np.ndarray) -> Bars:
    return of_snapshot(daily(DAYS, close, **fields))


def found(given: Bars) -> list[tuple[int, str]]:
    return [(int(np.searchsorted(given.labels, m.label)), m.rule) for m in quarantine.flags(given)]


def changed(at: int | slice | list[int], to: object) -> np.ndarray:
    out = PLAIN.copy()
    out[at] = to
    return out


def test_an_ordinary_series_has_no_mark():
    assert found(bars(PLAIN)) == []
    assert found(bars(changed([5, 6, 30], np.nan))) == []


@pytest.mark.parametrize(("price", "rule"), [(0.0, "not-positive"), (-3.0, "not-positive"), (np.inf, "infinite")])
def test_impossible_prices(price, rule):
    assert found(bars(changed(20, price))) == [(20, rule)]


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_pence_for_pounds_is_left_out_and_never_called_a_market_move(factor):
    given = bars(changed(slice(20, 23), PLAIN[20:23] * factor))
    assert [pair for pair in found(given) if pair[1] == "hundredfold"] == [(k, "hundredfold") for k in (20, 21, 22)]


@pytest.mark.parametrize("factor", [100.0, 0.5, 0.01, 3.0])
def test_a_lasting_jump_by_a_round_factor_is_doubted_and_not_left_out(factor):
    given = bars(changed(slice(30, N), PLAIN[30:] * factor))
    assert found(given) == [(30, "level")]
    assert not any(mark.removes for mark in quarantine.flags(given))


def test_a_jump_that_is_told_or_no_round_factor_is_not_doubted():
    splits = np.where(np.arange(N) == 30, 2.0, 1.0)
    halved = changed(slice(30, N), PLAIN[30:] / 2.0)
    assert found(bars(halved, splits=splits)) == [(30, "split-not-applied")]
    assert found(bars(changed(slice(30, N), PLAIN[30:] * 2.5))) == []
    assert found(bars(changed(slice(30, N), PLAIN[30:] / 1.5))) == []


@pytest.mark.parametrize(("ratio", "move"), [(1.2, 0.93), (1.17, 0.957)])
def test_a_small_split_beside_a_bad_day_is_applied(ratio, move):
    splits = np.where(np.arange(N) == 30, ratio, 1.0)
    assert found(bars(changed(slice(30, N), PLAIN[30:] * move), splits=splits)) == []


def test_a_price_after_years_without_any_is_left_out():
    days = np.append(DAYS[:30], DAYS[30:] + 100)
    given = of_snapshot(daily(days, PLAIN))
    assert [(m.session, m.rule, m.removes) for m in quarantine.flags(given)] == [(days[30], "gap", True)]
    assert quarantine.flags(given, unasked=[30]) == []
    near = of_snapshot(daily(np.append(DAYS[:30], DAYS[30:] + 27), PLAIN))  # as Moscow in 2022
    assert quarantine.flags(near) == []


def test_a_jump_that_the_next_bar_takes_back():
    assert found(bars(changed(20, PLAIN[20] * 1.3))) == [(20, "reversal")]
    assert found(bars(changed(slice(20, N), PLAIN[20:] * 1.3))) == []  # a jump that stays is news


def test_a_run_of_equal_closes():
    assert found(bars(changed(slice(20, 28), 99.0))) == [(k, "stale") for k in range(21, 28)]
    assert found(bars(changed(slice(20, 27), 99.0))) == []


def test_a_split_that_the_earlier_prices_do_not_show():
    splits = np.where(np.arange(N) == 30, 4.0, 1.0)
    assert found(bars(changed(slice(30, N), PLAIN[30:] / 4.0), splits=splits)) == [(30, "split-not-applied")]
    assert found(bars(PLAIN, splits=splits)) == []


@pytest.mark.parametrize("ratio", [2.0, 10.0, 0.1, 1.5])
def test_a_split_that_the_earlier_prices_show_twice(ratio):
    splits = np.where(np.arange(N) == 30, ratio, 1.0)
    assert found(bars(changed(slice(0, 30), PLAIN[:30] / ratio), splits=splits)) == [(30, "split-twice")]


@pytest.mark.parametrize("ratio", [1.5, 4.0])
def test_a_split_on_a_day_without_a_price_is_looked_for_at_the_next(ratio):
    splits = np.where(np.arange(N) == 30, ratio, 1.0)
    close = changed(slice(30, N), PLAIN[30:] / ratio)
    close[30] = np.nan
    assert found(bars(close, splits=splits)) == [(31, "split-not-applied")]


def test_a_split_explains_no_other_jump():
    splits = np.where(np.arange(N) == 30, 1.05, 1.0)
    assert found(bars(changed(slice(30, N), PLAIN[30:] * 100.0), splits=splits)) == [(30, "level")]


def test_bars_that_contradict_themselves():
    high, low, opening = PLAIN + 1, PLAIN - 1, PLAIN.copy()
    high[10], low[10] = low[10], high[10]
    low[20] = PLAIN[20] + 0.5
    opening[25] = high[25] + 3
    assert found(bars(PLAIN, high=high, low=low, open=opening)) == [(10, "range"), (20, "range"), (25, "range")]


def test_dividends_that_cannot_be():
    paid = np.zeros(N)
    paid[10], paid[20], paid[30] = -1.0, 80.0, 2.0
    assert found(bars(PLAIN, dividends=paid)) == [(10, "negative-dividend"), (20, "large-dividend")]


def test_only_what_would_make_a_false_return_is_left_out():
    close = changed([5, 20], [0.0, PLAIN[20] * 1.3])
    given = bars(close)
    marks = quarantine.flags(given, currency_changes=[(40, "GBp to GBP")])
    out = quarantine.cleaned(given.values, marks, given.labels)
    assert np.flatnonzero(np.isnan(out[:, CLOSE])).tolist() == [5, 40]
    assert given.values[5, CLOSE] == 0.0
    assert (out[:, DIVIDEND] == 0).all()
    assert {m.rule for m in marks if m.removes} == {"not-positive", "currency"}


def test_what_would_make_a_false_return_is_removed():
    close = changed([5, 20, 50], [0.0, PLAIN[20] * 100.0, np.inf])
    close[30:] /= 4.0
    splits = np.where(np.arange(N) == 30, 4.0, 1.0)
    given = bars(close, splits=splits)
    whole = {int(np.searchsorted(given.labels, m.label)) for m in quarantine.flags(given) if m.removes}
    assert whole == {5, 20, 30, 50}


def test_every_rule_has_words():
    assert set(quarantine.WORDS) >= quarantine.REMOVES
    mark = quarantine.Flag(label=0, session=np.datetime64("2023-01-02"), rule="currency", detail="GBp to GBP")
    assert mark.text == "change of currency on 2023-01-02 (GBp to GBP); left out"


def test_the_calendar_and_the_bars_are_held_against_each_other():
    given = bars(PLAIN).at(np.arange(N) != 3)
    sessions = DAYS[np.arange(N) != 7]
    assert [(str(m.session), m.rule) for m in quarantine.calendar_flags(given, sessions)] == [
        (str(DAYS[3]), "no-bar"),
        (str(DAYS[7]), "no-session"),
    ]


def test_intraday_bars_outside_the_hours():
    starts = np.array(
        ["2023-01-03T14:00", "2023-01-03T14:30", "2023-01-03T20:30", "2023-01-03T21:00"], "datetime64[ns]"
    )
    given = of_snapshot(
        daily(np.repeat(np.datetime64("2023-01-03"), 4), [1, 2, 3, 4], bar="30m", starts=starts, instants=starts)
    )
    opens, closes = (np.array([f"2023-01-03T{t}"], "datetime64[ns]") for t in ("14:30", "21:00"))
    assert [m.detail for m in quarantine.off_session(given, opens, closes)] == [
        "2023-01-03T14:00Z",
        "2023-01-03T21:00Z",
    ]
