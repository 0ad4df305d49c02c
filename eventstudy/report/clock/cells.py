"""Windows of a study by the minute as rows of tables."""

from __future__ import annotations

import math

from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.clock.words import label, placebo_words
from eventstudy.report.words import say

Cells = tuple[str, ...]
WINDOW_CELLS = 9
TESTS = ("paced", "clock", "benchmark", "benchmark_paced", "factors", "factors_paced")


def named(found: Row) -> str:
    """A window as it is printed, with the name that others gave it."""
    bounds = label(found["window"])
    return f"{found['name']} {bounds}" if found.get("name") else bounds


def window_cells(found: Row, stored: Row) -> Cells:
    """Window, prices, move, beyond usual, t, p (Holm), as large, as much as, verdict or reason; or just the reason."""
    reason = text.capital(text.spoken(found["reason"] or stored["reason"] or ""))
    if found["move"] is None:
        return named(found), reason
    prices = f"{text.price(found['base']['price'])} \u2192 {text.price(found['end']['price'])}"
    move = text.percent(math.expm1(found["move"]))
    lows = [found[name] for name in ("low", "high")]
    as_much = " / ".join(text.percent(math.expm1(part["move"])) for part in lows if part) or text.NONE
    return (
        named(found),
        prices,
        move,
        text.percent(stored["car"]),
        text.statistic(stored["t"]),
        text.p_value(stored["p_adjusted"]),
        placebo_words(found, "clock.rank_cell") if found["paced"] else text.NONE,
        as_much,
        reason or text.verdict_word(stored["verdict"]),
    )


def test_cells(found: Row) -> list[Cells]:
    """Window, test, t, law, p and placebo p of every test of a window."""
    return [
        (
            named(found),
            say(f"clock.test.{name}"),
            text.statistic(test["t"]),
            f"t({test['df']:.0f})",
            text.p_value(test["p_value"]),
            text.p_value(test.get("placebo_p")),
        )
        for name in TESTS
        if (test := found.get(name)) is not None
    ]
