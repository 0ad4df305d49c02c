"""The tables of the page of many events; every cell ready to print."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from eventstudy.registry.tests import TESTS
from eventstudy.report import text
from eventstudy.report.study.words import Document, label
from eventstudy.report.words import Language, language, say
from eventstudy.study.conclusion import answering, holds, window_verdict

Cells = tuple[str, ...]

# Longer tables are cut on the page; the JSON has every row.
MOST_ROWS = 200
# Columns that hold words: in lines, or on one line.
WRAPPED = ("why", "reason", "remark", "validity", "verdict", "tests")
LEFT = ("asset", "day0", "group", "window")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table. `is_list` shows it as a list of rows on a narrow screen; `note` says what was cut off."""

    caption: str
    keys: Cells
    rows: tuple[Cells, ...]
    level: str = ""
    note: str = ""
    is_list: bool = True

    @property
    def columns(self) -> Cells:
        """Names of the columns."""
        return heads(*self.keys, level=self.level)

    @property
    def style(self) -> str:
        """Classes of the table."""
        has_left = any(name in LEFT for name in self.keys[1:])
        return " ".join(name for name, wanted in (("stack", self.is_list), ("events", has_left)) if wanted)

    def css(self, column: int) -> str:
        """Class of the cells of a column."""
        name = self.keys[column]
        return "wrap" if name in WRAPPED else "date" if name in LEFT else ""


def heads(*keys: str, level: str = "") -> Cells:
    """Names of columns by their keys; those of the page of an event alone begin with ``event.``."""
    return _heads(keys, level, language())


@functools.lru_cache(maxsize=256)
def _heads(keys: Cells, level: str, _: Language) -> Cells:
    said = (f"event.column.{key[6:]}" if key.startswith("event.") else f"column.{key}" for key in keys)
    return tuple(say(key, level=level) for key in said)


def averages(group: Document, spec: Document) -> Table:
    """The windows of a group; the caption of the group of all explains the columns."""
    windows = group["windows"]
    weighted = ("weighted",) if any("weighted_caar" in w for w in windows) else ()
    equivalence = ("tost",) if spec["equivalence"] else ()
    keys: Cells = ("window", "events", "caar", "interval", "median", "rose", "bhar")
    caption = say("table.averages")
    if group["group"] == "all":
        caption = _explanation(spec)
    rows = tuple(_average(w, spec["alpha"], bool(weighted), bool(equivalence)) for w in windows)
    keys += (*weighted, "detectable", *equivalence, "p", "verdict")
    return _without_bhar(Table(caption=caption, keys=keys, rows=rows, level=text.share(1 - spec["alpha"])), spec)


def _without_bhar(table: Table, spec: Document) -> Table:
    """By the minute a move is held from its base to its end: there is no other return of the window."""
    if "bar" not in spec:
        return table
    kept = [j for j, name in enumerate(table.keys) if name != "bhar"]
    return replace(
        table, keys=tuple(table.keys[j] for j in kept), rows=tuple(tuple(row[j] for j in kept) for row in table.rows)
    )


def _explanation(spec: Document) -> str:
    words = say("table.explained_clock" if "bar" in spec else "table.explained", power=text.share(spec["power"]))
    if spec["equivalence"]:
        words = say("table.tost", words=words, size=text.percent(spec["equivalence"], signed=False))
    return words


def _average(w: Document, alpha: float, is_weighted: bool, is_equivalence: bool) -> Cells:
    test = answering(w)
    positive = w["share_positive"]
    return (
        label(w["window"]),
        str(w["n"]),
        text.percent(w["caar"]),
        interval(*w["caar_ci"]),
        text.percent(w["median_car"]),
        text.NONE if positive is None else text.share(positive, 0),
        text.percent(w.get("mean_bhar")),
        *((text.percent(w.get("weighted_caar")),) if is_weighted else ()),
        text.percent(w["mde"], signed=False, digits=2),
        *((text.p_value(w["equivalence"]["p_value"]),) if is_equivalence else ()),
        text.p_value(test["p_value"] if test else None),
        text.verdict_word(window_verdict(w, alpha)),
    )


def interval(low: float | None, high: float | None) -> str:
    """A confidence interval, open on the side that a one-sided test does not look at."""
    if low is None:
        return text.NONE if high is None else say("number.up_to", high=text.percent(high, digits=2))
    return text.interval(low, high) if high is not None else say("number.from", low=text.percent(low, digits=2))


def valid_tests(w: Document) -> Table:
    """Tests that hold for the design."""
    rows = tuple(
        (t["name"], _statistic(t), _law(t), text.p_value(t["p_value"]), text.capital(t["validity"]))
        for t in w["tests"]
        if holds(t)
    )
    test = answering(w)
    caption = say("table.hold", window=label(w["window"]))
    if test:
        caption = say("table.decides", caption=caption, test=test["name"])
    return Table(caption=caption, keys=("test", "statistic", "law", "p", "why"), rows=rows)


def invalid_tests(w: Document) -> tuple[tuple[str, str], ...]:
    """Reasons why tests do not hold for the design or have no number, each with its tests and the p they would give."""
    found: dict[str, list[str]] = {}
    for t in w["tests"]:
        if not holds(t):
            p = t["p_value"]
            name = t["name"] if p is None else say("table.with_p", test=t["name"], p=text.p_phrase(p))
            found.setdefault(t["validity"], []).append(name)
    return tuple((text.capital(why), ", ".join(names)) for why, names in found.items())


def _statistic(test: Document) -> str:
    entry = TESTS.get(test["name"])
    return text.percent(test["statistic"]) if entry and entry.is_move else text.statistic(test["statistic"])


def _law(test: Document) -> str:
    if test["df"] is None:
        return str(test["distribution"])
    numerator = f"{test['df_numerator']:.0f}, " if "df_numerator" in test else ""
    return f"{test['distribution']}({numerator}{test['df']:.0f})"


def days(group: Document) -> Table:
    """Average abnormal return of every day."""
    rows = tuple(
        (
            text.offset(d["tau"]),
            str(d["n"]),
            text.percent(d["aar"]),
            text.percent(d["aar_se_cross"], signed=False),
        )
        for d in group["days"]
    )
    return Table(caption=say("table.daily"), keys=("session", "events", "aar", "se"), rows=rows, is_list=False)


def groups(found: Sequence[Document], spec: Document) -> Table:
    """Groups beside each other, over the first window."""
    rows = []
    for group in found:
        n, dates, w = group["n_events"], group["design"]["n_dates"], group["windows"][0]
        rows.append((group["group"], str(n), str(dates), *_average(w, spec["alpha"], False, False)[2:]))
    keys = ("group", "events", "dates", "caar", "interval", "median", "rose", "bhar", "detectable", "p", "verdict")
    caption = say("table.groups", window=label(found[0]["windows"][0]["window"]))
    return _without_bhar(replace(_cut(caption, keys, rows, len(rows)), level=text.share(1 - spec["alpha"])), spec)


def differences(found: Sequence[Document]) -> Table:
    """Differences between groups."""
    rows = (
        (
            say("table.less", first=d["groups"][0], second=d["groups"][1]),
            label(d["window"]),
            text.percent(d["difference"]),
            "; ".join(
                say("table.test", test=t["name"], said=t["reason"] or text.p_phrase(t["p_value"])) for t in d["tests"]
            ),
            say("table.holds" if d["is_valid"] else "table.does_not_hold", validity=d["validity"]),
        )
        for d in found
    )
    keys = ("groups", "window", "difference", "tests", "validity")
    return _cut(say("table.difference"), keys, rows, len(found))


def regression(found: Document) -> Table:
    """CARs on characteristics of the events."""
    has_history = any(c["against_history"] for c in found["coefficients"])
    tests = [c["test"] for c in found["coefficients"]]
    rows = tuple(
        (
            c["coefficient"],
            text.number(t.get("estimate")),
            text.number(t.get("se")),
            text.statistic(t["statistic"]),
            text.p_value(t["p_value"]),
            *((text.p_value((c["against_history"] or t)["p_value"]),) if has_history else ()),
            t["reason"] or "",
        )
        for c, t in zip(found["coefficients"], tests, strict=True)
    )
    history = ("p_placebo_dates",) if has_history else ()
    fit = tests[0].get("r_squared")
    caption = say("table.regression", n=tests[0]["n"], window=label(found["window"]), errors=_errors(found))
    if found["formula"]:
        caption = say("table.formula", caption=caption, formula=found["formula"])
    if fit is not None:
        caption = say("table.r_squared", caption=caption, r_squared=f"{fit:.3f}")
    keys = ("characteristic", "coefficient", "se", "t", "p", *history, "remark")
    return _without_empty(Table(caption=caption, keys=keys, rows=rows))


def _errors(found: Document) -> str:
    """What the errors of a regression allow for."""
    if not found["clusters"]:
        return str(found["covariance"])
    by = [say("table.clusters", name=name, n=n) for name, n in found["clusters"].items()]
    return say("table.clustered", by=text.listed(by))


def events(done: Sequence[Document]) -> Table:
    """The events with a result, over the first window."""
    window = label(done[0]["windows"][0]["window"])
    keys = ("event", "asset", "day0", "group", "car", "t", "p", "p_holm", "remark")
    caption = say("table.events", window=window)
    return _without_empty(_cut(caption, keys, map(_event, done), len(done), is_list=False))


def _event(event: Document) -> Cells:
    w = event["windows"][0]
    t: Document = next((test for test in w["tests"] if test["name"] == "t"), {})
    return (
        event["event_id"],
        event["asset"],
        text.short_day(event["day0"]),
        event["group"] or "",
        text.percent(w["car"]),
        text.statistic(t.get("statistic")),
        text.p_value(t.get("p_value")),
        text.p_value(t.get("p_holm")),
        w["reason"] or "",
    )


def skipped(left: Sequence[Document]) -> Table:
    """The events without a result, and why."""
    rows = (
        (e["event_id"], e["asset"], text.short_day(e["day0"]) if e["day0"] else text.NONE, text.capital(e["reason"]))
        for e in left
    )
    return _cut(say("table.skipped"), ("event", "asset", "day0", "reason"), rows, len(left))


def _cut(caption: str, keys: Cells, rows: Iterable[Cells], n: int, *, is_list: bool = True) -> Table:
    note = say("table.cut", most=MOST_ROWS, n=n) if n > MOST_ROWS else ""
    shown = tuple(islice(rows, MOST_ROWS))
    return Table(caption=caption, keys=keys, rows=shown, note=note, is_list=is_list)


def _without_empty(table: Table) -> Table:
    """Without the columns that have a word in no row."""
    full = [j for j in range(len(table.keys)) if any(row[j] for row in table.rows)]
    return replace(
        table,
        keys=tuple(table.keys[j] for j in full),
        rows=tuple(tuple(row[j] for j in full) for row in table.rows),
    )
