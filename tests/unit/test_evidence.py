"""What looks wrong is flagged with its numbers; what would make a false return is in doubt, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.archive.bars import Bars, of_snapshot
from eventstudy.archive.flags import quotes_of
from eventstudy.evidence.flags import FLAGS, Flag
from eventstudy.evidence.rules import examine, quotes_of_days
from eventstudy.evidence.sessions import calendar_flags, off_session
from tests.support.series import daily, weekdays

N = 60
DAYS = weekdays("2023-01-02", N)
PLAIN = 100.0 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.01, N)))


def bars(close: np.ndarray, **fields: np.ndarray) -> Bars:
    return of_snapshot(daily(DAYS, close, **fields))


def found(given: Bars) -> list[tuple[int, str]]:
    return [(int(np.searchsorted(given.labels, m.label)), m.rule) for m in examine(quotes_of(given))]


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
    assert found(given) == [(k, "tenfold") for k in (20, 21, 22)]


@pytest.mark.parametrize("length", [1, 2, 12, 25])
@pytest.mark.parametrize("factor", [10.0, 0.1, 100.0, 0.01, 1000.0, 0.001])
def test_a_run_in_another_unit_is_in_doubt_whatever_its_length(factor, length):
    given = bars(changed(slice(20, 20 + length), PLAIN[20 : 20 + length] * factor))
    assert found(given) == [(k, "tenfold") for k in range(20, 20 + length)]
    assert {flag.since for flag in examine(quotes_of(given))} == {int(given.labels[20])}


@pytest.mark.parametrize("factor", [10.0, 0.1, 100.0, 0.01, 1000.0, 0.001])
def test_a_lasting_jump_by_a_power_of_ten_is_in_doubt(factor):
    given = bars(changed(slice(30, N), PLAIN[30:] * factor))
    assert found(given) == [(30, "level")]
    assert all(flag.is_doubt for flag in examine(quotes_of(given)))


@pytest.mark.parametrize("factor", [13.0, 20.0, 0.05, 50.0])
def test_what_is_more_than_tenfold_is_no_more_to_be_believed(factor):
    assert found(bars(changed(slice(30, N), PLAIN[30:] * factor))) == [(30, "level")]
    assert found(bars(changed(slice(30, 42), PLAIN[30:42] * factor))) == [(k, "tenfold") for k in range(30, 42)]


@pytest.mark.parametrize("factor", [0.5, 3.0, 4.0])
def test_a_lasting_jump_by_a_small_factor_may_be_the_market_and_is_noted(factor):
    given = bars(changed(slice(30, N), PLAIN[30:] * factor))
    assert found(given) == [(30, "factor")]
    assert not any(flag.removes for flag in examine(quotes_of(given)))


@pytest.mark.parametrize("move", [0.36, 0.86, 4.0, 0.35, 2.2, 6.0])
def test_a_jump_that_stays_has_no_doubt(move):
    whole = changed(slice(30, N), PLAIN[30:] * move)
    more = {"high": whole * 1.01, "low": whole * 0.99, "open": whole, "adjusted": whole}
    assert not any(flag.removes for flag in examine(quotes_of(bars(whole, volume=np.full(N, 1e6), **more))))


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
    assert [(m.session, m.rule, m.removes) for m in examine(quotes_of(given))] == [(days[30], "gap", True)]
    assert examine(quotes_of(given), unasked=[30]) == []
    near = of_snapshot(daily(np.append(DAYS[:30], DAYS[30:] + 27), PLAIN))  # as Moscow in 2022
    assert examine(quotes_of(near)) == []


def test_a_jump_that_the_next_bar_takes_back():
    assert found(bars(changed(20, PLAIN[20] * 1.3))) == [(20, "reversal")]
    assert found(bars(changed(slice(20, N), PLAIN[20:] * 1.3))) == []  # a jump that stays is news


@pytest.mark.parametrize(("length", "rules"), [(3, []), (5, ["frozen"]), (8, ["frozen"])])
def test_a_run_of_equal_closes_that_chance_does_not_make(length, rules):
    assert found(bars(changed(slice(20, 20 + length), 99.0))) == [(k, r) for r in rules for k in range(21, 20 + length)]


def test_a_currency_may_stand_still():
    peg = examine(quotes_of(bars(changed(slice(20, 28), 99.0))), may_stand=True)
    assert [flag.rule for flag in peg] == ["stale"] * 7
    assert not any(flag.removes for flag in peg)


def test_a_price_that_hardly_moves_is_held_in_place_and_may_stand_still_for_years():
    """The lats of 2005 moved by some 0.02 % about its peg; no other rule knows that the column is a currency."""
    moves = 0.0002 * np.where(np.arange(700) % 3 == 0, -1.0, 0.5)
    peg = np.round(0.7 * np.exp(np.cumsum(moves)), 6)
    peg[200:620] = peg[200]
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-01-01") + 700)
    assert {flag.rule for flag in examine(quotes_of_days(days, peg))} == {"stale"}


def whole_bars(closes, **more):
    given = {"open": closes * 0.999, "high": closes * 1.01, "low": closes * 0.99, "volume": np.full(N, 1e6) + PLAIN}
    return bars(closes, **given | more)


@pytest.mark.parametrize("length", [1, 3])
def test_a_bar_that_repeats_the_one_before(length):
    place = np.arange(N)
    place[20 : 20 + length] = 19
    same = whole_bars(PLAIN[place], volume=whole_bars(PLAIN).values[place, 4])
    assert [(k, rule) for k, rule in found(same) if rule != "frozen"] == [
        (k, "repeated") for k in range(20, 20 + length)
    ]
    assert found(whole_bars(PLAIN[place], volume=np.where(place == np.arange(N), 1e6, 0.0)))[0] == (20, "repeated")
    assert "repeated" not in {rule for _, rule in found(whole_bars(PLAIN[place]))}  # more was traded: a quiet day
    flat = {"open": PLAIN[place], "high": PLAIN[place], "low": PLAIN[place]}
    untraded = found(whole_bars(PLAIN[place], **flat, volume=np.zeros(N)))
    assert "repeated" not in {rule for _, rule in untraded}


def test_padding_after_a_delisting_is_in_doubt():
    assert found(bars(changed(slice(45, N), PLAIN[44]))) == [(k, "frozen") for k in range(45, N)]


def test_a_price_that_seldom_moves_may_stand_still():
    often = np.repeat(PLAIN[:20], 3)
    assert "frozen" not in {rule for _, rule in found(bars(np.where(np.arange(N) < 40, often, often[40])))}


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


@pytest.mark.parametrize(
    ("move", "rules"), [(1.0 / 1.1, ["split-not-applied"]), (1.1, ["split-twice"]), (0.97, []), (1.05, [])]
)
def test_a_small_split_that_the_series_hardly_ever_moves_by_is_told_from_its_moves(move, rules):
    splits = np.where(np.arange(N) == 30, 1.1, 1.0)
    close = changed(slice(30, N), PLAIN[30:] * move)
    assert found(bars(close, splits=splits)) == [(30, rule) for rule in rules]
    wild = 100.0 * (close / 100.0) ** 3  # its usual move is half of that split
    assert found(bars(wild, splits=splits)) == []


def test_a_split_explains_no_other_jump():
    splits = np.where(np.arange(N) == 30, 1.05, 1.0)
    assert found(bars(changed(slice(30, N), PLAIN[30:] * 100.0), splits=splits)) == [(30, "level")]


def test_bars_that_contradict_themselves():
    high, low, opening = PLAIN + 1, PLAIN - 1, PLAIN.copy()
    high[10], low[10] = low[10], high[10]
    low[20] = opening[20] = PLAIN[20] + 0.5
    opening[25] = high[25] + 3
    given = bars(PLAIN, high=high, low=low, open=opening)
    assert found(given) == [(10, "range"), (20, "range"), (10, "quotes"), (25, "quotes")]
    assert [flag.is_doubt for flag in examine(quotes_of(given))] == [True, True, False, False]


def test_dividends_that_cannot_be():
    paid = np.zeros(N)
    paid[10], paid[20], paid[30] = -1.0, 80.0, 1.0
    assert found(bars(PLAIN, dividends=paid)) == [(20, "dividend"), (10, "negative-dividend"), (20, "large-dividend")]


@pytest.mark.parametrize("share", [0.03, 0.06, 0.3])
def test_a_dividend_that_was_followed_has_no_doubt(share):
    paid = np.where(np.arange(N) == 30, share * PLAIN[29], 0.0)
    assert found(bars(changed(slice(30, N), PLAIN[30:] - paid[30]), dividends=paid)) == []


@pytest.mark.parametrize("share", [0.06, 0.28])
def test_a_dividend_that_the_price_did_not_follow_is_in_doubt(share):
    paid = np.where(np.arange(N) == 30, share * PLAIN[29], 0.0)
    assert found(bars(PLAIN, dividends=paid)) == [(30, "dividend")]


def test_the_day_that_followed_a_dividend_before_it_was_told_is_in_doubt_too():
    paid = np.where(np.arange(N) == 30, 0.06 * PLAIN[29], 0.0)
    assert found(bars(changed(slice(29, N), PLAIN[29:] * 0.94), dividends=paid)) == [(29, "dividend"), (30, "dividend")]


@pytest.mark.parametrize("total", [0.06, 0.05, 0.03, 0.0])
def test_a_dividend_of_a_few_usual_moves_is_believed_whatever_the_close_does(total):
    """Of a share that moves by 2 % a day 5 % are paid: a close that stays may have followed, on a day of good news."""
    moves = np.random.default_rng(8).choice([-0.0135, 0.0135], N)  # the median size: 2 % / 1.4826
    moves[30] = total - 0.05
    close = 100.0 * np.cumprod(1.0 + moves)
    paid = np.where(np.arange(N) == 30, 0.05 * close[29], 0.0)
    assert found(bars(close, dividends=paid)) == []


def test_an_adjusted_close_that_contradicts_closes_and_dividends_is_in_doubt():
    paid = np.where(np.arange(N) == 30, 0.5, 0.0)
    close = changed(slice(30, N), PLAIN[30:] - 0.5)
    adjusted = np.r_[close[:30] * (1 - 0.5 / close[29]), close[30:]]
    assert found(bars(close, dividends=paid, adjusted=adjusted)) == []
    assert found(bars(close, dividends=np.zeros(N), adjusted=adjusted)) == [(30, "adjusted")]  # one is missing
    tick = close.copy()
    tick[40] *= 1.02
    assert found(bars(tick, dividends=paid, adjusted=adjusted)) == [(40, "adjusted")]


def test_a_dividend_in_another_unit_than_prices_is_in_doubt():
    share, before = 0.04, PLAIN[29]
    close = changed(slice(30, N), PLAIN[30:] * (1 - share) * 0.97)  # a fall of its own that day
    for adjust in (1 - share, 1 / (1 + share)):  # as Yahoo takes it off, and as others do
        adjusted = np.r_[close[:30] * adjust, close[30:]]
        for unit, doubts in ((1.0, []), (1.25, [(30, "adjusted")])):
            paid = np.where(np.arange(N) == 30, share * before * unit, 0.0)
            assert [f for f in found(bars(close, dividends=paid, adjusted=adjusted)) if f[1] == "adjusted"] == doubts


def test_a_change_of_currency_or_venue_is_in_doubt():
    marks = examine(quotes_of(bars(PLAIN)), currency_changes=[(40, "GBp to GBP")], venue_changes=[(50, "XNYS to XTKS")])
    assert [(flag.rule, flag.is_doubt) for flag in marks] == [("currency", True), ("venue", True)]


def test_what_would_make_a_false_return_is_removed():
    close = changed([5, 20, 50], [0.0, PLAIN[20] * 100.0, np.inf])
    close[30:] /= 4.0
    splits = np.where(np.arange(N) == 30, 4.0, 1.0)
    given = bars(close, splits=splits)
    whole = {int(np.searchsorted(given.labels, m.label)) for m in examine(quotes_of(given)) if m.removes}
    assert whole == {5, 20, 30, 50}


def test_a_flag_says_what_and_what_was_done():
    day, label = np.datetime64("2023-01-02"), 0
    flag = Flag(label=label, session=day, rule="currency", detail="GBp to GBP", since=label)
    assert flag.text == "change of currency on 2023-01-02 (GBp to GBP); left out"
    confirmed = Flag(
        label=label, session=day, rule="currency", detail="GBp to GBP", since=label, confirmed="confirmed by Ann"
    )
    assert confirmed.text == "change of currency on 2023-01-02 (GBp to GBP); confirmed by Ann"
    assert not confirmed.is_doubt
    assert not confirmed.removes
    assert {weight for _, weight in FLAGS.values()} == {"in doubt", "left out", "noted"}


def test_the_calendar_and_the_bars_are_held_against_each_other():
    given = bars(PLAIN).at(np.arange(N) != 3)
    sessions = DAYS[np.arange(N) != 7]
    assert [(str(m.session), m.rule) for m in calendar_flags(given.sessions, sessions)] == [
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
    assert [m.detail for m in off_session(given.labels, given.sessions, opens, closes)] == [
        "2023-01-03T14:00Z",
        "2023-01-03T21:00Z",
    ]
