"""What is stored of an event's results, as plain values that can be compared one by one."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eventstudy.database.reading import rows
from eventstudy.store.read import unpacked

# Numbers that differ by less are equal but for rounding, which processors and libraries do each in their own way.
ROUNDING = 1e-9
_TINY = 1e-13

_ANALYSES = (
    "select analysis_id, study_id, asset, alignment, status, reason, first_session, last_session, day0, price_before, "
    "price_at, instant_before, instant_at, n_estimation, df, sigma, r_squared, coefficients, diagnostics, config_hash, "
    "input_hash from analyses where event_id = ? order by study_id, position, alignment"
)
_WINDOWS = "select * from window_results where analysis_id = ? order by window_start, window_end"
_TESTS = (
    "select window_start, window_end, name, statistic, distribution, df, p_value, n, reason from tests "
    "where analysis_id = ? order by window_start, window_end, name"
)
_PLACEBOS = "select window_start, window_end, cars from placebos where analysis_id = ? order by 1, 2"
_DOCUMENT = "select document from clock_documents where analysis_id = ?"
_DAYS = (
    "select tau, session, return, expected, ar_se, car_se, beaver_u_p from event_days where analysis_id = ? "
    "order by tau"
)
_JOINT = (
    "select study_id, alignment, window_start, window_end, d.name, statistic, df, p_value, n, reason from event_tests "
    "join test_descriptions d using (description_id) where event_id = ? order by 1, 2, 3, 4, 5"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that is not the same twice.

    Attributes
    ----------
    what : str
        Event, study, asset and so on, down to the name of the value.
    bundled, here : Any
    is_rounding : bool
        Whether both are numbers that agree within `ROUNDING`.
    """

    what: str
    bundled: Any
    here: Any
    is_rounding: bool


def results_of(connection: sqlite3.Connection, event_id: str) -> dict[str, Any]:
    """All that is stored of the results of an event, by study, asset and window; decimal returns."""
    out: dict[str, Any] = {}
    for row in rows(connection, _ANALYSES, (event_id,)):
        number, study, asset = (row.pop(name) for name in ("analysis_id", "study_id", "asset"))
        alignment = row.pop("alignment")
        windows: dict[str, Any] = {}
        for window in rows(connection, _WINDOWS, (number,)):
            del window["analysis_id"]
            windows[_span(window)] = {**window, "context": json.loads(window["context"]), "tests": {}}
        for test in rows(connection, _TESTS, (number,)):
            windows[_span(test)]["tests"][test.pop("name")] = test
        for placebo in rows(connection, _PLACEBOS, (number,)):
            windows[_span(placebo)]["placebo"] = list(unpacked(placebo["cars"]))
        out.setdefault(study, {}).setdefault(asset, {})[alignment] = {
            **row,
            "coefficients": json.loads(row["coefficients"]),
            "diagnostics": json.loads(row["diagnostics"]),
            "days": {str(day.pop("tau")): day for day in rows(connection, _DAYS, (number,))},
            "windows": windows,
        }
        for document in rows(connection, _DOCUMENT, (number,)):
            out[study][asset][alignment]["document"] = json.loads(document["document"])
    for test in rows(connection, _JOINT, (event_id,)):
        place = out.setdefault(test.pop("study_id"), {}).setdefault("all assets", {})
        named = f"{test.pop('name')} {test.pop('alignment')} {_span(test)}"
        place[named] = test
    return out


def differences(bundled: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Difference]:
    """Every value of nested mappings that is not the same in both, in the order of the first."""
    before, after = dict(_flat(bundled)), dict(_flat(here))
    for what in dict.fromkeys((*before, *after)):
        a, b = before.get(what, "nothing"), after.get(what, "nothing")
        if a != b:
            yield Difference(what=what, bundled=a, here=b, is_rounding=_is_rounding(a, b))


def count(results: Mapping[str, Any]) -> int:
    """How many values nested mappings hold."""
    return sum(1 for _ in _flat(results))


def _is_rounding(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=ROUNDING, abs_tol=_TINY)
    return False


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _flat(part, f"{place}, {name}" if place else str(name))
    elif isinstance(value, list) and value:
        for i, part in enumerate(value):
            yield from _flat(part, f"{place} {i + 1}")
    else:
        yield place, value


def _span(row: dict[str, Any]) -> str:
    return f"[{row.pop('window_start')},{row.pop('window_end')}]"
