"""A study of many events by the minute, in the form from which the page of any study is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.inference.multiple import holm
from eventstudy.report.study.words import Document

# Settings that a study of days has, and what they come to by the minute.
AS_OF_DAYS = {
    "model": "clock",
    "alternative": "two-sided",
    "partial": "keep",
    "values": "prices",
    "equivalence": None,
}


def is_by_the_minute(document: Document) -> bool:
    """Whether a document is one of bars by the clock."""
    return "bar" in document["spec"]


def as_of_days(document: Document) -> dict[str, Any]:
    """The document with the keys that one of days has; events of the command line as collections have them."""
    events = [_event(event) if "session" in event else event for event in document["events"]]
    raw = [event["windows"][0]["tests"][0]["p_value"] if event["windows"] else None for event in events]
    adjusted = holm(np.array([np.nan if p is None else p for p in raw]))
    for event, p, value in zip(events, raw, adjusted.tolist(), strict=True):
        if event["windows"]:
            event["windows"][0]["tests"][0]["p_holm"] = None if p is None else value
    return {**document, "spec": {**document["spec"], **AS_OF_DAYS}, "events": events}


def _event(event: Document) -> dict[str, Any]:
    first = event["windows"][0] if event["windows"] else None
    paced = (first or {}).get("paced") or {}
    car = None if first is None or not paced else first["move"] - paced["mean"] * paced["pace"]
    test = {"name": "t", "statistic": paced.get("t"), "p_value": paced.get("p_value")}
    return {
        **{name: event[name] for name in ("event_id", "asset", "group", "reason")},
        "status": "ok" if event["status"] == "ok" and first else "skipped",
        "day0": event["session"],
        "days": [],
        "windows": []
        if first is None
        else [{"window": first["window"], "car": car, "reason": first["reason"], "tests": [test]}],
    }
