"""The curve of candidate minutes (H11) and averages over announcements (H13) against a slow second reading."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from tests.support import minutes_by_hand as by_hand
from tests.unit.test_minutes_by_hand import SIZE, ZONE, bars, sessions

MINUTE = dt.timedelta(minutes=1)
WINDOW = (0, 60)
# The Wednesday before Thanksgiving, whose market closes at 21:00Z: candidates from the middle of a bar to one that lies
# after the last bar that a window can end with.
FIRST, LAST = "2022-11-23T18:10:00Z", "2022-11-23T20:30:00Z"


@pytest.fixture(scope="module")
def table():
    return bars()


@pytest.fixture(scope="module")
def asset(table):
    rows = table[table["symbol"] == "AAA"].to_dict("records")
    return by_hand.Series(rows, sessions("2022-08-01", "2022-12-15"), SIZE, ZONE)


def near(found, wanted):
    return found is not None and math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-13)


@pytest.fixture(scope="module")
def unknown(table):
    events = pd.DataFrame({"event_id": ["vote"], "asset": ["AAA"], "earliest": [FIRST], "latest": [LAST]})
    result = es.run_study(table, events, bar="30m", windows=["0m:60m"], calendar="XNYS")
    (row,) = result.to_dict()["events"]
    return row["minutes"]


def test_every_candidate_minute_has_the_tests_of_an_announcement_at_it(asset, unknown):
    first, last = map(dt.datetime.fromisoformat, (FIRST, LAST))
    grid = [first, *(at for at in (first + 20 * MINUTE + k * SIZE * MINUTE for k in range(5)) if at < last), last]
    assert [row["at"] for row in unknown["curve"]] == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in grid]
    verdicts = []
    for at, row in zip(grid, unknown["curve"], strict=True):
        wanted = by_hand.study(asset, None, at, WINDOW, ZONE)
        assert row["reason_code"] == wanted.get("reason"), at
        if "clock" in wanted:
            for part in ("clock", "paced"):
                for name in ("t", "p", "placebo_p"):
                    assert near(row[f"{part}_{name}"], wanted[part][name]), (at, part, name)
            verdicts.append(wanted["paced"]["p"] <= 0.05 or wanted["paced"]["placebo_p"] <= 0.05)
    assert len(verdicts) == 5
    says = "all agree" if all(verdicts) else "depends on the minute" if any(verdicts) else "none"
    assert unknown["agreement"] == says


def test_the_bar_in_which_the_market_moved_most_and_its_p_are_those_of_loops(asset, unknown):
    """The bars that start in the interval, each in units of its time of day and of the pace of its session."""
    first, last = map(dt.datetime.fromisoformat, (FIRST, LAST))
    out = study_with_rows(asset, first)
    by_clock: dict[dt.time, list[float]] = {}
    chosen = {j for j, _ in out["rows"]}
    for bar, r in asset.adjacent():
        if bar["k"] in chosen:
            by_clock.setdefault(bar["clock"], []).append(r)
    scale = {clock: math.sqrt(sum(r * r for r in rs) / len(rs)) for clock, rs in by_clock.items()}

    def most(since, v):
        found = [
            (abs(r) / scale[bar["clock"]] / v, bar["start"])
            for bar, r in asset.adjacent()
            if since <= bar["start"] <= since + (last - first) and scale.get(bar["clock"])
        ]
        return max(found, default=None)

    (_, own), *others = [(j, most(row["at"], v)) for (j, row), v in zip(out["all"], out["v"], strict=True) if v]
    sizes = [found[0] for _, found in others if found]
    learned = unknown["learned"]
    assert learned["at"] == own[1].astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert near(learned["z"], own[0])
    assert (learned["n"], near(learned["p_value"], (1 + sum(x >= own[0] for x in sizes)) / (len(sizes) + 1))) == (
        len(sizes),
        True,
    )


def study_with_rows(asset, at):
    """The reference sessions of an announcement in an open market, and the pace of each."""
    opens = [o for _, o, _ in asset.sessions]
    k = max(i for i, o in enumerate(opens) if o <= at)
    zone = by_hand.ZoneInfo(ZONE)
    own = by_hand.window_of(asset, k, at, True, WINDOW, None, zone)
    rows = []
    for j in range(k - 1, asset.bars[0]["k"] - 1, -1):
        try:
            moment = by_hand.on_day(asset.sessions, j, at, k, zone)
            rows.append((j, by_hand.window_of(asset, j, moment, True, WINDOW, None, zone)))
        except by_hand.Refused:
            continue
    rows = rows[: by_hand.REFERENCE]
    whole = [(k, own), *rows]
    return {"rows": rows, "all": whole, "v": by_hand.paces(asset, whole, WINDOW[0])}


@pytest.fixture(scope="module")
def many(table):
    days = [day for day, _, _ in sessions("2022-09-26", "2022-11-29")][::4]
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(days))],
            "asset": "AAA",
            "announced_at": [f"{day}T{15 + i % 4}:00:00Z" for i, day in enumerate(days)],
            "surprise": np.sin(np.arange(len(days))),
        }
    )
    result = es.run_study(table, events, bar="30m", windows=["0m:60m"], calendar="XNYS", regress=["surprise"])
    return events, result.to_dict()


def alone(asset, events):
    """Every announcement by itself."""
    announced = map(dt.datetime.fromisoformat, events["announced_at"])
    return [by_hand.study(asset, None, at, WINDOW, ZONE) for at in announced]


def test_averages_are_those_of_the_paced_t_and_of_the_moves_beyond_their_own_sessions(asset, many):
    events, found = many
    single = alone(asset, events)
    s = np.array([one["paced"]["t"] for one in single])
    moves = np.array([one["move"] - one["clock"]["mean"] for one in single])
    error = np.array([one["clock"]["s"] * math.sqrt(1 + 1 / one["clock"]["n"]) for one in single])
    n = len(s)
    (group,) = found["aggregate"]
    (window,) = group["windows"]
    assert near(window["caar"], moves.mean())
    assert near(window["paced"]["caar"], s.mean())
    assert near(window["median_car"], np.median(moves))

    def told(tests, name):
        (test,) = (test for test in tests if test["name"] == name)
        return test["statistic"], test["p_value"]

    paced, plain = window["tests"], window["moves"]["tests"]
    for tests, values, scaled in ((paced, s, s), (plain, moves, moves / error)):
        t = values.mean() / (values.std(ddof=1) / math.sqrt(n))
        assert told(tests, "cross_sectional_t") == pytest.approx((t, 2 * stats.t.sf(abs(t), n - 1)), rel=1e-9)
        t = scaled.mean() / (scaled.std(ddof=1) / math.sqrt(n))
        assert told(tests, "bmp_t") == pytest.approx((t, 2 * stats.t.sf(abs(t), n - 1)), rel=1e-9)
        z = (2 * (values > 0).sum() - n) / math.sqrt(n)
        assert told(tests, "sign_z") == pytest.approx((z, 2 * stats.norm.sf(abs(z))), rel=1e-9)
        p = stats.wilcoxon(values, method="exact").pvalue
        assert told(tests, "wilcoxon")[1] == pytest.approx(p, rel=1e-9)
        sizes = np.array([one["paced" if values is s else "clock"]["n"] for one in single])
        z = scaled.sum() / math.sqrt(((sizes - 1) / (sizes - 3)).sum())
        assert told(tests, "patell_z") == pytest.approx((z, 2 * stats.norm.sf(abs(z))), rel=1e-9)


def test_what_surprises_explain_is_least_squares_with_errors_that_leave_one_out(asset, many):
    events, found = many
    single = alone(asset, events)
    y = np.array([one["move"] - one["clock"]["mean"] for one in single])
    x = np.column_stack([np.ones(len(y)), events["surprise"].to_numpy()])
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    left = 1 - np.einsum("ij,jk,ik->i", x, inverse, x)
    meat = (x * ((y - x @ b) / left)[:, None] ** 2).T @ x
    se = np.sqrt(np.diag(inverse @ meat @ inverse))
    ((_, surprise),) = (row["coefficients"] for row in found["regressions"])
    test = surprise["test"]
    assert (test["estimate"], test["se"]) == pytest.approx((b[1], se[1]), rel=1e-9)
    assert test["p_value"] == pytest.approx(2 * stats.t.sf(abs(b[1] / se[1]), len(y) - 2), rel=1e-9)
