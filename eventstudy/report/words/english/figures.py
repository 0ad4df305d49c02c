"""The charts: captions, labels and what a screen reader says."""

from __future__ import annotations

FIGURES: dict[str, str | tuple[str, str]] = {
    "figure.path": (
        "Abnormal move since the last price before the news, with its {level} band; large: where the verdict is read"
    ),
    "figure.path.placebo_alone": "{caption}. The band is of the t test alone; counting ordinary days, it is unusual",
    "figure.placebo_days": "The event among ordinary days; dark: at least as extreme ({placebo})",
    "figure.mean_path": "Mean cumulative abnormal return, with its {level} band",
    "figure.distribution": "Cumulative abnormal returns of the events",
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
    "figure.clock.legend": "sessions at this time",
    "figure.distribution.title": "{group}: cumulative abnormal returns of the events",
    "figure.distribution.said": (
        "{n} events over {window}, from {low} to {high}; their mean is {mean}, and {rises} of them rose."
    ),
    "figure.distribution.axis": "CAR over {window}",
    "figure.event": "event {move}",
    "figure.mean": "mean {move}",
    "figure.far": "{words}, far off this scale",
}
