"""What a study is to be held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from eventstudy.errors import InputError
from eventstudy.tables.table import Table

Estimator = Literal["ols", "white", "wls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """Other ways to the same answer, beside the tests of a study.

    Attributes
    ----------
    calendar_time : {"ols", "white", "wls"} or None
        Alpha of the portfolio of all events whose window holds the day, on what the study's model explains returns by:
        with plain errors, with White's, or weighted by the number of events.
    match : DataFrame, Table or None
        Characteristics of all assets, to hold buy-and-hold returns against portfolios of alike assets: ``asset``,
        optionally ``date`` (known from then on), and one or more columns of numbers such as ``size`` and
        ``book_to_market``, sorted by one within the other.
    match_groups : int
        Groups by each of these columns.
    donors : tuple of str
        Assets that a synthetic control of each treated asset is made of.
    """

    calendar_time: Estimator | None = None
    match: pd.DataFrame | Table | None = None
    match_groups: int = 5
    donors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given: object = self.donors  # a name alone is welcome too, whatever the annotation says
        object.__setattr__(self, "donors", (given,) if isinstance(given, str) else tuple(self.donors))
        if self.calendar_time is not None and self.calendar_time not in get_args(Estimator):
            known = ", ".join(get_args(Estimator))
            raise InputError(
                "unknown estimator", where="calendar_time", value=self.calendar_time, remedy=f"use {known}"
            )
        if self.match_groups < 1:
            raise InputError("must be one or more", where="match_groups", value=self.match_groups, remedy="write 5")
