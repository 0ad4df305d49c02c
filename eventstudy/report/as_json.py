"""What a page says as JSON: its words as they stand there, and its numbers as numbers, returns as decimals."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from decimal import Decimal
from typing import Any

from eventstudy.database.reading import Row
from eventstudy.report.findings import move_over, placebo_count, spec_of
from eventstudy.report.text import MINUS, NONE
from eventstudy.report.view import EventView
from eventstudy.report.words import language
from eventstudy.store import read
from eventstudy.store.read import EventResults

_WINDOW = (
    "n_days",
    "car",
    "car_se",
    "car_low",
    "car_high",
    "t",
    "df",
    "p",
    "p_adjusted",
    "placebo_p",
    "mde",
    "verdict",
)
_PRICES = ("price_before", "price_at")
_TEST = ("name", "statistic", "distribution", "df", "p_value", "reason", "source")
_DAY = ("tau", "session", "return", "ar", "sar", "car")


def event_json(connection: sqlite3.Connection, event_id: str, view: EventView) -> dict[str, Any]:
    """The view of an event with the numbers of its results in the place of what is printed of them."""
    results = EventResults(connection, read.event(connection, event_id))
    rows = {(row["study_id"], row["asset"]): row for row in results.analyses if row["alignment"] == "main"}
    out = dataclasses.asdict(view)
    del out["linked"]  # where the sentences of the page lead
    for study in out["studies"]:
        for asset in study["assets"]:
            _of_asset(asset, results, rows[study["study_id"], asset["asset"]])
        mine = next(row for row in rows.values() if row["study_id"] == study["study_id"])
        study["level"] = 1 - spec_of(mine["spec"])["alpha"]
        study["window"] = next((asset["window"] for asset in study["assets"] if asset["window"]), None)
        joint = (test for test in results.joint_tests if test["study_id"] == study["study_id"])
        study["joint"] = [{**_span(test), **_some(test, ("name", "statistic", "p_value", "reason"))} for test in joint]
    for study in out["by_clock"]:
        for asset in study["assets"]:
            for printed in ("windows", "facts", "beside"):
                del asset[printed]  # of the document, which stands there whole
    for holder in (out, *out["studies"], *(asset for study in out["studies"] for asset in study["assets"])):
        for figure in holder.get("figures", ()):
            figure["rows"] = [[number_of(cell) for cell in row] for row in figure["rows"]]
    out["alignments"] = [_of_alignment(results, row) for row in results.analyses if out["alignments"]]
    names = ("source", "symbol", "version", "fetched_at", "content_hash")
    out["provenance"] = [dict(zip(names, cells, strict=True)) for cells in out["provenance"]]
    return out


def _of_asset(out: dict[str, Any], results: EventResults, row: Row) -> None:
    windows, days = results.windows(row["analysis_id"]), results.days(row["analysis_id"])
    first = windows[0] if windows else None
    out |= dict.fromkeys(("car", "interval", "t", "p_adjusted", "placebo", "mde", "window", "move", "prices"))
    out["session"] = row["day0"]
    if first is not None:
        out |= _some(first, ("car", "t", "p_adjusted", "placebo_p", "mde"))
        out |= _span(first)
        at_least, total = placebo_count(first)
        out["placebo"] = {"at_least": at_least, "of": total} if total else None
        out["interval"] = None if first["car_low"] is None else [first["car_low"], first["car_high"]]
        out["move"] = move_over(days, first, spec_of(row["spec"])["returns"])
        out["prices"] = [first[name] for name in _PRICES]
    out["windows"] = [{**_span(w), **_some(w, (*_WINDOW, *_PRICES, "reason"))} for w in windows]
    out["tests"] = [_some(test, _TEST) for test in results.tests(row["analysis_id"])]
    out["days"] = [_some(day, _DAY) for day in days]
    out["coefficients"], out["diagnostics"] = json.loads(row["coefficients"]), json.loads(row["diagnostics"])


_PRINTED = re.compile(r"[-+]?(\d[\d,]*)(\.\d+)?(\s*%)?")


def number_of(cell: str) -> float | int | str | None:
    """A cell of the table under a figure as the number that it is: ``−0.19 %`` is -0.0019."""
    if cell == NONE:
        return None
    spoken = language()
    english = cell.translate({ord(spoken.decimal): ".", ord(spoken.thousands): ",", ord(MINUS): "-"})
    if not (found := _PRINTED.fullmatch(english)):
        return cell
    plain = re.sub(r"[,\s%+]", "", english)
    if found[3]:
        return float(Decimal(plain) / 100)
    return float(plain) if found[2] else int(plain)


def _of_alignment(results: EventResults, row: Row) -> dict[str, Any]:
    first = next(iter(results.windows(row["analysis_id"])), None)
    out = {"study_id": row["study_id"], "asset": row["asset"], "reading": row["alignment"], "session": row["day0"]}
    return out | ({**_span(first), **_some(first, (*_WINDOW, "reason"))} if first else {"reason": row["reason"]})


def _span(row: Row) -> dict[str, Any]:
    return {"window": [row["window_start"], row["window_end"]]}


def _some(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}
