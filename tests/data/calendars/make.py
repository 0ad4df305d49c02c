"""Answers of exchange_calendars 4.13.2 under pandas 2.3.3, for the venues that pandas 3 breaks.

    pip install 'pandas<3' exchange_calendars==4.13.2
    python tests/data/calendars/make.py > tests/data/calendars/pandas2.json

Of each venue the number of its sessions, a SHA-256 over all of them with their hours, and the sessions of some
stretches in full: labels, opens and closes in UTC.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

import exchange_calendars
import pandas as pd
from exchange_calendars import calendar_utils

FIRST, LAST = pd.Timestamp("1990-01-01"), pd.Timestamp("2035-12-31")
# The weeks in question: special Saturdays and Sundays; the Orthodox Easter; the Hebrew New Year, and the change of
# Tel Aviv's week.
STRETCHES = {
    "XBOM": [("2024-01-15", "2024-01-23"), ("2025-01-30", "2025-02-03")],
    "XMOS": [
        ("2010-02-26", "2010-02-28"),
        ("2012-03-08", "2012-03-12"),
        ("2016-02-19", "2016-02-21"),
        ("2021-02-19", "2021-02-21"),
        ("2024-04-26", "2024-04-30"),
        ("2024-11-01", "2024-11-05"),
        ("2024-12-27", "2024-12-31"),
    ],
    "XKRX": [("1998-11-27", "1998-12-14")],
    "ASEX": [("2024-05-01", "2024-05-08"), ("2015-06-26", "2015-08-04")],
    "XBEL": [("2024-05-01", "2024-05-08")],
    "XBSE": [("2024-05-01", "2024-05-08")],
    "XCYS": [("2024-05-01", "2024-05-08")],
    "XTAE": [("2022-09-22", "2022-09-29"), ("2025-12-31", "2026-01-12")],
}


def lines(calendar: Any) -> list[str]:
    """One line per session."""
    rows = zip(calendar.opens.index, calendar.opens, calendar.closes, strict=True)
    return [f"{day:%Y-%m-%d} {first:%Y-%m-%dT%H:%M} {last:%Y-%m-%dT%H:%M}" for day, first, last in rows]


def main() -> None:
    assert pd.__version__.startswith("2."), "the answers are those of pandas 2"
    out = {"made_with": f"exchange_calendars {exchange_calendars.__version__}, pandas {pd.__version__}"}
    for mic, stretches in STRETCHES.items():
        factory = calendar_utils._default_calendar_factories[mic]
        start = max(filter(None, (FIRST, factory.bound_min())))
        end = min(filter(None, (LAST, factory.bound_max())))
        found = lines(factory(start=start, end=end))
        out[mic] = {
            "sessions": len(found),
            "sha256": hashlib.sha256("\n".join(found).encode()).hexdigest(),
            "stretches": {f"{a}/{b}": [line for line in found if a <= line[:10] <= b] for a, b in stretches},
        }
    sys.stdout.write(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
