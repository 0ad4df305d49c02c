"""A study by the minute as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.conclusion import answering

DIGITS = (("paced_t", 2), ("paced_p", 4), ("p_adjusted", 4))


def summary(
    spec: ClockSpec, rows: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], warnings: Sequence[str]
) -> str:
    """A line per event, asset and window, then one per group and window, then the notes."""
    lines = [
        f"Event study by the minute: bars of {spec.bar}, {spec.reference_sessions} reference sessions",
        f"{'event':<20} {'asset':<8} {'window':>18} {'move':>9} {'paced t':>8} {'p':>8} {'Holm':>8}  verdict",
    ]
    for row in rows:
        for window in row["windows"] or [None]:
            found = flat(window, row)
            numbers = (
                f"{100 * found['move']:>8.2f}%" if found["move"] is not None else f"{'':>9}",
                *(f"{found[name]:>8.{d}f}" if found[name] is not None else f"{'':>8}" for name, d in DIGITS),
            )
            end = found["reason"] or found["verdict"]
            lines.append(
                f"{row['event_id'][:20]:<20} {row['asset'][:8]:<8} {_label(window):>18} {' '.join(numbers)}  {end}"
            )
        if row["minutes"] is not None and row["minutes"]["agreement"] is not None:
            lines.append(f"{row['event_id'][:20]:<20} {row['asset'][:8]:<8} {_unknown_minute(row['minutes'])}")
    for group in groups:
        n = group["n_events"]
        lines += ["", f"Mean abnormal move of {group['group']} ({n} event{'s' * (n != 1)})"]
        for window in group["windows"]:
            test = answering({"tests": window["tests"]})
            told = "no test of the paced moves holds" if test is None else f"{test['name']} p = {test['p_value']:.4f}"
            if test is not None and "t_p_value" in test:
                told += f" (t p = {test['t_p_value']:.4f} if its variance did not rise)"
            mean = "" if window["caar"] is None else f"{100 * window['caar']:.2f}%"
            lines.append(f"{_label(window):>18} {window['n']:>6} {mean:>9}  {told}  {window['verdict']}")
    return "\n".join([*lines, *(f"Note: {text}" for text in warnings)])


def _unknown_minute(found: Mapping[str, Any]) -> str:
    n = sum(row["reason_code"] is None for row in found["curve"])
    words = {"all agree": "there was a reaction whatever the minute", "none": "no reaction whatever the minute"}
    return f"{n} candidate minutes: {words.get(found['agreement'], 'the verdict depends on the minute')}"


def _label(window: Mapping[str, Any] | None) -> str:
    if window is None:
        return ""
    return window.get("name") or f"[{','.join(window['window'])}]"


def flat(window: Mapping[str, Any] | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """One window of an event as a row of a frame."""
    if window is None:
        none = dict.fromkeys(("window", "move", "clock_t", "clock_p", "paced_t", "paced_p", "p_adjusted"))
        return {**none, "verdict": "not computable", "reason_code": None, "reason": row["reason"]}
    clock, paced = window["clock"] or {}, window["paced"] or {}
    return {
        "window": ":".join(window["window"]),
        "move": window["move"],
        "clock_t": clock.get("t"),
        "clock_p": clock.get("p_value"),
        "paced_t": paced.get("t"),
        "paced_p": paced.get("p_value"),
        "p_adjusted": window["p_adjusted"],
        "verdict": window["verdict"],
        "reason_code": window["reason_code"],
        "reason": window["reason"],
    }
