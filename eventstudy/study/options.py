"""What a study on tables is told beside its specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypedDict

import pandas as pd

from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.inference.cross_section import Covariance
from eventstudy.spec import Missing
from eventstudy.study.robust.asked import Robustness
from eventstudy.study.units import Units
from eventstudy.tables.shapes import Values
from eventstudy.tables.table import Table

# Those that a study by the minute has too.
BY_CLOCK_TOO = ("benchmark", "factors", "regress", "calendar", "mask_events", "confirm", "covariance")


class Options(TypedDict, total=False):
    """The options by name, as `eventstudy.run_study` takes and explains them."""

    benchmark: str | None
    factors: Sequence[str] | str
    values: Values
    missing: Missing | None
    drop_overlapping: bool
    factor_returns: pd.DataFrame | Table | None
    equivalence: float | None
    regress: Sequence[str] | str
    formula: str | None
    covariance: Covariance
    cluster_by: Sequence[str] | str
    units: Units | None
    factor_units: Units | None
    calendar: str | None
    mask_events: bool
    delisting_return: float | None
    confirm: Sequence[str]
    robustness: Robustness | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOptions:
    """The same with their defaults."""

    benchmark: str | None = None
    factors: Sequence[str] | str = ()
    values: Values = "prices"
    missing: Missing | None = None
    drop_overlapping: bool = False
    factor_returns: pd.DataFrame | Table | None = None
    equivalence: float | None = None
    regress: Sequence[str] | str = ()
    formula: str | None = None
    covariance: Covariance = "HC3"
    cluster_by: Sequence[str] | str = ()
    units: Units | None = None
    factor_units: Units | None = None
    calendar: str | None = None
    mask_events: bool = False
    delisting_return: float | None = None
    confirm: Sequence[str] = ()
    robustness: Robustness | None = None

    @classmethod
    def of(cls, given: dict[str, Any]) -> StudyOptions:
        """Those that are given, and the defaults of the others.

        Raises
        ------
        InputError
            When there is no such option.
        """
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                remedy = hint(name, known, f"options are {', '.join(known)}")
                raise InputError("there is no such option", where=name, remedy=remedy)
        return cls(**given)

    @property
    def changed(self) -> dict[str, Any]:
        """Those that are not at their default."""
        pairs = ((field.name, field.default, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, default, value in pairs if value is not default and not _is_empty(value)}


def _is_empty(value: object) -> bool:
    return value is None or value is False or (isinstance(value, (str, tuple, list)) and not value)
