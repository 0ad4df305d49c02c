"""What a calendar can be called in the settings, on the command line and in tables of events."""

from __future__ import annotations

import difflib

from eventstudy.errors import InputError

# The ECB's fixings; the week of foreign exchange, cut at 17:00 New York or at midnight in London; every day.
OURS = ("ecb", "fx", "fx-london", "24/7")
NONE = "none"  # in the settings: the sessions are those of the source's own bars

# Venues whose MIC exchange_calendars lacks, beside the one there that has their holidays and hours.
SAME: dict[str, str] = {
    "XNSE": "XBOM",  # National Stock Exchange of India
    "XSHE": "XSHG",  # Shenzhen
    "XKOS": "XKRX",  # Kosdaq
    "ROCO": "XTAI",  # Taipei
    "MTAA": "XMIL",
    "IFUS": "IEPA",
    "XCME": "CMES",
    "XCBT": "CMES",
    "XNYM": "CMES",
    "XCEC": "CMES",
}


def resolved(name: str) -> str:
    """The calendar's own name: one of ours, or a MIC that exchange_calendars has.

    Raises
    ------
    InputError
        For a name that nobody knows; asks whether one that is near was meant.
    """
    if name in OURS:
        return name
    import exchange_calendars  # with pandas, a quarter of a second: only where a venue is named

    known = [*OURS, *SAME, *exchange_calendars.get_calendar_names()]
    if name in known:
        own: str = exchange_calendars.resolve_alias(SAME.get(name, name))
        return own
    near = difflib.get_close_matches(name.upper(), known, n=1) or difflib.get_close_matches(name.lower(), OURS, n=1)
    remedy = f"use {', '.join(OURS)} or a MIC such as XNYS"
    if near:
        remedy = f"did you mean {near[0]!r}? else {remedy}"
    raise InputError("unknown calendar", where="calendar", value=name, remedy=remedy)
