"""The settings of a study, read from the options of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS

if TYPE_CHECKING:
    from eventstudy.spec import StudySpec
    from eventstudy.study.clock.spec import ClockSpec

# Of plug-ins only the names are known before they are loaded.
VARIANTS = {variant: model.name for model in MODELS.ours for variant in model.variants}
CLOCK_OPTIONS = ("calendar", "reference_sessions", "mask_events", "clock", "gap_class", "snap_seconds", "extended")
# What days and minutes both have.
BOTH = ("windows", "benchmark", "factors", "alpha", "confirm", "regress", "covariance", "seed", "draws")


def clock_spec_of(options: Mapping[str, Any]) -> ClockSpec:
    """Read the settings of a study by the minute; one that cannot be is wrong usage."""
    from eventstudy.study.clock.spec import ClockSpec

    settings = {name: options[name] for name in ("bar", *BOTH, *CLOCK_OPTIONS)}
    try:
        return ClockSpec(**settings, tests=options["tests"] or None)
    except InputError as error:
        raise click.UsageError(str(error)) from error


def spec_of(options: dict[str, Any]) -> StudySpec:
    """Read the settings; one that cannot be is wrong usage."""
    from eventstudy.spec import StudySpec

    windows, variant, tests = options.pop("windows"), options.pop("variant"), options.pop("tests")
    if variant and variant not in MODELS[options["model"]].variants:
        known = f"is of --model {VARIANTS[variant]}" if variant in VARIANTS else "is of no model"
        raise click.UsageError(f"--variant {variant} {known}")
    for name in tests:
        if name not in TESTS:
            remedy = hint(name, TESTS, f"known are {', '.join(TESTS)}")
            raise click.UsageError(f"unknown test {name}; {remedy}")
    options |= {"variant": variant or "", "tests": tests or None}
    try:
        return StudySpec(**options, **({"windows": windows} if windows else {}))
    except InputError as error:
        raise click.UsageError(str(error)) from error
