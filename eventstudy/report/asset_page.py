"""The page of an asset: every announcement that it was studied for."""

from __future__ import annotations

import hashlib
import re
import shlex
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from eventstudy.database.reading import Row
from eventstudy.report import cells, text
from eventstudy.report.figures.chart import Chart
from eventstudy.report.figures.draw import binned, distribution_figure
from eventstudy.report.figures.drawn import Drawn
from eventstudy.report.figures.events import calendar_figure
from eventstudy.report.findings import spec_of
from eventstudy.report.page import environment
from eventstudy.report.titles import titled
from eventstudy.report.words import known, say
from eventstudy.store import overview, read

MOST_ROWS = 400
REACTED = ("strong", "moderate")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvent:
    """One announcement; every string is ready to print."""

    id: str
    title: str
    has_page: bool
    date: str
    session: str
    move: str
    car: str
    t: str
    p: str
    placebo: str
    mark: str
    word: str
    reason: str


def page_names(assets: Iterable[str]) -> dict[str, str]:
    """Asset → name of its page, safe in a path and in an address; of two that would be alike, one has a hash more."""
    names: dict[str, str] = {}
    for asset in sorted(assets):
        name = re.sub(r"[^a-z0-9]+", "-", asset.lower()).strip("-")[:60]
        if not name or name in names.values():
            name = f"{name}-{hashlib.sha256(asset.encode()).hexdigest()[:8]}".lstrip("-")
        names[asset] = name
    return names


def render_asset(connection: sqlite3.Connection, asset: str, pages: Collection[str]) -> str:
    """The page of one asset: equal results, equal bytes.

    Parameters
    ----------
    connection : sqlite3.Connection
    asset : str
    pages : collection of str
        Ids of the events that have a page to link to.
    """
    found = overview.reactions_of(connection, asset)
    title = text.capital(titled(found[0]["asset_title"]))
    numbered = [row for row in found if row["car"] is not None and row["p_adjusted"] is not None]
    reacted = [row for row in numbered if row["verdict"] in REACTED]
    source = cells.source_line(read.answers(connection, [row["analysis_id"] for row in found]))
    expected = sum(spec_of(row["spec"])["alpha"] for row in numbered)
    key = "asset.counted" if reacted else "asset.counted_none"
    sentences = [say(key, n=len(found), studied=len(numbered), reacted=len(reacted))]
    if numbered:
        sentences.append(say("asset.chance", n=text.about(expected)))
    return (
        environment()
        .get_template("asset.html.j2")
        .render(
            title=title,
            symbol=asset,
            sentences=sentences,
            study=text.given(found[0]["study_title"]),
            window=cells.label(numbered[0]) if numbered and numbered[0]["bar"] == "1d" else "",
            figures=_figures(title, numbered, source),
            events=[_event(row, row["event_id"] in pages) for row in found[:MOST_ROWS]],
            more=max(len(found) - MOST_ROWS, 0),
            command=shlex.join(["eventstudy", "export", "reactions", "--asset", asset, "-o", "reactions.csv"]),
        )
    )


def _event(row: Row, has_page: bool) -> AssetEvent:
    is_done = row["car"] is not None and row["p_adjusted"] is not None
    return AssetEvent(
        id=row["event_id"],
        title=text.plain(row["title"]),
        has_page=has_page,
        date=text.short_day(text.local_date(row).isoformat()),
        session=text.short_day(row["day0"]) if row["day0"] else text.NONE,
        move=text.percent(row["move"]),
        car=text.percent(row["car"]) + ("" if row["bar"] == "1d" or not is_done else f" {_window(row)}"),
        t=text.statistic(row["t"]),
        p=text.p_value(row["p_adjusted"]),
        placebo=text.p_value(row["placebo_p"]),
        mark=text.VERDICT_MARKS[row["verdict"]],
        word=text.verdict_word(row["verdict"], row["window_end"] if isinstance(row["window_end"], int) else 0),
        reason="" if is_done else text.capital(text.spoken(row["reason"] or say("event.no_test"))),
    )


def _window(row: Row) -> str:
    return cells.label_by(row, row["bar"])


def _figures(title: str, numbered: Sequence[Row], source: str) -> list[Drawn]:
    """Events on their dates, and how the moves are spread, over the window that most have; where there are three."""
    (window, _), *_ = Counter(map(_window, numbered)).most_common(1) or [("", 0)]
    numbered = [row for row in numbered if _window(row) == window]
    if len(numbered) < 3:
        return []
    dated = sorted((row["day0"], row["car"]) for row in numbered)
    cars = tuple(car for _, car in dated)
    biggest = max(numbered, key=lambda row: (abs(row["car"]), row["day0"]))
    rises = sum(car > 0 for car in cars)
    mean = sum(cars) / len(cars)
    by_date = Chart(
        svg=calendar_figure(title, dated) if len({day for day, _ in dated}) > 1 else "",
        title=say("asset.figure.calendar", move=text.percent(biggest["car"]), date=text.day(biggest["day0"])),
        columns=(say("column.day0"), say("event.column.abnormal")),
        rows=[(text.short_day(day), text.percent(car)) for day, car in dated[-MOST_ROWS:]],
    )
    spread = Chart(
        svg=distribution_figure(title, cars, mean, window),
        title=say("figure.distribution.found" if rises else "figure.distribution.found_none", n=rises, total=len(cars)),
        columns=(say("column.car"), say("column.events")),
        rows=[(text.percent(middle), str(held)) for middle, held, _ in binned(cars, float("inf"), "two-sided").table()],
    )
    return [
        Drawn(
            name=name,
            title=chart.title,
            caption=known(f"figure.{name}", ""),
            svg=chart.svg,
            source=source,
            columns=chart.columns,
            rows=chart.rows,
        )
        for name, chart in (("calendar", by_date), ("distribution", spread))
        if chart.svg
    ]
