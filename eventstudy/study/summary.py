"""The text that `eventstudy study` prints: few numbers, the tests that hold here, and why those."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from eventstudy.inference.validity import describe_design, with_number
from eventstudy.records import Inference
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import recommended
from eventstudy.study.averages import GroupResult, average_window
from eventstudy.study.contrasts import group_differences
from eventstudy.study.cross_section import regressions
from eventstudy.study.findings import Findings

WIDTH = 108
SHOWN = 5
MOST_LINES = 10  # of notes, and of skipped events


def summary(result: Findings, *, all_tests: bool = False) -> str:
    """Give the readable summary of a study.

    Parameters
    ----------
    result : Findings
    all_tests : bool
        Show every test, marked where it does not hold, instead of the recommended ones.
    """
    spec = result.spec
    studied = len(result.placed.event_ids) - result.n_skipped
    lines = [
        "Event study".center(WIDTH).rstrip(),
        "=" * WIDTH,
        (
            f"Model: {spec.model}{_of(result)}   {_studied(result)}   Estimation: {spec.estimation.label}, "
            f"at least {spec.required_estimation} days"
        ),
        f"Events: {studied} studied, {result.n_skipped} skipped   Sides: {spec.alternative}   Level: {spec.alpha:.0%}",
    ]
    for group in result.groups:
        lines += ["", *_group(result, group, all_tests)]
    lines += _differences(result)
    for found in regressions(result):
        asked = f"{found.formula}, over {found.window.label}" if found.formula else ""
        asked = asked or f"CAR{found.window.label} on {', '.join(found.names[1:])}"
        lines += ["", f"{asked}, errors {found.errors}", str(found)]
    placed = result.placed
    skipped = [(placed.event_ids[i], placed.assets[i], reason) for i, reason in enumerate(result.reasons) if reason]
    lines += _some("Skipped", (f"{name} ({asset}): {why}" for name, asset, why in skipped), len(skipped), "events")
    lines += _some("Note", result.warnings, len(result.warnings), "warnings")
    return "\n".join(lines)


def _group(result: Findings, group: GroupResult, all_tests: bool) -> list[str]:
    design = describe_design(group.panels[0])
    dates = "one date" if design.n_dates == 1 else f"{design.n_dates} dates"
    head = f"Group {group.name}: {'one event' if design.n_events == 1 else f'{design.n_events} events'} on {dates}"
    if design.n_events > 1:
        worth = f"{design.n_effective:.1f}" if design.n_effective < 1e9 else "any number of"
        head += f"; average correlation {design.rbar:.3f}, worth {worth} independent events"
    lines = [head, "-" * WIDTH]
    lines.append(
        f"{'window':>10} {'N':>7} {'CAAR':>9} {'interval':>22} {'detectable':>10} "
        f"{'median':>9} {'positive':>9} {'BHAR':>9}"
    )
    for position, window in enumerate(result.spec.windows):
        found = average_window(group, position)
        low, high = found["caar_ci"]
        interval = "" if low is None and high is None else f"[{_percent(low) or '-∞'}, {_percent(high) or '∞'}]"
        share = "" if found["share_positive"] is None else f"{found['share_positive']:.0%}"
        lines.append(
            f"{window.label:>10} {found['n']:>7} {_percent(found['caar']):>9} {interval:>22} "
            f"{_percent(found['mde']):>10} {_percent(found['median_car']):>9} {share:>9} "
            f"{_percent(found['mean_bhar']):>9}"
        )
        partial = found["n_partial"] if result.spec.partial == "drop" else 0
        lines += [f"{'':>10} {partial} more with a part of its days, left out"] * bool(partial)
    for position, window in enumerate(result.spec.windows):
        lines += _tests(group, position, window.label, all_tests)
        lines += _equivalence(result, group, position, window.label)
    return lines


def _tests(group: GroupResult, position: int, label: str, all_tests: bool) -> list[str]:
    judged = {found.name: found for found in group.valid(position)}
    if all_tests:
        chosen = [group.test(position, name) for name in group.names]
    else:
        valid = (group.test(position, n) for n in recommended() if n in group.names and judged[n].is_valid)
        chosen = list(itertools.islice((test for test in valid if test.reason is None), SHOWN))
    if not chosen:
        return ["", f"Tests over {label}: none is valid for this design; --all-tests shows all with the reasons"]
    lines = ["", f"Tests over {label}{', ! = not valid for this design' if all_tests else ', valid for this design'}"]
    for test in chosen:
        found = with_number(judged[test.name], test)
        mark = " " if found.is_valid else "!"
        lines.append(f"  {mark} {test.name:<24} {_numbers(test)}  {found.reason}")
        told = dict(test.details)
        if "t_p_value" in told:
            numbers = f"      {'t, variance as before':<22} {told['t']:>10.3f} {_p(told['t_p_value']):>10}"
            lines.append(f"{numbers}  if it did not rise, which one event cannot show")
    return lines


def _equivalence(result: Findings, group: GroupResult, position: int, label: str) -> list[str]:
    margin = result.settings["equivalence"]
    found = average_window(group, position, margin).get("equivalence")
    if found is None:
        return []
    p = found["reason"] or _p(found["p_value"])
    return [f"    Mean effect of {_percent(margin)} or more over {label}: {p} (two one-sided tests)"]


def _differences(result: Findings) -> list[str]:
    differences = group_differences(result.groups)
    if not differences:
        return []
    lines = ["", "Differences between groups, first less second", "-" * WIDTH]
    for found in differences:
        pair = f"{found.first} - {found.second} {found.window.label}"
        tests = "   ".join(f"{test.name} {test.reason or _p(test.p_value)}" for test in found.tests)
        lines.append(f"{pair:>40} {_percent(found.difference):>9}   {tests}")
    objection = differences[0].objection
    return [*lines, f"  ! {objection}"] if objection else lines


def _numbers(test: Inference) -> str:
    if test.statistic is None or test.p_value is None:
        return f"{'':>10} {'':>10}"
    return f"{test.statistic:>10.3f} {_p(test.p_value):>10}"


def _p(value: float | None) -> str:
    if value is None:
        return "no p"
    return "p <0.0001" if value < 0.0001 else f"p {value:.4f}"


def _some(title: str, texts: Iterable[str], n: int, key: str) -> list[str]:
    """Give the first of `n` lines, and where the others are."""
    lines = [f"{title}: {text}" for _, text in zip(range(MOST_LINES), texts, strict=False)]
    if n > MOST_LINES:
        lines.append(f"{title}: {n - MOST_LINES} more; see {key} in --json")
    return ["", *lines] if lines else []


def _studied(result: Findings) -> str:
    """What is abnormal where it is."""
    said = {"volume": "Log volume", "changes": "Changes, % are percentage points"}
    return said.get(result.settings["values"], f"Returns: {result.spec.returns}")


def _of(result: Findings) -> str:
    benchmark = (result.spec.benchmark,) if result.spec.benchmark else ()
    names: Sequence[str] = result.spec.factors or benchmark
    return f" ({', '.join(names)})" if names and MODELS[result.spec.model].regressors != "none" else ""


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}%"
