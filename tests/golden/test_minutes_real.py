"""Hourly EURUSD, 2017 to 2018, about statements of the Federal Reserve and the ECB's decisions: all by hand.

The bars are those that the package backtesting (AGPL-3.0) has for its own tests: ``make long`` fetches it for this one,
and nothing of it is shipped (``real-data.txt``). The instants are those of ``fomc.csv`` and ``ecb.csv`` of
``eventstudy/events``.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.events import releases

ZONE = "America/New_York"
PACE = 12  # bars: three hours are fewer than twelve
BARS = Path(sys.prefix) / "test-data" / "backtesting" / "test" / "EURUSD.csv"

pytestmark = pytest.mark.long  # with the others that `make test` leaves out: it has no such file


@pytest.fixture(scope="module")
def bars():
    assert BARS.exists(), "`make long` fetches it"
    found = pd.read_csv(BARS)
    found = found.rename(columns={found.columns[0]: "start", **{c: c.lower() for c in found.columns[1:]}})
    return found.assign(symbol="EURUSD", start=found["start"] + "Z")


# Window → the releases, how many there are, and by New York's clock the hours of the bars that it begins and ends with.
# The ECB's decision comes at 7:45: the price before it is that of 7:00, the last bar after it that counts ends at 9:00.
CASES = {
    "0m:60m": ("fomc", "statement", 4, 13, 14),
    "-60m:60m": ("fomc", "statement", 4, 12, 14),
    "0m:120m": ("ecb", "press-release", 5, 6, 8),
}


@pytest.fixture(scope="module")
def instants():
    found = {}
    for bank, kind, *_ in CASES.values():
        table = pd.read_csv(releases.__file__.replace("releases.py", f"{bank}.csv"))
        inside = table["announced_at"].between("2017-07-20", "2018-01-31") & (table["kind"] == kind)
        found[bank] = table.loc[inside, "announced_at"].tolist()
    found["fomc"] = [at for at in found["fomc"] if at < "2018-01-15"]  # the bars end on 7 February, 31 January is near
    return found


@pytest.fixture(scope="module")
def rows(bars, instants):
    every = [at for some in instants.values() for at in some]
    events = pd.DataFrame({"event_id": every, "asset": "EURUSD", "announced_at": every})
    found = es.run_study(bars, events, bar="1h", windows=list(CASES), calendar="fx", tests=["bmp_t"])
    return {row["event_id"]: row for row in found.rows}


@pytest.fixture(scope="module")
def hours(bars):
    """Close, session and New York's time of day of every bar, and its return from the one that ended as it began."""
    table = pd.DataFrame({"close": bars["close"].to_numpy()}, index=pd.to_datetime(bars["start"]).rename("start"))
    local = table.index.tz_convert(ZONE)
    table["hour"] = local.hour
    table["session"] = (local + pd.Timedelta("7h")).date  # a session begins at 17:00, and is called by the next day
    follows = table.index.to_series().diff() == pd.Timedelta("1h")
    table["r"] = np.log(table["close"]).diff().where(follows)
    return table


def reference(hours, announced, first, last):
    """Moves from the end of one hour to that of another, of the announcement and of 60 sessions before it."""
    base = hours[hours["hour"] == first].set_index("session")["close"]
    end = hours[hours["hour"] == last].set_index("session")["close"]
    moves = np.log(end / base).dropna().sort_index()
    day = pd.Timestamp(announced).tz_convert(ZONE).date()
    return moves[day], moves[moves.index < day].iloc[-60:]


@pytest.mark.parametrize("bounds", CASES)
def test_the_moves_ranks_and_paces_of_every_release(rows, hours, instants, bounds):
    bank, _, n, first, last = CASES[bounds]
    assert len(instants[bank]) == n
    for announced in instants[bank]:
        own, others = reference(hours, announced, first, last)
        window = rows[announced]["windows"][list(CASES).index(bounds)]
        assert window["move"] == pytest.approx(own, rel=1e-9)
        assert window["reference"]["used"] == len(others) == 60
        clock = window["clock"]
        assert clock["t"] == pytest.approx((own - others.mean()) / (others.std() * math.sqrt(61 / 60)), rel=1e-9)
        centre = (own + others.sum()) / 61
        rank = 1 + sum(abs(x - centre) >= abs(own - centre) for x in others)
        assert clock["placebo_p"] == pytest.approx(rank / 61, rel=1e-12)
        # the pace: twelve returns before, each in units of what its hour moved on these sessions
        chosen = hours[hours["session"].isin(others.index)]
        scale = np.sqrt((chosen["r"] ** 2).groupby(chosen["hour"]).mean())
        u = (hours["r"] / hours["hour"].map(scale)).dropna()

        def pace(day, u=u):
            moment = pd.Timestamp(f"{day} {first + 1}:00", tz=ZONE)
            return math.sqrt((u[u.index < moment.tz_convert("UTC")].iloc[-PACE:] ** 2).mean())

        z = np.array([move / pace(day) for day, move in others.items()])
        v = pace(pd.Timestamp(announced).tz_convert(ZONE).date())
        assert window["paced"]["pace"] == pytest.approx(v, rel=1e-9)
        t = (own / v - z.mean()) / (z.std(ddof=1) * math.sqrt(61 / 60))
        assert window["paced"]["t"] == pytest.approx(t, rel=1e-9)
        p = 2 * stats.t.sf(abs(t) * math.sqrt(8 / 6), 8)
        centre = (own / v + z.sum()) / 61
        placebo = (1 + sum(abs(z - centre) >= abs(own / v - centre))) / 61
        assert window["paced"]["p_value"] == pytest.approx(p, rel=1e-9)
        by_t, by_placebo = p <= 0.05, placebo <= 0.05
        both = "strong" if p <= 0.01 else "moderate"
        assert window["verdict"] == (both if by_t and by_placebo else "weak" if by_t or by_placebo else "none")


def test_the_september_statement_moved_the_dollar_and_the_november_one_did_not(rows):
    """On 20 September 2017 the Fed kept a third rise in sight, and the euro fell by a cent within the hour."""
    found = {announced[:10]: row["windows"][0] for announced, row in rows.items()}
    assert found["2017-09-20"]["move"] == pytest.approx(-0.0085, abs=0.003)
    assert found["2017-09-20"]["verdict"] == "strong"
    assert found["2017-11-01"]["verdict"] == "none"
