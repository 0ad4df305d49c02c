"""What was run, held against the plan that counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eventstudy.plans.frozen import Departure, Frozen, departures
from eventstudy.plans.plan import AFTER_PRICES, Plan


@dataclass(frozen=True, kw_only=True)
class Held:
    """A plan, and what became of it.

    Attributes
    ----------
    plans : tuple of Plan
        All of the event, the first one first.
    number : int
        Which of them this is of, from 1.
    run : Frozen or None
        What was run; None where nothing was yet.
    run_version : str or None
        Version of the program that ran it.
    first_fetched_at : str or None
        When the first of the prices after the announcement that are stored now was fetched, here or where it was
        imported from.
    later : int
        Events of a study of many that are chosen as planned, and were announced after the plan.
    """

    plans: tuple[Plan, ...]
    number: int = 1
    run: Frozen | None = None
    run_version: str | None = None
    first_fetched_at: str | None = None
    later: int = 0

    @property
    def plan(self) -> Plan:
        """The plan that is held."""
        return self.plans[self.number - 1]

    @property
    def counting(self) -> int:
        """Which plan of the event counts: the first that came before its prices, or else the first; from 1."""
        early = (i for i, plan in enumerate(self.plans, start=1) if plan.seen.stage != AFTER_PRICES)
        return next(early, 1)

    @cached_property
    def departures(self) -> tuple[Departure, ...]:
        """Every field that was run otherwise than planned."""
        return () if self.run is None else tuple(departures(self.plan.frozen, self.run))

    @property
    def is_kept(self) -> bool | None:
        """Whether nothing differs; None before anything was run."""
        return None if self.run is None else not self.departures

    def to_dict(self) -> dict[str, Any]:
        """What a document says of it."""
        plan = self.plan
        return {
            "is_of_event": plan.is_of_database,
            "planned_at": plan.planned_at,
            "by": plan.by,
            "stage": plan.seen.stage,
            "first_price_at": plan.seen.first_price_at,
            "first_fetched_at": self.first_fetched_at,
            "has_results": plan.seen.has_results,
            "events": plan.seen.events,
            "past": plan.seen.past,
            "later": self.later,
            "hash": plan.hash,
            "number": self.number,
            "count": len(self.plans),
            "counting": self.counting,
            "is_any_early": any(plan.seen.stage != AFTER_PRICES for plan in self.plans),
            "is_kept": self.is_kept,
            "departures": [found.to_dict() for found in self.departures],
            "versions": {"planned": plan.version, "run": self.run_version},
        }
