"""What was planned, when, and whether the study kept it: the sentences of pages and of the terminal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eventstudy.database.reading import Row
from eventstudy.errors import StoreError
from eventstudy.plans.plan import AFTER_PRICES, BEFORE_NEWS, BEFORE_PRICES
from eventstudy.report import text
from eventstudy.report.words import say
from eventstudy.store import plans

MOST = 8  # points that are named; JSON has all
_HASH = 16  # characters that tell one hash from any other


def of_event(connection: sqlite3.Connection, event: Row) -> dict[str, Any] | None:
    """What a document says of the plan of a stored event; None where there is none.

    One that is not what was frozen is no plan, and `problem` says so.
    """
    try:
        held = plans.held(connection, event)
    except StoreError as error:
        return {"problem": str(error)}
    return held.to_dict() if held else None


def line(plan: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The line of "What we looked at"; none where nothing was planned."""
    return [(say("plan.head"), " ".join(sentences(plan)))] if plan else []


def sentences(plan: dict[str, Any]) -> Iterator[str]:
    """All that is to be said of a plan, as `eventstudy.plans.held.Held.to_dict` gives it."""
    if "problem" in plan:
        yield say("plan.altered")
        return
    by, when = plan["by"], text.moment(plan["planned_at"])
    stage = _stage(plan)
    yield (
        say("plan.made_by", when=when, by=text.plain(by), stage=stage)
        if by
        else say("plan.made", when=when, stage=stage)
    )
    fetched = plan["first_fetched_at"]
    if fetched is not None and plan["stage"] != AFTER_PRICES:
        key = "plan.fetched_later" if plan["planned_at"] <= fetched else "plan.fetched_earlier"
        yield say(key, when=text.moment(fetched))
    if plan["has_results"]:
        yield say("plan.results")
    if plan["is_kept"] is None:
        yield say("plan.waiting")
    elif plan["is_kept"]:
        yield say("plan.kept" if plan["past"] < plan["events"] or plan["stage"] == BEFORE_PRICES else "plan.same")
    else:
        yield say("plan.departed", n=len(plan["departures"]), points=_listed(plan["departures"]))
    if plan["later"]:
        yield say("plan.later", n=plan["later"])
    if plan["count"] > 1:
        key = "plan.first_before" if plan["is_any_early"] else "plan.none_before"
        yield say(key, n=plan["count"], number=plan["counting"])
    versions = plan["versions"]
    if versions["run"] not in (None, versions["planned"]):
        yield say("plan.versions", **versions)
    yield say("plan.hash", hash=plan["hash"][:_HASH])


def _stage(plan: dict[str, Any]) -> str:
    if not plan["is_of_event"]:
        when = "after" if plan["past"] else "before"
        return say(f"plan.study.{when}", n=plan["events"], past=plan["past"])
    if plan["stage"] == AFTER_PRICES:
        return say("plan.after_prices", first=text.moment(plan["first_price_at"]))
    return say("plan.before_announcement" if plan["stage"] == BEFORE_NEWS else "plan.before_prices")


def points(departures: Iterable[dict[str, Any]]) -> list[str]:
    """What was planned and what was run, a clause for each field that differs."""
    keys = {"changed": "plan.changed", "not run": "plan.not_run", "not planned": "plan.not_planned"}
    return [
        say(
            keys[found["kind"]],
            field=text.plain(found["field"]),
            planned=_value(found["planned"]),
            run=_value(found["run"]),
        )
        for found in departures
    ]


def _listed(departures: Sequence[dict[str, Any]]) -> str:
    said = points(departures[:MOST])
    if len(departures) > MOST:
        said.append(say("plan.more", n=len(departures) - MOST))
    return say("list.semicolon").join(said)


def _value(value: Any) -> str:
    """A setting as a sentence says it."""
    if value is None:
        return say("plan.none")
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return text.plain(str(value))
