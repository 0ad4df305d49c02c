"""Days that trip a study by the minute, each figure from methods-intraday in plain pandas; no line of the code is used.

Quarter-hour bars of a share in New York over Thanksgiving, of one in Tokyo over its lunch, and of a currency in the
week in which Europe's clocks are back and America's are not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.errors import InputError

STEP = pd.Timedelta(minutes=15)
K = 12  # bars of a pace: 180 minutes of quarters
NEW_YORK, TOKYO, BERLIN = "America/New_York", "Asia/Tokyo", "Europe/Berlin"
US_HOLIDAYS = ["2022-07-04", "2022-09-05", "2022-11-24"]
US_HALF = "2022-11-25"
JP_HOLIDAYS = ["2022-07-18", "2022-08-11", "2022-09-19", "2022-09-23", "2022-10-10", "2022-11-03", "2022-11-23"]


def stretches(days, zone, *hours):
    """Opening and close of every stretch of trading, with the day that is its session."""
    rows = []
    for day in days:
        for first, last in hours:
            close = "13:00" if str(day.date()) == US_HALF and zone == NEW_YORK else last
            rows.append(
                [day, *(pd.Timestamp(f"{day.date()} {at}", tz=zone).tz_convert("UTC") for at in (first, close))]
            )
    return pd.DataFrame(rows, columns=["day", "opens", "closes"])


def quotes(table, seed, holes):
    """A bar per quarter, days of different liveliness; `holes` are starts without a bar."""
    rng = np.random.default_rng(seed)
    parts = []
    for day, rows in table.groupby("day"):
        starts = [
            t for row in rows.itertuples() for t in pd.date_range(row.opens, row.closes, freq=STEP, inclusive="left")
        ]
        lively = np.exp(0.4 * rng.standard_normal())
        parts.append(pd.DataFrame({"day": day, "start": starts, "r": lively * 0.002 * rng.standard_t(5, len(starts))}))
    found = pd.concat(parts, ignore_index=True)
    found["close"] = 80 * np.exp(found["r"].cumsum())
    found = found[~found["start"].isin(pd.DatetimeIndex(holes))].reset_index(drop=True)
    return found.drop(columns="r").assign(end=found["start"] + STEP)


def move(bars, base_by, end_by):
    """Log return from the last bar that ended by one instant to the last that ended by the other."""
    close = bars["close"].to_numpy()
    i, j = (bars["end"].searchsorted(at, side="right") - 1 for at in (base_by, end_by))
    return np.log(close[j] / close[i])


def paces(bars, zone, days, cuts):
    """v of each cut, the announcement's first (H6)."""
    follows = bars["start"] == bars["end"].shift()  # sessions that touch are one span of trading
    r = np.log(bars["close"]).diff()[follows]
    clock = bars["start"][follows].dt.tz_convert(zone).dt.time
    on = bars["day"][follows].isin(days)
    scale = r[on].pow(2).groupby(clock[on]).mean().pow(0.5)
    u = (r / clock.map(scale)).dropna()
    ends = bars["end"][u.index].reset_index(drop=True)
    u = u.to_numpy()
    return np.array([np.sqrt(np.mean(u[n - K : n] ** 2)) for n in (ends.searchsorted(cut, "right") for cut in cuts)])


def judged(own, others, law=None):
    """t, p and placebo p (H5); paced by `law`, 8 degrees of freedom."""
    n, mean, s = len(others), np.mean(others), np.std(others, ddof=1)
    t = (own - mean) / (s * np.sqrt(1 + 1 / n))
    p = 2 * stats.t.sf(abs(t) * np.sqrt(8 / 6), 8) if law else 2 * stats.t.sf(abs(t), n - 1)
    every = np.append(others, own)
    far = np.abs(others - every.mean()) >= abs(own - every.mean()) * (1 - 1e-12)
    return {"n": n, "mean": mean, "s": s, "t": t, "p_value": p, "placebo_p": (1 + far.sum()) / (n + 1)}


def expected(bars, zone, rows):
    """The move, and both tests, from (day, base by, end by, cut of the pace); the announcement's first."""
    moves = np.array([move(bars, base, end) for _, base, end, _ in rows])
    v = paces(bars, zone, [row[0] for row in rows[1:]], [row[3] for row in rows])
    z = moves / v
    return {"move": moves[0], "clock": judged(moves[0], moves[1:]), "paced": judged(z[0], z[1:], law=8)}


def found_of(bars, announced, window, calendar, **settings):
    frame = bars.assign(symbol="AAA")[["symbol", "start", "close"]]
    events = pd.DataFrame({"event_id": ["e"], "asset": ["AAA"], **announced})
    result = es.run_study(frame, events, bar="15m", windows=[window], calendar=calendar, **settings).to_dict()
    (row,) = result["events"]
    return row, row["windows"][0]


def agree(found, wanted):
    assert found["move"] == pytest.approx(wanted["move"], rel=1e-9)
    for part in ("clock", "paced"):
        for name, value in wanted[part].items():
            assert found[part][name] == pytest.approx(value, rel=1e-9, abs=1e-14), (part, name)


@pytest.fixture(scope="module")
def new_york():
    days = pd.bdate_range("2022-07-01", "2022-12-01").difference(pd.DatetimeIndex(US_HOLIDAYS))
    table = stretches(days, NEW_YORK, ("09:30", "16:00"))
    # on the half-day the last three quarters lack; on one day the last
    holes = ["2022-11-25T17:15Z", "2022-11-25T17:30Z", "2022-11-25T17:45Z", "2022-10-12T19:45Z"]
    return table, quotes(table, 1, holes)


def test_a_sunday_after_a_half_day_starts_from_noon_and_its_close_is_one_o_clock(new_york):
    """The last bar of 25 November ended at 12:15, three quarters before that day's own close: too old for an hour's
    window (two bars), not for one to the close (a quarter of it). The half-day is no reference: it closes at one."""
    table, bars = new_york
    _, short = found_of(bars, {"announced_at": ["2022-11-27T12:00-05:00"]}, "0m:60m", "XNYS")
    assert (short["reason_code"], short["move"]) == ("stale-base", None)
    row, found = found_of(bars, {"announced_at": ["2022-11-27T12:00-05:00"]}, "0m:close", "XNYS")
    assert (row["session"], row["is_open"], found["base"]["at"]) == ("2022-11-28", False, "2022-11-25T17:15:00Z")
    k = table.index[table["day"] == "2022-11-28"][0]
    rows = [
        (day, opens, closes, table["closes"][j - 1])
        for j, (day, opens, closes) in enumerate(table.itertuples(index=False))
        if j and str(day.date()) != US_HALF and j <= k
    ][::-1][:61]
    agree(found, expected(bars, NEW_YORK, rows))
    assert found["reference"]["passed_over"] == {"other-close": 1}


def test_the_last_bar_of_the_day_before_thanksgiving(new_york):
    """From 15:45 to the close is one bar; the day whose last quarter lacks has none, and the half-day no such time."""
    table, bars = new_york
    row, found = found_of(bars, {"announced_at": ["2022-11-30T15:45-05:00"]}, "0m:close", "XNYS")
    at = [pd.Timestamp(f"{day.date()} 15:45", tz=NEW_YORK) for day in table["day"]]
    kept = [
        (day, t, closes, t)
        for t, (day, _, closes) in zip(at, table.itertuples(index=False), strict=True)
        if str(day.date()) not in (US_HALF, "2022-10-12") and str(day.date()) <= "2022-11-30"
    ]
    agree(found, expected(bars, NEW_YORK, kept[::-1][:61]))
    assert found["reference"]["passed_over"] == {"clock-outside-session": 1, "no-bar-after": 1}
    assert row["is_open"]


def test_to_the_next_close_over_thanksgiving_no_reference_ends_after_the_news(new_york):
    """Wednesday 10:00 to the half-day's close. Tuesday's own ends on Wednesday at 16:00, after the news."""
    table, bars = new_york
    row, found = found_of(bars, {"announced_at": ["2022-11-23T10:00-05:00"]}, "0m:next-close", "XNYS")
    assert (row["session"], found["end"]["at"]) == ("2022-11-23", "2022-11-25T17:15:00Z")
    k = table.index[table["day"] == "2022-11-23"][0]
    rows = []
    for j in (k, *range(k - 2, k - 62, -1)):
        t = pd.Timestamp(f"{table['day'][j].date()} 10:00", tz=NEW_YORK)
        rows.append((table["day"][j], t, table["closes"][j + 1], t))
    agree(found, expected(bars, NEW_YORK, rows))
    assert found["reference"]["passed_over"] == {"after-announcement": 1}


@pytest.fixture(scope="module")
def tokyo():
    days = pd.bdate_range("2022-07-01", "2022-11-30").difference(pd.DatetimeIndex(JP_HOLIDAYS))
    table = stretches(days, TOKYO, ("09:00", "11:30"), ("12:30", "15:00"))
    # of one morning the last two bars lack, of another the last three
    holes = [f"2022-11-02T{at}Z" for at in ("02:00", "02:15")] + [
        f"2022-10-04T{at}Z" for at in ("01:45", "02:00", "02:15")
    ]
    return table, quotes(table, 2, holes)


def test_in_the_lunch_break_minutes_count_from_its_end(tokyo):
    """The price before is that of 11:30; one of 11:00 is as old as two bars, which is allowed, one of 10:45 older."""
    table, bars = tokyo
    row, found = found_of(bars, {"announced_at": ["2022-11-29T12:00+09:00"]}, "0m:60m", "XTKS")
    assert (row["is_open"], found["base"]["at"], found["end"]["at"]) == (
        False,
        "2022-11-29T02:30:00Z",
        "2022-11-29T04:30:00Z",
    )
    days = [day for day in table["day"].unique() if day <= pd.Timestamp("2022-11-29")][::-1]
    days = [day for day in days if day != pd.Timestamp("2022-10-04")][:61]
    noon = [pd.Timestamp(f"{day.date()} 12:30", tz=TOKYO) for day in days]
    hour = pd.Timedelta(hours=1)
    rows = [(day, t - hour, t + hour, t - hour) for day, t in zip(days, noon, strict=True)]
    agree(found, expected(bars, TOKYO, rows))
    assert found["reference"]["passed_over"] == {"stale-base": 1}


def test_a_window_over_lunch_crosses_it_on_every_day(tokyo):
    """From 11:15 to 12:45, and the return over the break is in no pace: its bars are not adjacent."""
    table, bars = tokyo
    _, found = found_of(bars, {"announced_at": ["2022-11-29T11:15+09:00"]}, "0m:90m", "XTKS")
    days = [day for day in table["day"].unique() if day <= pd.Timestamp("2022-11-29")][::-1][:61]
    at = [pd.Timestamp(f"{day.date()} 11:15", tz=TOKYO) for day in days]
    rows = [(day, t, t + pd.Timedelta(minutes=90), t) for day, t in zip(days, at, strict=True)]
    agree(found, expected(bars, TOKYO, rows))


@pytest.fixture(scope="module")
def currency():
    """Sunday 17:00 to Friday 17:00 in New York, a session from 17:00 to 17:00."""
    days = pd.bdate_range("2022-08-01", "2022-11-04")
    rows = []
    for day in days:
        ends = (day - pd.Timedelta(days=1), day)
        rows.append([day, *(pd.Timestamp(f"{d.date()} 17:00", tz=NEW_YORK).tz_convert("UTC") for d in ends)])
    table = pd.DataFrame(rows, columns=["day", "opens", "closes"])
    return table, quotes(table, 3, [])


@pytest.mark.parametrize(("clock", "zone"), [("venue", NEW_YORK), ("announcement", BERLIN)])
def test_between_the_two_ends_of_summer_time_the_clock_is_whose_one_asks_for(currency, clock, zone):
    """14:15 in Berlin on 3 November 2022 is 09:15 in New York, and was 08:15 there until 28 October."""
    _, bars = currency
    news = {"announced_at": ["2022-11-03T14:15"], "zone": [BERLIN]}
    _, found = found_of(bars, news, "0m:30m", "fx", clock=clock)
    own = pd.Timestamp("2022-11-03 14:15", tz=BERLIN).tz_convert(zone)
    days = pd.bdate_range(end="2022-11-03", periods=61)[::-1]
    at = [pd.Timestamp(f"{day.date()} {own.time()}", tz=zone) for day in days]
    assert (at[10].tz_convert(BERLIN).hour, at[10].tz_convert(BERLIN).minute) == (15 if clock == "venue" else 14, 15)
    rows = [(day, t, t + pd.Timedelta(minutes=30), t) for day, t in zip(days, at, strict=True)]
    agree(found, expected(bars, zone, rows))


def test_a_time_of_the_announcements_clock_is_looked_for_in_the_whole_session(currency):
    """22:15 in Berlin on 2 November 2022 is 17:15 in New York, in the session of the 3rd; in October it was 16:15."""
    _, bars = currency
    news = {"announced_at": ["2022-11-02T22:15"], "zone": [BERLIN]}
    _, found = found_of(bars, news, "0m:30m", "fx", clock="announcement")
    assert found["reference"]["passed_over"] == {}
    days = pd.bdate_range(end="2022-11-03", periods=61)[::-1]
    dates = [day - pd.Timedelta(days=int(day >= pd.Timestamp("2022-10-31"))) for day in days]
    at = [pd.Timestamp(f"{date.date()} 22:15", tz=BERLIN) for date in dates]
    rows = [(day, t, t + pd.Timedelta(minutes=30), t) for day, t in zip(days, at, strict=True)]
    agree(found, expected(bars, BERLIN, rows))


def test_a_weekend_in_which_clocks_go_forward_is_as_long_as_any_other():
    """Before the Sundays of 13 March 2022 and 12 March 2023 it was shut for 47 hours, and not for 48."""
    days = pd.bdate_range("2021-09-06", "2023-03-31")
    rows = []
    for day in days:
        ends = (day - pd.Timedelta(days=1), day)
        rows.append([day, *(pd.Timestamp(f"{d.date()} 17:00", tz=NEW_YORK).tz_convert("UTC") for d in ends)])
    table = pd.DataFrame(rows, columns=["day", "opens", "closes"])
    bars = quotes(table, 4, [])
    events = {"event_id": ["a", "b"], "asset": ["X"] * 2, "announced_at": ["2022-12-17T12:00Z", "2023-03-11T12:00Z"]}
    given = bars[["start", "close"]].rename(columns={"close": "X"})
    found = es.run_study(given, pd.DataFrame(events), bar="15m", windows=["0m:60m"], calendar="fx", tests=["bmp_t"])
    for row, monday in zip(found.rows, ("2022-12-19", "2023-03-13"), strict=True):
        mondays = pd.date_range(end=monday, periods=61, freq="7D")[::-1]
        opened = [table["opens"][table["day"] == day].item() for day in mondays]
        wanted = [move(bars, at, at + pd.Timedelta(hours=1)) for at in opened]
        clock = row["windows"][0]["clock"]
        assert (row["session"], clock["n"]) == (monday, 60)
        assert row["windows"][0]["move"] == pytest.approx(wanted[0], rel=1e-9)
        assert clock["mean"] == pytest.approx(np.mean(wanted[1:]), rel=1e-9)


def test_where_sessions_of_a_currency_touch_a_price_is_as_old_as_it_is(currency):
    """At 17:05 no bar of the session has ended; that of 16:45 is 20 minutes old, one of 16:30 35: older than two."""
    _, bars = currency
    news = {"announced_at": ["2022-11-02T17:05-04:00"]}
    for n, code in ((1, None), (2, "stale-base")):
        left = bars[~bars["start"].isin(pd.date_range("2022-11-02T20:45Z", periods=n, freq="-15min"))]
        assert found_of(left, news, "0m:30m", "fx")[1]["reason_code"] == code


@pytest.mark.parametrize(
    ("calendar", "zone", "hours"),
    [
        ("XHKG", "Asia/Hong_Kong", (("09:30", "12:00"), ("13:00", "16:00"))),
        ("XTKS", TOKYO, (("09:00", "11:30"), ("12:30", "15:00"))),
    ],
)
def test_hours_may_be_counted_from_the_end_of_the_break(calendar, zone, hours):
    """As vendors have them: in Hong Kong from 9:30 and from 13:00 on, in Tokyo from 9:00 and from 12:30 on."""
    days = pd.bdate_range("2023-05-29", "2023-09-01")
    stamps = [
        at
        for day in days
        for a, b in hours
        for at in pd.date_range(f"{day.date()} {a}", f"{day.date()} {b}", freq="1h", inclusive="left", tz=zone)
    ]
    close = 50 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 1e-3, len(stamps))))
    given = pd.DataFrame({"start": pd.DatetimeIndex(stamps).tz_convert("UTC"), "X": close})
    begins = pd.Timestamp(f"2023-08-30 {hours[1][0]}", tz=zone)
    event = pd.DataFrame({"event_id": ["e"], "asset": ["X"], "announced_at": [begins.isoformat()]})
    settings = {"windows": ["0m:60m"], "calendar": calendar, "tests": ["bmp_t"]}
    (row,) = es.run_study(given, event, bar="1h", **settings).rows
    at = stamps.index(begins)
    assert row["windows"][0]["move"] == pytest.approx(np.log(close[at] / close[at - 1]), rel=1e-12)
    assert row["windows"][0]["clock"]["n"] == 60
    assert row["path"]["minutes"] == [-60, 0, 60, 120]  # ends of bars: of that of the morning, and of those after it
    with pytest.raises(InputError, match="write 1h, or give finer bars"):
        es.run_study(given, event, bar="5m", **settings)
