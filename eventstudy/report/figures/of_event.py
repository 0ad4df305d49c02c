"""The figures of an announcement: what each found, and the numbers that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.inference.laws import t_quantile
from eventstudy.report import text
from eventstudy.report.figures import draw
from eventstudy.report.figures.assets import (
    Interval,
    forest_figure,
    forest_rows,
    panel_rows,
    panels_figure,
)
from eventstudy.report.figures.chart import Chart
from eventstudy.report.figures.facts import AssetFacts, EventFacts
from eventstudy.report.figures.price import price_figure, prices_about
from eventstudy.report.findings import placebo_count
from eventstudy.report.narrative import FLAT, graded, moved
from eventstudy.report.strongest import MOST_INTERVALS, MOST_PANELS, note, strongest
from eventstudy.report.titles import name_of
from eventstudy.report.words import count, say

BEYOND = ("strong", "moderate", "confounded")  # verdicts that a move was outside the ordinary


def price(facts: AssetFacts) -> Chart | None:
    """The price by date."""
    prices, is_quoted = prices_about(facts.days, facts.window, facts.spec["returns"])
    if len(prices) < 2 or facts.move is None:
        return None
    end = facts.window["window_end"]
    last = next((session for tau, session, _ in prices if tau == end), "")
    asset, length = name_of(facts.title), facts.window["window_end"] - facts.window["window_start"] + 1
    key = "figure.price.found" if length == 1 else "figure.price.found_over"
    said = {"Asset": text.capital(asset.head), "moved": moved(facts.move, asset), "sessions": count(length)}
    return Chart(
        svg=price_figure(facts.title, prices, end, is_quoted=is_quoted),
        title=say(key, date=text.day(last), **said) if last else say("figure.price.found_none", **said),
        columns=(say("column.session"), say("event.column.date"), say("figure.column.price")),
        rows=[(text.offset(tau), text.short_day(session), text.price(value)) for tau, session, value in prices],
    )


def path(facts: AssetFacts) -> Chart | None:
    """The cumulative abnormal return."""
    window, days, critical = facts.window, facts.path, facts.critical
    if window["window_start"] <= 0:  # where the verdict is read, the error is the one that its test had
        tested = {"car_se": window["car_se"]}
        days = [{**day, **tested} if day["tau"] == window["window_end"] else day for day in days]
    svg = draw.path_figure(facts.title, days, critical, facts.level, verdict_at=window["window_end"])
    if not svg:
        return None
    found = [day for day in days if day["car"] is not None]
    return Chart(
        svg=svg,
        title=finding(facts),
        columns=(
            say("column.session"),
            say("event.column.cumulative"),
            say("figure.column.low"),
            say("figure.column.high"),
        ),
        rows=list(
            zip(
                [text.offset(day["tau"]) for day in found],
                text.percents([day["car"] for day in found]),
                *(
                    text.percents(
                        None if (se := day["car_se"]) is None else day["car"] + way * critical * se for day in found
                    )
                    for way in (-1, 1)
                ),
                strict=True,
            )
        ),
    )


def finding(facts: AssetFacts) -> str:
    """Whether the move was within the ordinary, in a line."""
    asset, move, verdict = name_of(facts.title), facts.move or 0.0, facts.window["verdict"]
    if abs(move) < FLAT:
        return say("figure.finding.flat", Asset=text.capital(asset.head))
    key = graded(f"figure.finding.{verdict}", verdict, *placebo_count(facts.window))
    way = "rise" if move > 0 else "fall"
    if facts.window["window_end"] < 0:
        way = f"{way}_before"
    its = say("their" if asset.is_plural else "its")
    return say(key, Owner=text.capital(asset.owner), move=say(f"figure.{way}"), its=its)


def placebo_days(facts: AssetFacts) -> Chart | None:
    """The event among its placebo days."""
    window, alternative = facts.window, facts.spec["alternative"]
    svg = draw.placebo_figure(facts.title, window, alternative)
    if not svg:
        return None
    at_least, total = placebo_count(window)
    length = window["window_end"] - window["window_start"] + 1
    of = "day" if length == 1 else "stretch"
    bins = draw.binned(window["placebo"], window["car"], alternative).table()
    middles, all_of, extreme = zip(*bins, strict=True)
    return Chart(
        svg=svg,
        title=say(
            f"figure.placebo.found_{of}" if at_least else f"figure.placebo.found_no_{of}", n=at_least, total=total
        ),
        columns=(say("figure.column.move"), say("figure.column.days"), say("figure.column.extreme")),
        rows=list(zip(text.percents(middles), map(str, all_of), map(str, extreme), strict=True)),
    )


def panels(facts: EventFacts) -> Chart | None:
    """The path of each asset, all on one scale."""
    drawn_ones = [asset for asset in facts.assets if asset.path]
    if len(drawn_ones) < 2:
        return None
    strong = strongest(drawn_ones, [asset.window for asset in drawn_ones], MOST_PANELS)
    found = [(asset.title, asset.path, asset.critical if asset.has_interval else 0.0) for asset in strong]
    moved_ones = [asset for asset in facts.assets if asset.window["verdict"] in BEYOND]
    key = "figure.panels.found" if moved_ones else "figure.panels.found_none"
    title = say(key, n=len(moved_ones), total=len(facts.assets))
    return Chart(
        svg=panels_figure(title, found),
        title=title,
        columns=(say("column.session"), *(name for name, _, _ in found)),
        rows=panel_rows(found),
        note=note(len(found), len(facts.assets)),
    )


def forest(facts: EventFacts) -> Chart | None:
    """The interval of each asset, alone and where all are allowed for."""
    known_ones = [asset for asset in facts.assets if asset.has_interval]
    found = intervals(known_ones)
    if len(found) < 2:
        return None
    strong = strongest(found, [asset.window for asset in known_ones], MOST_INTERVALS)
    clear = sum(interval.is_clear for interval in found)
    title = say("figure.forest.found" if clear else "figure.forest.found_none", n=clear, total=len(found))
    return Chart(
        svg=forest_figure(title, strong, say("figure.forest.axis"), (say("column.p"), say("column.p_holm"))),
        title=title,
        columns=(
            say("column.asset"),
            say("event.column.abnormal"),
            *(say(f"figure.column.{end}") for end in ("low", "high", "holm_low", "holm_high")),
            say("column.p"),
            say("column.p_holm"),
        ),
        rows=forest_rows(strong),
        note=note(len(strong), len(facts.assets)),
    )


def intervals(assets: Sequence[AssetFacts]) -> list[Interval]:
    """The interval of each asset that has one, and the one at the level at which Holm's method tested it.

    The smallest of m p-values is held against alpha / m, the next against alpha / (m - 1), and so on until one is not
    below its level, at which all that follow stay. An interval at that level leaves zero out exactly where Holm's p is
    at most alpha, if the test is t's and two-sided.
    """
    ordered = sorted(range(len(assets)), key=lambda n: (assets[n].window["p"], n))
    level, is_open, levels = 0.0, True, {}
    for rank, n in enumerate(ordered):
        if is_open:
            level = assets[n].spec["alpha"] / (len(assets) - rank)
            is_open = assets[n].window["p"] <= level
        levels[n] = level
    return [
        Interval(
            title=asset.title,
            move=asset.window["car"],
            low=asset.window["car_low"],
            high=asset.window["car_high"],
            holm_low=asset.window["car"] - reach,
            holm_high=asset.window["car"] + reach,
            p=text.p_value(asset.window["p"]),
            p_holm=text.p_value(asset.window["p_adjusted"]),
        )
        for n, asset in enumerate(assets)
        for reach in (t_quantile(1 - levels[n] / 2, asset.freedom) * asset.window["car_se"],)
    ]
