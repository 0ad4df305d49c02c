"""What was planned before the data, and whether it was kept."""

from __future__ import annotations

PLAN: dict[str, str | tuple[str, str]] = {
    "plan.head": "Plan",
    "plan.made": "Planned on {when}, {stage}.",
    "plan.made_by": "Planned on {when} by {by}, {stage}.",
    "plan.before_announcement": "before the announcement",
    "plan.before_prices": "after the announcement, but before any price after it was stored here",
    "plan.after_prices": (
        "when prices after the announcement were already stored, the first of them of {first}: this plan came after "
        "the data"
    ),
    "plan.fetched_later": "The first price after the announcement was fetched on {when}.",
    "plan.fetched_earlier": (
        "But of the prices after the announcement that were stored here since, the first had been fetched on {when}, "
        "before the plan was made."
    ),
    "plan.results": "Results of the event were already stored, too.",
    "plan.study.before": ("before its only event", "before the first of its {n} events"),
    "plan.study.after": (
        "when its only event was past, whose prices were to be had: this plan came after the data",
        "when {past} of its {n} events were past, whose prices were to be had: for these it came after the data",
    ),
    "plan.kept": "The study kept to it: settings, windows, tests, assets and events are those of the plan.",
    "plan.same": "What was run is what it says; of a plan made after the data that shows nothing.",
    "plan.departed": (
        "The study departed from it in one point: {points}.",
        "The study departed from it in {n} points: {points}.",
    ),
    "plan.changed": "{field}, planned {planned}, run {run}",
    "plan.not_run": "{field}, planned and not run",
    "plan.not_planned": "{field}, run and not planned",
    "plan.more": "{n} more",
    "plan.later": (
        "One event that is chosen as planned was announced after the plan.",
        "{n} events that are chosen as planned were announced after the plan.",
    ),
    "plan.waiting": "Nothing of it was run yet.",
    "plan.first_before": (
        "There are {n} plans of this event; number {number} counts, the first that came before its prices."
    ),
    "plan.none_before": "There are {n} plans of this event, all of them after its prices; the first counts.",
    "plan.versions": "It was frozen by version {planned} of the program, and run by {run}.",
    "plan.hash": "Its hash begins with {hash}.",
    "plan.altered": "The stored plan is not what was frozen: its hash is that of another text. It says nothing.",
    "plan.none": "none",
}
