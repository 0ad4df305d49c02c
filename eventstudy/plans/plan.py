"""A plan: choices, who froze them and when, whether prices had come by then, and the hash over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from eventstudy.config.model import content_hash
from eventstudy.errors import DataError
from eventstudy.plans.frozen import Frozen, plain

SCHEMA = "eventstudy.preregistration/1"

Stage = Literal["before the announcement", "before the prices", "after the prices"]
STAGES: tuple[Stage, ...] = get_args(Stage)
BEFORE_NEWS, BEFORE_PRICES, AFTER_PRICES = STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was to be had when the plan was made.

    Attributes
    ----------
    stage : str
        ``before the prices``: announced, but no price after it was stored here; others may have had one.
    first_price_at : str or None
        Instant of the first stored price after the announcement.
    has_results : bool
        Whether results of the event were stored already.
    events, past : int
        How many events, and how many of them the plan came after.
    """

    stage: Stage
    first_price_at: str | None = None
    has_results: bool = False
    events: int = 1
    past: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a study will do.

    Attributes
    ----------
    planned_at : str
        Instant, by the clock of the machine.
    by : str or None
    version : str
        Of the program.
    frozen : Frozen
    seen : Seen
    """

    planned_at: str
    by: str | None
    version: str
    frozen: Frozen
    seen: Seen

    @property
    def is_of_database(self) -> bool:
        """Whether it is of an event of a database, and not of a study of files."""
        return self.frozen.releases is not None

    @property
    def event_id(self) -> str:
        """The event of a plan that is of a database."""
        (name,) = self.frozen.events
        return name

    @cached_property
    def hash(self) -> str:
        """SHA-256 over everything else that the plan says."""
        return content_hash(self._said())

    def _said(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "planned_at": self.planned_at,
            "by": self.by,
            "version": self.version,
            "seen": plain(asdict(self.seen)),
            **self.frozen.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """The plan as a document, its hash last."""
        return {**self._said(), "hash": self.hash}


def plan_of(document: Any, where: str) -> Plan:
    """The plan that a document holds, once its hash is that of what it says.

    Parameters
    ----------
    document : mapping
    where : str
        Names it in errors.

    Raises
    ------
    DataError
        When it is no plan, or not the one that was frozen.
    """
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        value = document.get("schema") if isinstance(document, Mapping) else None
        raise DataError("no plan", where=where, value=value, remedy="name a file of `eventstudy plan -o`")
    try:
        found = _read(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"a part of the plan is missing or unreadable: {error}", where=where, remedy=TAKE_BACK
        ) from None
    if document.get("hash") != found.hash:
        given = document.get("hash")
        problem = f"the plan was changed after it was frozen: what it says gives {found.hash}"
        raise DataError(problem, where=f"{where}, hash", value=given, remedy=TAKE_BACK)
    return found


TAKE_BACK = "take the change back, or freeze another with `eventstudy plan`"


def _read(document: Mapping[str, Any]) -> Plan:
    releases, seen = document.get("releases"), Seen(**document["seen"])
    if seen.stage not in STAGES:
        raise ValueError(f"stage is {seen.stage}")
    found = Plan(
        planned_at=document["planned_at"],
        by=document["by"],
        version=document["version"],
        seen=seen,
        frozen=Frozen(
            studies=dict(document["studies"]),
            events=dict(document["events"]),
            assets=dict(document["assets"] if releases is not None else document.get("assets", {})),
            releases=None if releases is None else tuple(releases),
        ),
    )
    if strange := document.keys() - found.to_dict().keys():
        raise ValueError(f"it says {min(strange)}, which such a plan does not")
    return found
