"""The text that `eventstudy study` prints: few numbers, the tests that hold here, and why those."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.inference.validity import describe_design
from eventstudy.records import Inference
from eventstudy.study.result import GroupResult, StudyResult

WIDTH = 96
# In this order the first valid ones are shown: exact or robust before powerful, one of a family.
RECOMMENDED = (
    "portfolio_t",
    "adjusted_bmp_t",
    "max_t_placebo",
    "cluster_t",
    "calendar_time_t",
    "bmp_t",
    "cross_sectional_t",
    "placebo",
    "generalized_sign_z",
    "corrado_zivney_rank_z",
    "grank_t",
    "grank_kp_t",
)
SHOWN = 5


def summary(result: StudyResult, *, all_tests: bool = False) -> str:
    """Give the readable summary of a study.

    Parameters
    ----------
    result : StudyResult
    all_tests : bool
        Show every test, marked where it does not hold, instead of the recommended ones.
    """
    spec = result.spec
    n = len(result.placed.event_ids)
    lines = [
        "Event study".center(WIDTH).rstrip(),
        "=" * WIDTH,
        f"Model: {spec.model}{_of(result)}   Returns: {spec.returns}   "
        f"Estimation: {spec.estimation.label}, at least {spec.required_estimation} days",
        f"Events: {n - result.n_skipped} studied, {result.n_skipped} skipped   Sides: {spec.alternative}   "
        f"Level: {spec.alpha:.0%}",
    ]
    for group in result.groups:
        lines += ["", *_group(result, group, all_tests)]
    lines += _skipped(result)
    lines += [f"Note: {text}" for text in result.warnings[:10]]
    if len(result.warnings) > 10:
        lines.append(f"Note: {len(result.warnings) - 10} more; see warnings in --json")
    return "\n".join(lines)


def _group(result: StudyResult, group: GroupResult, all_tests: bool) -> list[str]:
    design = describe_design(group.panels[0])
    dates = "one date" if design.n_dates == 1 else f"{design.n_dates} dates"
    lines = [f"Group {group.name}: {design.n_events} events on {dates}"]
    if design.n_events > 1:
        lines[0] += (
            f"; average correlation {design.rbar:.3f}, worth {min(design.n_effective, 1e9):.1f} independent events"
        )
    lines.append("-" * WIDTH)
    lines.append(f"{'window':>10} {'N':>7} {'CAAR':>9} {'interval':>22} {'median':>9} {'positive':>9} {'BHAR':>9}")
    for position, window in enumerate(result.spec.windows):
        found = result._average(group, position)
        low, high = found["caar_ci"]
        interval = "" if low is None and high is None else f"[{_percent(low)}, {_percent(high)}]"
        share = "" if found["share_positive"] is None else f"{found['share_positive']:.0%}"
        lines.append(
            f"{window.label:>10} {found['n']:>7} {_percent(found['caar']):>9} {interval:>22} "
            f"{_percent(found['median_car']):>9} {share:>9} {_percent(found['mean_bhar']):>9}"
        )
    for position, window in enumerate(result.spec.windows):
        lines += _tests(group, position, window.label, all_tests)
    return lines


def _tests(group: GroupResult, position: int, label: str, all_tests: bool) -> list[str]:
    judged = {found.name: found for found in group.valid(position)}
    computed = {test.name: test for test in group.tests[position]}
    if all_tests:
        chosen = list(computed)
    else:
        usable = [n for n in RECOMMENDED if n in computed and computed[n].reason is None and judged[n].is_valid]
        chosen = usable[:SHOWN]
    if not chosen:
        return ["", f"Tests over {label}: none is valid for this design; --all-tests shows all with the reasons"]
    lines = ["", f"Tests over {label}{'' if all_tests else ', valid for this design'}"]
    for name in chosen:
        mark = " " if judged[name].is_valid else "!"
        lines.append(f"  {mark} {name:<24} {_numbers(computed[name])}  {computed[name].reason or judged[name].reason}")
    return lines


def _numbers(test: Inference) -> str:
    if test.statistic is None or test.p_value is None:
        return f"{'':>10} {'':>10}"
    p = "p <0.0001" if test.p_value < 0.0001 else f"p {test.p_value:.4f}"
    return f"{test.statistic:>10.3f} {p:>10}"


def _skipped(result: StudyResult) -> list[str]:
    missing = [(i, reason) for i, reason in enumerate(result.reasons) if reason]
    lines = [
        f"Skipped: {result.placed.event_ids[i]} ({result.placed.assets[i]}): {reason}" for i, reason in missing[:10]
    ]
    if len(missing) > 10:
        lines.append(f"Skipped: {len(missing) - 10} more; see events in --json")
    return ["", *lines] if lines else []


def _of(result: StudyResult) -> str:
    names: Sequence[str] = result.spec.factors or ((result.spec.benchmark,) if result.spec.benchmark else ())
    return f" ({', '.join(names)})" if names and result.spec.model != "constant-mean" else ""


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}%"
