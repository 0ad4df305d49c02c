"""From an instant to the first session that could react: every edge has one right answer (design 5, methods A7)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from eventstudy.calendars import (
    ExchangeCalendar,
    FixingCalendar,
    align,
    at_local_time,
    first_after,
    named_calendar,
    to_instant,
)
from eventstudy.errors import CannotEstimate, InputError
from eventstudy.records import Event
from tests.support.ecb_by_hand import table


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def reacts(calendar: str, moment: str) -> str:
    """First session whose price is taken strictly after `moment`."""
    when = utc(moment)
    found = named_calendar(calendar)
    days = (when.date() - dt.timedelta(days=10), when.date() + dt.timedelta(days=40))
    sessions, instants = found.sessions(*days)
    return str(sessions[first_after(instants, when)])


@pytest.mark.parametrize(
    ("calendar", "moment", "session"),
    [
        # the ECB fixing, 14:15 Frankfurt: 13:15 UTC in winter, 12:15 in summer
        ("ecb", "2023-03-17T13:14:59+00:00", "2023-03-17"),
        ("ecb", "2023-03-17T13:15:00+00:00", "2023-03-20"),
        ("ecb", "2023-03-17T13:15:01+00:00", "2023-03-20"),
        ("ecb", "2023-03-27T12:14:00+00:00", "2023-03-27"),
        ("ecb", "2023-03-27T12:15:00+00:00", "2023-03-28"),
        # both changes of clocks: the Friday before and the Monday after
        ("ecb", "2023-03-24T13:14:00+00:00", "2023-03-24"),
        ("ecb", "2023-10-27T12:15:00+00:00", "2023-10-30"),
        ("ecb", "2023-10-30T13:14:00+00:00", "2023-10-30"),
        ("ecb", "2023-10-30T13:15:00+00:00", "2023-10-31"),
        # weekend, Easter (Good Friday and Easter Monday), Labour Day, Christmas
        ("ecb", "2023-03-18T09:00:00+00:00", "2023-03-20"),
        ("ecb", "2023-04-06T13:00:00+00:00", "2023-04-11"),
        ("ecb", "2023-05-01T09:00:00+00:00", "2023-05-02"),
        ("ecb", "2023-12-22T13:15:00+00:00", "2023-12-27"),
        # New York: exactly at the close, a minute before and after, Sunday, a half-day afternoon
        ("XNYS", "2023-03-17T15:59:00-04:00", "2023-03-17"),
        ("XNYS", "2023-03-17T16:00:00-04:00", "2023-03-20"),
        ("XNYS", "2023-03-17T16:01:00-04:00", "2023-03-20"),
        ("XNYS", "2023-03-19T18:30:00+00:00", "2023-03-20"),
        ("XNYS", "2022-11-25T12:59:00-05:00", "2022-11-25"),
        ("XNYS", "2022-11-25T13:00:00-05:00", "2022-11-28"),
        ("XNYS", "2023-04-07T08:30:00-04:00", "2023-04-10"),
        ("XLON", "2023-04-07T08:30:00-04:00", "2023-04-11"),
        # New York's change of clocks on 12 March 2023: the close moves from 21:00 to 20:00 UTC
        ("XNYS", "2023-03-10T20:30:00+00:00", "2023-03-10"),
        ("XNYS", "2023-03-13T20:30:00+00:00", "2023-03-14"),
        ("XNYS", "2023-11-03T20:30:00+00:00", "2023-11-06"),
        ("XNYS", "2023-11-06T20:30:00+00:00", "2023-11-06"),
        # one instant, five venues: 07:00 UTC on 17 March 2023 (methods A7)
        ("XSHG", "2023-03-17T07:00:00+00:00", "2023-03-20"),
        ("XTKS", "2023-03-17T07:00:00+00:00", "2023-03-20"),
        ("XHKG", "2023-03-17T07:00:00+00:00", "2023-03-17"),
        ("XLON", "2023-03-17T07:00:00+00:00", "2023-03-17"),
        ("XNYS", "2023-03-17T07:00:00+00:00", "2023-03-17"),
        # closures that exchange_calendars misses: a typhoon, a black rainstorm, the suspension in Moscow
        ("XHKG", "2023-09-01T03:00:00+00:00", "2023-09-04"),
        ("HKEX", "2023-09-01T03:00:00+00:00", "2023-09-04"),
        ("XHKG", "2023-09-08T03:00:00+00:00", "2023-09-11"),
        ("XMOS", "2022-03-01T09:00:00+00:00", "2022-03-24"),
        # years before exchange_calendars' own start
        ("XNYS", "2001-09-11T12:46:00+00:00", "2001-09-17"),
        # spot FX: the week runs from Sunday 17:00 to Friday 17:00 New York
        ("fx", "2023-03-17T20:59:00+00:00", "2023-03-17"),
        ("fx", "2023-03-17T21:00:00+00:00", "2023-03-20"),
        ("fx", "2023-03-19T21:30:00+00:00", "2023-03-20"),
        ("fx", "2023-01-15T21:30:00+00:00", "2023-01-16"),
    ],
)
def test_first_session_that_could_react(calendar: str, moment: str, session: str) -> None:
    assert reacts(calendar, moment) == session


def test_the_fixings_of_the_rules_are_those_of_the_banks_own_file() -> None:
    days = np.array(table()[0], dtype="datetime64[D]")
    assert FixingCalendar().sessions(dt.date(1998, 1, 1), days[-1].item())[0].tolist() == days.tolist()


def event(earliest: str, latest: str, stated: str | None = None) -> Event:
    return Event(
        event_id="x", title="X", earliest=utc(earliest), latest=utc(latest), stated=utc(stated) if stated else None
    )


def fixings(first: str, last: str) -> tuple[np.ndarray, np.ndarray]:
    return FixingCalendar().sessions(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_an_interval_within_one_session_has_one_alignment() -> None:
    found = align(
        event("2023-03-17T06:00Z", "2023-03-17T07:06Z", "2023-03-17T07:00Z"), *fixings("2023-03-01", "2023-03-31")
    )
    assert [(a.name, str(a.session)) for a in found] == [("main", "2023-03-17")]


def test_an_interval_over_a_fixing_has_two() -> None:
    found = align(event("2022-02-03T16:00Z", "2022-02-04T15:59:59Z"), *fixings("2022-01-01", "2022-02-28"))
    assert [(a.name, str(a.session)) for a in found] == [("main", "2022-02-04"), ("latest", "2022-02-07")]


def test_a_stated_time_after_a_fixing_inside_the_interval_has_two_the_other_way() -> None:
    found = align(
        event("2022-02-04T08:00Z", "2022-02-04T15:00Z", "2022-02-04T14:00Z"), *fixings("2022-01-01", "2022-02-28")
    )
    assert [(a.name, str(a.session)) for a in found] == [("main", "2022-02-07"), ("earliest", "2022-02-04")]


@pytest.mark.parametrize(
    ("moment", "reason"),
    [("2021-01-01T00:00Z", "after the announcement"), ("2022-02-28T13:15Z", "no price has been taken")],
)
def test_events_beyond_the_sessions_have_a_reason(moment: str, reason: str) -> None:
    with pytest.raises(CannotEstimate, match=reason):
        align(event(moment, moment), *fixings("2022-01-01", "2022-02-28"))


def test_naive_instants_are_refused() -> None:
    with pytest.raises(InputError, match="without a zone"):
        to_instant(dt.datetime(2023, 3, 17, 7, 0))  # noqa: DTZ001  # that is the point


def test_an_unknown_calendar_names_the_remedy() -> None:
    with pytest.raises(InputError, match="XNYS"):
        named_calendar("NYSE2")


@pytest.mark.parametrize("mic", ["XTKS", "XSHG", "XBOM", "XSES", "XSAU", "AIXK", "XNYS", "XLON", "XETR"])
def test_venues_whose_history_is_bounded_still_open(mic: str) -> None:
    sessions, instants = ExchangeCalendar(mic).sessions(dt.date(2022, 6, 1), dt.date(2022, 6, 30))
    assert 15 <= sessions.size <= 23
    assert (np.diff(instants) > np.timedelta64(0, "ns")).all()


# The thirty largest venues by the value of what is listed there, as exchange_calendars names them, and spot FX.
LARGEST = [
    "XNYS",
    "XSHG",
    "XTKS",
    "XPAR",
    "XAMS",
    "XHKG",
    "XBOM",
    "XTSE",
    "XLON",
    "XSAU",
    "XETR",
    "XTAI",
    "XSWX",
    "XKRX",
    "XSTO",
    "XASX",
    "XIDX",
    "XJSE",
    "XMAD",
    "BVMF",
    "XMIL",
    "XSES",
    "XMEX",
    "XBRU",
    "XCSE",
    "XHEL",
    "XOSL",
    "XKLS",
    "XBKK",
    "XIST",
    "XWAR",
    "XMOS",
    "fx",
]


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_venues_have_a_year_of_sessions_each_priced_after_the_one_before(name: str) -> None:
    sessions, instants = named_calendar(name).sessions(dt.date(2022, 1, 1), dt.date(2024, 12, 31))
    for year in ("2022", "2023", "2024"):
        inside = sessions.astype("datetime64[Y]") == np.datetime64(year)
        assert 230 <= inside.sum() <= 262, year
    assert (np.diff(instants) > np.timedelta64(0, "ns")).all()
    # the price of a session is taken on its own date there, which in UTC is that date or the one before or after
    assert (np.abs(instants.astype("datetime64[D]") - sessions) <= np.timedelta64(1, "D")).all()


CLOSURES = {
    "XNYS": ("2001-09-11", "2012-10-29", "2018-12-05", "2025-01-09"),
    "XLON": ("2011-04-29", "2022-06-03", "2022-09-19", "2023-05-08"),
    "XTKS": ("2019-05-01", "2020-10-01"),
    "XHKG": ("2020-10-13", "2021-10-13", "2023-07-17", "2023-09-01", "2023-09-08"),
    "XKRX": ("2020-08-17", "2022-03-09", "2024-10-01", "2026-06-03"),
    "XTAI": ("2016-09-27", "2019-09-30", "2024-07-24", "2024-10-02", "2024-10-31"),
    "XBOM": ("2024-01-22", "2024-05-20", "2024-11-20", "2026-01-15"),
    "XIST": ("2023-02-09", "2023-02-14"),
    "XMOS": ("2022-02-28", "2022-03-23"),
    "XJSE": ("2024-05-29",),
    "XIDX": ("2024-02-14",),
    "XPHS": ("2020-03-17", "2020-11-12", "2022-09-26", "2024-07-24"),
    "XSES": ("2015-08-07", "2023-09-01"),
}


@pytest.mark.parametrize("mic", CLOSURES)
def test_closures_that_no_rule_foresees_are_known(mic: str) -> None:
    for text in CLOSURES[mic]:
        day = dt.date.fromisoformat(text)
        assert ExchangeCalendar(mic).sessions(day, day)[0].size == 0, text


# Each from a notice of the exchange, or from a newspaper that quotes it on the day; times are local.
KNOWN = [
    # an hour later on the day of the university entrance exam (Korea Exchange, edaily.co.kr 2025-11-12, khan.co.kr
    # 2022-11-16, donga.com 2021-11-04); until 2016-07-29 the close was at 15:00, on exam days at 16:00
    ("XKRX", "2025-11-13", "Asia/Seoul", "16:30"),
    ("XKRX", "2024-11-14", "Asia/Seoul", "16:30"),
    ("XKRX", "2022-11-17", "Asia/Seoul", "16:30"),
    ("XKRX", "2021-11-18", "Asia/Seoul", "16:30"),
    ("XKRX", "2015-11-12", "Asia/Seoul", "16:00"),
    ("XKRX", "2025-11-12", "Asia/Seoul", "15:30"),
    ("XKRX", "2016-07-29", "Asia/Seoul", "15:00"),
    ("XKRX", "2016-08-01", "Asia/Seoul", "15:30"),
    # Muhurat sessions: ndtv.com 2020-11-14 and 2019-10-27, angelone.in for 2023, businesstimes.co 2024-10-21,
    # livemint.com for 2022, localnewswave.com for 2025, hindupad.com for 2016, planetarypositions.com for 2015
    ("XBOM", "2025-10-21", "Asia/Kolkata", "14:45"),
    ("XBOM", "2024-11-01", "Asia/Kolkata", "19:00"),
    ("XBOM", "2023-11-12", "Asia/Kolkata", "19:15"),
    ("XBOM", "2022-10-24", "Asia/Kolkata", "19:15"),
    ("XBOM", "2021-11-04", "Asia/Kolkata", "19:15"),
    ("XBOM", "2020-11-14", "Asia/Kolkata", "19:15"),
    ("XBOM", "2019-10-27", "Asia/Kolkata", "19:15"),
    ("XBOM", "2016-10-30", "Asia/Kolkata", "19:30"),
    ("XBOM", "2015-11-11", "Asia/Kolkata", "18:45"),
    # Saturdays and a Sunday of budgets, and of tests in two parts that ended at 12:30 (circular CMTR72349 of the NSE;
    # zerodha.com 2015-02-20, news18.com 2020-01-22, business-standard.com 2024-05-17, thehindubusinessline.com)
    ("XNSE", "2026-02-01", "Asia/Kolkata", "15:30"),
    ("XBOM", "2025-02-01", "Asia/Kolkata", "15:30"),
    ("XBOM", "2024-01-20", "Asia/Kolkata", "15:30"),
    ("XBOM", "2020-02-01", "Asia/Kolkata", "15:30"),
    ("XBOM", "2015-02-28", "Asia/Kolkata", "15:30"),
    ("XBOM", "2024-03-02", "Asia/Kolkata", "12:30"),
    ("XBOM", "2024-05-18", "Asia/Kolkata", "12:30"),
    # Tokyo closes half an hour later since 5 November 2024 (Japan Exchange Group, arrowhead4.0)
    ("XTKS", "2024-11-01", "Asia/Tokyo", "15:00"),
    ("XTKS", "2024-11-05", "Asia/Tokyo", "15:30"),
    # half days
    ("XNYS", "2024-07-03", "America/New_York", "13:00"),
    ("XLON", "2024-12-24", "Europe/London", "12:30"),
    ("XHKG", "2024-12-24", "Asia/Hong_Kong", "12:00"),
    # the trading day of Globex ends at 16:00 in Chicago, until September 2015 a quarter of an hour later
    ("CMES", "2024-03-13", "America/Chicago", "16:00"),
    ("CMES", "2015-09-18", "America/Chicago", "16:15"),
]


@pytest.mark.parametrize(("name", "day", "zone", "time"), KNOWN)
def test_hours_of_known_days(name: str, day: str, zone: str, time: str) -> None:
    date = dt.date.fromisoformat(day)
    labels, closes = named_calendar(name).sessions(date, date)
    wanted = dt.datetime.combine(date, dt.time.fromisoformat(time), ZoneInfo(zone)).astimezone(dt.UTC)
    assert (labels.astype(str).tolist(), closes.tolist()) == ([day], [to_instant(wanted).item()])


@pytest.mark.parametrize(
    ("name", "same"), [("XNAS", "XNYS"), ("XNSE", "XBOM"), ("XSHE", "XSHG"), ("XKOS", "XKRX"), ("IFUS", "IEPA")]
)
def test_a_venue_with_the_sessions_of_another_is_known_by_its_own_mic(name: str, same: str) -> None:
    assert named_calendar(name) == named_calendar(same)


@pytest.mark.parametrize(("name", "meant"), [("XNSY", "XNYS"), ("xlon", "XLON"), ("ECB", "ecb"), ("24-7", "24/7")])
def test_a_near_miss_is_asked_for(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean '{meant}'"):
        named_calendar(name)


def test_a_calendar_says_how_far_it_is_known() -> None:
    shanghai = named_calendar("XSHG")
    assert (shanghai.first_day, shanghai.last_day) == (dt.date(1990, 12, 3), dt.date(2026, 12, 31))
    assert named_calendar("XNYS").last_day >= dt.date(2035, 12, 31)


def test_coins_never_rest_and_foreign_exchange_rests_at_weekends_and_on_two_days() -> None:
    christmas = dt.date(2023, 12, 23), dt.date(2023, 12, 27)
    labels, instants = named_calendar("24/7").sessions(*christmas)
    assert labels.size == 5
    assert str(instants[-1]).startswith("2023-12-28T00:00")
    for name, first, friday in (("fx", "22:00", "22:00"), ("fx-london", "00:00", "22:00")):
        labels, _ = named_calendar(name).sessions(*christmas)
        assert labels.astype(str).tolist() == ["2023-12-26", "2023-12-27"]
        _, instants = named_calendar(name).sessions(dt.date(2023, 1, 12), dt.date(2023, 1, 13))
        assert [str(instant)[11:16] for instant in instants] == [first, friday]


@pytest.mark.parametrize(
    ("day", "zone", "time", "instant"),
    [
        ("2023-03-26", "Europe/Berlin", dt.time(2, 30), "2023-03-26T01:00"),  # leapt over: the moment of the leap
        ("2023-10-29", "Europe/Berlin", dt.time(2, 30), "2023-10-29T00:30"),  # came twice: the first counts
        ("2018-11-04", "America/Sao_Paulo", dt.time(0), "2018-11-04T03:00"),  # a midnight that was not
        ("2023-03-17", "America/New_York", dt.time(16, 0, 30), "2023-03-17T20:00:30"),
    ],
)
def test_local_times_that_are_not_or_are_twice(day, zone, time, instant):
    found = at_local_time(np.array([day], dtype="datetime64[D]"), time, zone)
    assert found == np.array([instant], dtype="datetime64[ns]")
