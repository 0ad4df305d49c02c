"""The JSON of ``eventstudy study``: plain values only, None plus a reason where there is no number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy import __version__
from eventstudy.inference.effect import confidence_interval, equivalence_p
from eventstudy.inference.validity import describe_design, with_number
from eventstudy.inference.volatility import beaver_u
from eventstudy.records import Inference
from eventstudy.study.averages import (
    GroupResult,
    average_days,
    average_window,
    bhar_test,
    number,
    unit_mde,
    volatility,
)
from eventstudy.study.contrasts import GroupDifference, group_differences
from eventstudy.study.cross_section import Regression, regressions
from eventstudy.study.findings import Findings
from eventstudy.study.samples import Samples

SCHEMA = "eventstudy.study/1"


def document(result: Findings) -> dict[str, Any]:
    """Everything that a study found, in the form of the contract."""
    events = list(events_of(result)) if result.told is None else result.told()
    return {"schema": SCHEMA, "version": __version__, **averaged(result), "events": events}


def averaged(result: Findings) -> dict[str, Any]:
    """The document without its version, and of the events no more than which they are."""
    placed = result.placed
    members = zip(placed.event_ids, placed.assets, placed.groups, result.reasons, strict=True)
    events = [
        {"event_id": event_id, "asset": asset, "group": group, "reason": reason}
        for event_id, asset, group, reason in members
    ]
    found = averages(result)
    return {"spec": found.pop("spec"), "events": events, **found}


def averages(result: Findings) -> dict[str, Any]:
    """The document without its version and its events."""
    return {
        "spec": result.settings,
        "aggregate": [_group(result, group) for group in result.groups],
        "group_differences": [_difference(found) for found in group_differences(result.groups)],
        "regressions": [_regression(found) for found in regressions(result)],
        "warnings": list(result.warnings),
    }


def test_dict(test: Inference) -> dict[str, Any]:
    """One test as the contract has it; further numbers, such as an exact p, stand beside the fixed keys."""
    out = {
        "name": test.name,
        "null": test.null,
        "statistic": test.statistic,
        "distribution": test.distribution,
        "df": test.df,
        "p_value": test.p_value,
        "n": test.n,
        "reason": test.reason,
        "source": test.source,
        **dict(test.details),
    }
    if test.name == "wilcoxon" and test.distribution == "exact" and test.reason is None:
        out["p_exact"] = test.p_value
    return out


def judged_tests(group: GroupResult, position: int) -> list[dict[str, Any]]:
    """Tests of a group over one window, each with whether it is valid for the design, and why or why not."""
    judged = {found.name: found for found in group.valid(position)}
    found = ((test, with_number(judged[test.name], test)) for test in group.tests[position])
    return [{**test_dict(test), "is_valid": holds.is_valid, "validity": holds.reason} for test, holds in found]


def single_tests(result: Findings, i: int, position: int) -> tuple[Inference, ...]:
    """Tests of the usable event `i` over the window at `position`; t with its p adjusted for the number of events."""
    adjusted = [(name, float(p[i])) for name, p in result.adjusted[position].items() if np.isfinite(p[i])]
    return tuple(
        replace(test, details=(*test.details, *adjusted)) if test.name == "t" else test
        for test in result.single_tests(i, position)
    )


# --- one event --------------------------------------------------------------------------------------------------------


def events_of(result: Findings) -> Iterator[dict[str, Any]]:
    """The events of the table, in its order."""
    fitted = {position: i for i, position in enumerate(result.usable.tolist())}
    return (event_of(result, position, fitted.get(position)) for position in range(len(result.placed.event_ids)))


def event_of(result: Findings, position: int, i: int | None) -> dict[str, Any]:
    """One event of the table, whose numbers are in row `i`; None where it has no place."""
    placed, reason, avar = result.placed, result.reasons[position], result.variance_ratios
    return {
        "event_id": placed.event_ids[position],
        "asset": placed.assets[position],
        "group": placed.groups[position],
        "day0": _day0(result.samples, i) if i is not None else None,
        "status": "ok" if reason is None else "skipped",
        "reason": reason,
        **_estimates(result, i),
        "days": _days(result, i) if i is not None and reason is None else [],
        "windows": [_window(result, i, w, float(avar[w][i])) for w in range(len(avar))]
        if i is not None and reason is None
        else [],
    }


def _day0(samples: Samples, i: int) -> str:
    return str(np.datetime64(int(samples.days[samples.days_at[i] - int(samples.tau[0])]), "D"))


def _estimates(result: Findings, i: int | None) -> dict[str, Any]:
    if i is None:
        return {"n_estimation": None, "df": None, "coefficients": {}, "sigma": None, "r_squared": None}
    fit = result.fit
    return {
        "n_estimation": int(fit.n_estimation[i]),
        "df": number(fit.df[i]),
        "coefficients": {name: number(value) for name, value in zip(fit.names, fit.theta[i].tolist(), strict=True)},
        "sigma": number(math.sqrt(fit.s2[i])) if fit.s2[i] >= 0 else None,
        "r_squared": number(fit.r_squared[i]),
    }


def _days(result: Findings, i: int) -> list[dict[str, Any]]:
    daily, samples, df = result.daily, result.samples, float(result.fit.df[i])
    at = int(samples.days_at[i] - samples.tau[0])
    out = []
    for j, tau in enumerate(daily.tau.tolist()):
        day = int(samples.days[at + tau])
        if day < 0:
            continue
        sar = number(daily.sar[i, j])
        u = None if sar is None else beaver_u(sar, df)
        out.append(
            {
                "tau": tau,
                "session": str(np.datetime64(day, "D")),
                "return": number(daily.returns[i, j]),
                "expected": number(result.fit.expected[i, j]),
                "ar": number(daily.ar[i, j]),
                "ar_se": number(daily.se[i, j]),
                "sar": sar,
                "beaver_u": u.statistic if u else None,
                "beaver_u_p": u.p_value if u else None,
            }
        )
    return out


def _window(result: Findings, i: int, position: int, avar: float) -> dict[str, Any]:
    spec, found, df = result.spec, result.cumulated[position], float(result.fit.df[i])
    car, se, margin = float(found.car[i]), float(found.se[i]), result.settings["equivalence"]
    is_known = math.isfinite(car) and se > 0
    interval = confidence_interval(car, se, df, spec.alpha, spec.alternative) if is_known else ()
    out = {
        "window": [found.window.start, found.window.end],
        "n_days": int(found.n_days[i]),
        "car": number(car),
        "car_se": number(se),
        "car_ci": [number(end) for end in interval] or [None, None],
        "scar": number(found.scar[i]),
        "bhar": number(found.bhar[i]),
        "avar": number(avar),
        "mde": number(se * unit_mde(df, spec.alpha, spec.power, spec.alternative)) if is_known else None,
        "reason": result.window_reason(i, position),
        "tests": [test_dict(test) for test in single_tests(result, i, position)],
    }
    if margin is not None:
        out["equivalence"] = {"margin": margin, "p_value": equivalence_p(car, se, df, margin) if is_known else None}
    return out


# --- one group --------------------------------------------------------------------------------------------------------


def _group(result: Findings, group: GroupResult) -> dict[str, Any]:
    design = describe_design(group.panels[0])
    return {
        "group": group.name,
        "n_events": max((panel.n for panel in group.panels), default=0),
        "design": {
            "n_events": design.n_events,
            "n_dates": design.n_dates,
            "common_date_share": number(design.common_date_share),
            "average_correlation": number(design.rbar),
            "n_effective": number(design.n_effective),
        },
        "days": average_days(group, result.daily.ar, result.daily.tau),
        "windows": [_group_window(result, group, position) for position in range(len(result.spec.windows))],
    }


def _group_window(result: Findings, group: GroupResult, position: int) -> dict[str, Any]:
    variance_ratio, avar, log_u = volatility(group, position)
    return {
        **average_window(group, position, result.settings["equivalence"]),
        "bhar_test": test_dict(bhar_test(group, position)),
        "volatility": {"variance_ratio": variance_ratio, "mean_avar": avar, "tests": [test_dict(log_u)]},
        "tests": judged_tests(group, position),
    }


def _difference(found: GroupDifference) -> dict[str, Any]:
    return {
        "groups": [found.first, found.second],
        "window": [found.window.start, found.window.end],
        "difference": found.difference,
        "is_valid": found.objection is None,
        "validity": found.objection or "independent events",
        "tests": [test_dict(test) for test in found.tests],
    }


def _regression(found: Regression) -> dict[str, Any]:
    history = found.against_history or (None,) * len(found.names)
    return {
        "window": [found.window.start, found.window.end],
        "formula": found.formula or None,
        "covariance": found.covariance,
        "clusters": found.clusters,
        "coefficients": [
            {
                "coefficient": name,
                "test": test_dict(test),
                "against_history": None if past is None else test_dict(past),
            }
            for name, test, past in zip(found.names, found.coefficients, history, strict=True)
        ],
        "terms": [{"term": name, "test": test_dict(test)} for name, test in found.terms.items()],
    }
