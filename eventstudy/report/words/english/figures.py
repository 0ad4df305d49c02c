"""The charts: captions, labels and what a screen reader says."""

from __future__ import annotations

FIGURES: dict[str, str | tuple[str, str]] = {
    "figure.path": (
        "Abnormal move since the last price before the news, with its {level} band; large: where the verdict is read"
    ),
    "figure.path.placebo_alone": "{caption}. The band is of the t test alone; counting ordinary days, it is unusual",
    "figure.placebo_days": (
        "The event among ordinary days: it strayed further than {percentile} of them. Dark: at least as extreme "
        "({placebo})"
    ),
    "figure.price": "The price by date; large: the one that the verdict is read at",
    "figure.panels": "Abnormal moves since the last price before the news with their {level} bands, all on one scale",
    "figure.forest": (
        "The abnormal move of each asset; thick: its {level} interval alone, thin: that which allows for all of them "
        "(Holm)"
    ),
    "figure.every_path": (
        "The cumulative abnormal returns of single events; dark: the middle half of all, light: nine in ten, line: the "
        "median"
    ),
    "figure.calendar": "Every event on its date, as high as its cumulative abnormal return over the first window",
    "figure.groups": "The mean of each group over the first window, with its {level} interval",
    "figure.mean_path": "Mean cumulative abnormal return, with its {level} band",
    "figure.distribution": "Cumulative abnormal returns of the events",
    "figure.noted": "{caption}. {note}",
    "figure.shown": "{shown} of {total} assets are shown, the clearest first; the table has all of them",
    "figure.failed": "The figure {name} of a plug-in cannot be drawn: {why}",
    "figure.path.title": "{asset}: cumulative abnormal return",
    "figure.path.said": (
        "From {start} at session {first} to {end} at session {last}; the {level} band of the last one runs from {low} "
        "to {high}. The table of days holds every value."
    ),
    "figure.path.news": "news",
    "figure.path.axis": "session (0 = first price after the news)",
    "figure.placebo.title": "{asset}: the event among ordinary days",
    "figure.placebo.said": (
        "{n} placebo moves over {over} between {low} and {high}; the event moved {move}, and {extreme} of them were at "
        "least as extreme."
    ),
    "figure.placebo.over": ("one session", "{n} sessions"),
    "figure.legend.all": "ordinary days",
    "figure.legend.extreme": "at least as extreme as the event",
    "figure.placebo.axis": "abnormal move over {over}",
    "figure.clock.said": (
        "{n} moves of earlier sessions over {over}, each for its pace and less their mean, between {low} and {high}; "
        "that after the news was {move}, and {extreme} of them were at least as large."
    ),
    "figure.clock.axis": "paced move over {over}, less the mean",
    "figure.clock.legend": "sessions",
    "figure.distribution.title": "{group}: cumulative abnormal returns of the events",
    "figure.distribution.said": (
        "{n} events over {window}, from {low} to {high}; their mean is {mean}, and {rises} of them rose."
    ),
    "figure.distribution.axis": "CAR over {window}",
    "figure.event": "event {move}",
    "figure.mean": "mean {move}",
    "figure.far": "{words}, far off this scale",
    # what a figure found, which is its title
    "figure.finding.none": "{Owner} {move} was within {its} ordinary range",
    "figure.finding.none.rare": "{Owner} {move} was not clearly unusual",
    "figure.finding.weak": "{Owner} {move} was unusual, but short of proof",
    "figure.finding.moderate": "{Owner} {move} was clearly unusual",
    "figure.finding.strong": "{Owner} {move} was far outside {its} ordinary range",
    "figure.finding.confounded": "{Owner} {move} was unusual, but its cause is unclear",
    "figure.finding.flat": "{Asset} hardly moved",
    "figure.rise": "rise",
    "figure.fall": "fall",
    "figure.rise_before": "rise before the news",
    "figure.fall_before": "fall before the news",
    "figure.price.found": "{Asset} {moved} on {date}",
    "figure.price.found_over": "{Asset} {moved} over {sessions} sessions, to {date}",
    "figure.price.found_none": "{Asset} {moved}",
    "figure.placebo.found_day": (
        "One of {total} ordinary days strayed as far",
        "{n} of {total} ordinary days strayed as far",
    ),
    "figure.placebo.found_stretch": (
        "One of {total} ordinary stretches strayed as far",
        "{n} of {total} ordinary stretches strayed as far",
    ),
    "figure.placebo.found_no_day": "None of {total} ordinary days strayed as far",
    "figure.placebo.found_no_stretch": "None of {total} ordinary stretches strayed as far",
    "figure.panels.found": (
        "One of {total} assets moved beyond its ordinary range",
        "{n} of {total} assets moved beyond their ordinary range",
    ),
    "figure.panels.found_none": "None of {total} assets moved beyond its ordinary range",
    "figure.forest.found": (
        "One of {total} assets moved, with all of them allowed for",
        "{n} of {total} assets moved, with all of them allowed for",
    ),
    "figure.forest.found_none": "None of {total} assets can be said to have moved, with all of them allowed for",
    "figure.mean.none": (
        "The move of the event over {window}, {mean}, is within what chance gives",
        "The mean of {n} events over {window}, {mean}, is within what chance gives",
    ),
    "figure.mean.weak": (
        "The move of the event over {window}, {mean}, is unusual, but short of proof",
        "The mean of {n} events over {window}, {mean}, is unusual, but short of proof",
    ),
    "figure.mean.moderate": (
        "The move of the event over {window}, {mean}, is clearly more than chance gives",
        "The mean of {n} events over {window}, {mean}, is clearly more than chance gives",
    ),
    "figure.mean.strong": (
        "The move of the event over {window}, {mean}, is far more than chance gives",
        "The mean of {n} events over {window}, {mean}, is far more than chance gives",
    ),
    "figure.mean.not computable": (
        "Whether the move of the event over {window}, {mean}, is chance cannot be said",
        "Whether the mean of {n} events over {window}, {mean}, is chance cannot be said",
    ),
    "figure.distribution.found": (
        "One of {total} events came out above zero",
        "{n} of {total} events came out above zero",
    ),
    "figure.distribution.found_none": "None of {total} events came out above zero",
    "figure.paths.found": "Half of the events ended between {low} and {high}",
    "figure.calendar.crowded": "{n} of {total} events fell on one day, {date}",
    "figure.calendar.apart": "No two of the {n} events fell on one day",
    "figure.groups.found": "The means run from {low} ({lowest}) to {high} ({highest})",
    # what a screen reader says, and axes
    "figure.sessions": "session (0 = first price after the news)",
    "figure.price.title": "{asset}: price",
    "figure.price.said": "From {first} on {start} to {last} on {end}; lowest {low}, highest {high}.",
    "figure.price.axis": "price, as quoted",
    "figure.price.axis_total": "price, with dividends",
    "figure.panels.said": "{n} assets. At the end: {ends}.",
    "figure.panels.end": "{asset} {move}",
    "figure.forest.said": "{n} rows: {ends}.",
    "figure.forest.end": "{asset} {move}, between {low} and {high}",
    "figure.forest.axis": "abnormal move over the window of the verdict",
    "figure.paths.said": (
        "{n} events. At session {session} one in twenty is below {least} and one in twenty above {most}; half lie "
        "between {low} and {high}, with the median at {middle}."
    ),
    "figure.calendar.said": "{n} events from {first} to {last}, between {low} and {high}.",
    "figure.calendar.axis": "date of session 0",
    # tables and sources
    "figure.data": "Numbers of this figure",
    "figure.source": "Source: {sources}; own calculations.",
    "figure.source.ecb": "European Central Bank, reference rates",
    "figure.source.yahoo": "Yahoo Finance",
    "figure.source.own": "Source: own calculations from the data of the study.",
    "figure.column.price": "Price",
    "figure.column.move": "Abnormal move",
    "figure.column.low": "From",
    "figure.column.high": "To",
    "figure.column.holm_low": "From (all)",
    "figure.column.holm_high": "To (all)",
    "figure.column.days": "Ordinary days",
    "figure.column.extreme": "As extreme",
    "figure.column.year": "Year",
    "figure.column.mean": "Mean",
    "figure.column.quantile": "{n} %",
}
