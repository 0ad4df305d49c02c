"""Studies of many events on the prices of the archive: `eventstudy study --stored`, and the collections of passes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.archive.book import PriceBook
from eventstudy.calendars import align
from eventstudy.errors import CannotEstimate, DataError, EventStudyError, SourceError
from eventstudy.records import Event, Int64Array
from eventstudy.returns import ReturnSeries, return_series
from eventstudy.spec import StudySpec
from eventstudy.study.event import lack
from eventstudy.study.from_archive import Aligned, samples_of_archive
from eventstudy.study.many import study_samples, usable_of
from eventstudy.study.overlap import overlaps
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One event with one of its assets.

    Attributes
    ----------
    event : Event
    asset : str
    group : str or None
        What it is compared by.
    """

    event: Event
    asset: str
    group: str | None = None


def members_of(
    events: Iterable[Event],
    *,
    tag: str | None = None,
    kind: str | None = None,
    assets: Sequence[str] = (),
    event_ids: Sequence[str] = (),
    compare: Sequence[str] = (),
) -> list[Member]:
    """Every event that has all of what is named, with each of its assets; scheduled releases are none.

    Parameters
    ----------
    events : iterable of Event
    tag, kind : str, optional
    assets, event_ids : sequence of str
        Any of them; all where empty.
    compare : sequence of str
        Tags; a member's group is the first of them that its event has.
    """
    return [
        Member(event=event, asset=asset, group=next((label for label in compare if label in event.tags), None))
        for event in events
        if event.kind != "context"
        and (tag is None or tag in event.tags)
        and (kind is None or kind == event.kind)
        and (not event_ids or event.event_id in event_ids)
        for asset in event.assets
        if not assets or asset in assets
    ]


class ArchivedReturns:
    """Returns of assets as studies see them, or the errors that stand in their place; each made once."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self._known: dict[tuple[Hashable, ...], ReturnSeries | EventStudyError] = {}

    def of(self, asset: str, spec: StudySpec) -> ReturnSeries | EventStudyError:
        """Returns of `asset` beside those of what explains it under `spec`."""
        key = (asset, spec.explained_by, spec.model == "peer", spec.returns, spec.is_lumped)
        if key not in self._known:
            self._known[key] = self._made(asset, spec)
        return self._known[key]

    def _made(self, asset: str, spec: StudySpec) -> ReturnSeries | EventStudyError:
        try:
            prices = self.book.series(asset)
            explained_by = [
                None if name == asset and spec.model == "peer" else self.book.series(name, explains=asset)
                for name in spec.explained_by
            ]
            return return_series(prices, explained_by, spec.returns, is_lumped=spec.is_lumped)
        except (SourceError, CannotEstimate) as error:
            return error


def study_members(
    members: Sequence[Member],
    returns: ArchivedReturns,
    spec: StudySpec,
    *,
    drop_overlapping: bool = False,
    equivalence: float | None = None,
    characteristics: pd.DataFrame | None = None,
    regress: Sequence[str] = (),
) -> StudyResult:
    """Study members together, each under its main alignment, on the sessions of its own source.

    Parameters
    ----------
    members : sequence of Member
        No event stands twice with one asset.
    returns : ArchivedReturns
    spec : StudySpec
    drop_overlapping, equivalence, regress
        As of `run_study`.
    characteristics : DataFrame, optional
        A row per member.

    Returns
    -------
    StudyResult
        A member without a result is there with its reason.

    Raises
    ------
    DataError
        When no member has a place in the prices.
    """
    assets = tuple(sorted({member.asset for member in members}))
    rows = [_aligned(member, returns, spec) for member in members]
    reasons = [row if isinstance(row, str) else None for row in rows]
    if not any(isinstance(row, Aligned) for row in rows):
        why = next((reason for reason in reasons if reason), "there is no event")
        raise DataError(
            f"none of the {len(members)} events can be studied: {why}", where="--stored", remedy="choose other events"
        )
    event_ids = tuple(member.event.event_id for member in members)
    places: Int64Array = np.array([row.alignment.index if isinstance(row, Aligned) else -1 for row in rows])
    columns: Int64Array = np.array([assets.index(member.asset) for member in members])
    notes: list[str] = []
    overlaps(places, columns, event_ids, reasons, notes, spec, drop_overlapping)
    placed = Placed(
        event_ids=event_ids,
        assets=tuple(member.asset for member in members),
        groups=tuple(member.group for member in members),
        weights=None,
        characteristics=pd.DataFrame(index=range(len(members))) if characteristics is None else characteristics,
        benchmarks=(None,) * len(members),
        rows=np.where([reason is None for reason in reasons], places, -1),
        columns=columns,
        reasons=tuple(reasons),
        notes=tuple(notes),
    )
    usable = usable_of(placed, assets)
    chosen = [row for i in usable.tolist() if isinstance(row := rows[i], Aligned)]
    settings = {
        "values": "prices",
        "drop_overlapping": drop_overlapping,
        "equivalence": equivalence,
        "regress": list(regress),
        "formula": None,
        "covariance": "HC3",
        "cluster_by": [],
        "calendar": None,
        "mask_events": False,
        "delisting_return": None,
        "units": None,
        "factor_units": None,
        "confirm": [],
    }
    samples = samples_of_archive(chosen, spec, with_ended=spec.partial == "keep")
    return study_samples(samples, placed, usable, spec, settings=settings)


def _aligned(member: Member, returns: ArchivedReturns, spec: StudySpec) -> Aligned | str:
    """The member on its sessions, or why it has no place there."""
    series = returns.of(member.asset, spec)
    if isinstance(series, EventStudyError):
        return str(series)
    try:
        main = align(member.event, series.sessions, series.instants)[0]
    except CannotEstimate as error:
        return str(error)
    return lack(series, main.index, spec) or Aligned(event_id=member.event.event_id, alignment=main, series=series)
