"""Days that exchange_calendars 4.13.2 has wrong, each with its origin: closures, sessions and hours that it lacks.

A row that a newer exchange_calendars brings does no harm here: it says the same.
"""

from __future__ import annotations

# Days that it wrongly holds open: first and last, both included.
CLOSED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "XHKG": (
        ("2023-09-01", "2023-09-01", "typhoon Saola; gerrymanoim/exchange_calendars#600"),
        ("2023-09-08", "2023-09-08", "black rainstorm; gerrymanoim/exchange_calendars#600"),
    ),
    "XTAI": (("2024-10-31", "2024-10-31", "typhoon Kong-rey"),),
    "XJSE": (("2024-05-29", "2024-05-29", "general election, a public holiday"),),
    "XMOS": (("2022-02-28", "2022-03-23", "stock trading suspended by the Bank of Russia"),),
    "XBOM": (("2026-01-15", "2026-01-15", "municipal elections; gerrymanoim/exchange_calendars#544"),),
    "XKRX": (("2026-06-03", "2026-06-03", "local elections; gerrymanoim/exchange_calendars#574"),),
    "XPHS": (
        ("2020-03-17", "2020-03-18", "quarantine of Luzon; memorandum of the exchange of 16 March 2020"),
        ("2020-11-12", "2020-11-12", "typhoon Ulysses; memorandum of 11 November 2020"),
        ("2022-09-26", "2022-09-26", "typhoon Karding; memorandum of 25 September 2022"),
        ("2024-07-24", "2024-07-24", "typhoon Carina; memorandum of the day"),
    ),
}

# Sessions that it lacks, or whose hours it lacks: day, open and close in local time, why.
_MUHURAT = "Muhurat session at Diwali"
_BUDGET = "budget of the Union, regular hours"
_RECOVERY = "test of the disaster recovery site, in two parts"
_EXAM = "university entrance exam: everything an hour later"
HOURS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    # The weekdays before 2024 and 2025-10-21 as in rsheftel/pandas_market_calendars#479, from circulars of the NSE;
    # the weekends from circulars of NSE and BSE as newspapers of the day quote them
    "XBOM": (
        ("2001-11-14", "17:00", "18:15", _MUHURAT),
        ("2002-11-04", "17:00", "18:15", _MUHURAT),
        ("2004-11-12", "17:30", "18:45", _MUHURAT),
        ("2005-11-01", "18:05", "19:20", _MUHURAT),
        ("2007-11-09", "18:00", "19:00", _MUHURAT),
        ("2008-10-28", "18:15", "19:15", _MUHURAT),
        ("2010-11-05", "18:15", "19:15", _MUHURAT),
        ("2011-10-26", "16:45", "18:00", _MUHURAT),
        ("2012-11-13", "15:45", "17:00", _MUHURAT),
        ("2014-10-23", "18:30", "19:30", _MUHURAT),
        ("2015-02-28", "09:15", "15:30", _BUDGET),
        ("2015-11-11", "17:45", "18:45", _MUHURAT),
        ("2016-10-30", "18:30", "19:30", _MUHURAT),
        ("2017-10-19", "18:30", "19:30", _MUHURAT),
        ("2018-11-07", "17:30", "18:30", _MUHURAT),
        ("2019-10-27", "18:15", "19:15", _MUHURAT),
        ("2020-02-01", "09:15", "15:30", _BUDGET),
        ("2020-11-14", "18:15", "19:15", _MUHURAT),
        ("2021-11-04", "18:15", "19:15", _MUHURAT),
        ("2022-10-24", "18:15", "19:15", _MUHURAT),
        ("2023-11-12", "18:15", "19:15", _MUHURAT),
        ("2024-03-02", "09:15", "12:30", _RECOVERY),
        ("2024-05-18", "09:15", "12:30", _RECOVERY),
        ("2024-11-01", "18:00", "19:00", _MUHURAT),
        ("2025-10-21", "13:45", "14:45", _MUHURAT),
        ("2026-02-01", "09:15", "15:30", f"{_BUDGET}; circular CMTR72349 of the NSE"),
    ),
    # Notices of the Korea Exchange; exchange_calendars knows the days of 1993 to 2020
    "XKRX": tuple(
        (day, "10:00", "16:30", _EXAM)
        for day in ("2021-11-18", "2022-11-17", "2023-11-16", "2024-11-14", "2025-11-13", "2026-11-19")
    ),
}

# Closing hours in place of its own: since when (empty: always), local time. Both futures exchanges halt for the day
# before the hour that exchange_calendars takes for its end: the price of a day is the last one before that halt.
CLOSES: dict[str, tuple[tuple[str, str], ...]] = {
    "CMES": (("", "16:15"), ("2015-09-21", "16:00")),
    "IEPA": (("", "17:00"),),
}
