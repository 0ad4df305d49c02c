"""What the tests of a group of events come to: the one that decides, and the word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventstudy.registry.tests import TESTS, recommended
from eventstudy.study.verdict import verdict

# A window, or a test, of a group as the document of a study has it.
Found = Mapping[str, Any]

OF_THE_LARGEST = TESTS["max_t_placebo"]  # of the largest move, which answers another question


def holds(test: Found) -> bool:
    """Whether a test has a number, and is valid for the design."""
    return bool(test["is_valid"]) and test["reason"] is None and test["p_value"] is not None


def answering(window: Found) -> Found | None:
    """The first of the recommended tests of the mean that holds over a window of a group."""
    found = {test["name"]: test for test in window["tests"] if holds(test)}
    return next((found[name] for name in recommended() if name in found and TESTS[name] is not OF_THE_LARGEST), None)


def placebo_p(window: Found) -> float | None:
    """P of the placebo test, where it holds."""
    return next((test["p_value"] for test in window["tests"] if test["name"] == "placebo" and holds(test)), None)


def window_verdict(window: Found, alpha: float) -> str:
    """The word for one window of a group, by the rules that single events have too.

    Where the window has ``p_adjusted``, which allows for other groups that were looked at, that decides alone.
    """
    test = answering(window)
    if test is not None and "p_adjusted" in window:
        return verdict_of_all(window["p_adjusted"], alpha)
    return verdict(test["p_value"] if test else None, placebo_p(window), alpha, is_confounded=False)


def verdict_of_all(p_adjusted: float | None, alpha: float) -> str:
    """The word for one of many groups; placebo days, which allow for no other group, have no say."""
    return verdict(p_adjusted, None, alpha, is_confounded=False)
