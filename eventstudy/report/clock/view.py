"""The section of a page for a study by the minute: strings ready to print, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.clock.cells import WINDOW_CELLS, Cells, test_cells, window_cells
from eventstudy.report.clock.facts import facts
from eventstudy.report.clock.words import at_clock, clearest, clock, passed_over, sentence, stored_windows
from eventstudy.report.figures.drawn import ClockFacts, Drawn, drawn
from eventstudy.report.linked import anchor
from eventstudy.report.strongest import MOST_FULL
from eventstudy.report.words import say
from eventstudy.store.read import EventResults
from eventstudy.study.clock.primary import primary_of
from eventstudy.study.clock.stored_ends import window_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAssetView:
    """One asset of one study by the minute; every string is ready to print, and `document` has the numbers."""

    asset: str
    title: str
    verdict: str
    mark: str
    word: str
    say: str
    head: str
    windows: tuple[Cells, ...]
    facts: tuple[str, ...]
    beside: tuple[Cells, ...]
    depends: str
    figures: tuple[Drawn, ...]
    notes: tuple[str, ...]
    document: Row | None
    is_full: bool
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStudyView:
    """One study by the minute; with very many assets all but the clearest stand in `rest`, a row each."""

    study_id: str
    title: str
    assets: tuple[ClockAssetView, ...]
    rest: tuple[Cells, ...]
    methods: tuple[str, ...]
    input_hash: str


def clock_studies(results: EventResults, rows: Sequence[Row], source: str) -> tuple[ClockStudyView, ...]:
    """The sections, in the order of the studies; `source` says where the prices are from."""
    by_study: dict[str, list[Row]] = {}
    for row in rows:
        by_study.setdefault(row["study_id"], []).append(row)
    return tuple(_study(results, mine, source) for mine in by_study.values())


def _study(results: EventResults, mine: Sequence[Row], source: str) -> ClockStudyView:
    full = {row["analysis_id"] for row in clearest(results, mine)[:MOST_FULL]}
    assets = tuple(_asset(results, row, source, is_full=row["analysis_id"] in full) for row in mine)
    return ClockStudyView(
        study_id=mine[0]["study_id"],
        title=text.given(mine[0]["study_title"]),
        assets=assets,
        rest=tuple(_in_a_row(asset) for asset in assets if not asset.is_full),
        methods=tuple(
            dict.fromkeys(text.capital(text.given(row["method"].removeprefix(f"{row['asset']}: "))) for row in mine)
        ),
        input_hash=mine[0]["input_hash"],
    )


def _in_a_row(asset: ClockAssetView) -> Cells:
    """An asset and the window that answers: the cells of `window_cells`, or its reason in the last of them."""
    windows = asset.document["windows"] if asset.document else []
    primary = primary_of({"windows": windows})
    found = (cells for window, cells in zip(windows, asset.windows, strict=True) if window is primary)
    *cells, last = next(found, ("", asset.say))
    return (asset.title, *cells, *[text.NONE] * (WINDOW_CELLS - 1 - len(cells)), last)


def _asset(results: EventResults, row: Row, source: str, *, is_full: bool) -> ClockAssetView:
    document = results.documents.get(row["analysis_id"])
    windows = stored_windows(results, row)
    first = next(iter(windows.values()), None)
    verdict = first["verdict"] if first else "not computable"
    title = text.capital(text.plain(row["asset_title"]))
    listed = [(w, windows[window_of(w["window"])]) for w in document["windows"]] if document else []
    minute = document["minutes"] if document else None
    return ClockAssetView(
        asset=row["asset"],
        title=title,
        verdict=verdict,
        mark=text.VERDICT_MARKS[verdict],
        word=text.verdict_word(verdict),
        say=" ".join([sentence(row, document, first), *passed_over(results, row)]),
        head=say("clock.windows", clock=clock(document)) if document else "",
        windows=tuple(window_cells(found, stored) for found, stored in listed),
        facts=tuple(facts(document)) if document else (),
        beside=tuple(cells for found, _ in listed for cells in test_cells(found)),
        depends=_depends(minute, document),
        figures=drawn(ClockFacts(title=title, document=document, verdict=verdict, source=source))
        if document and is_full
        else (),
        notes=text.notes(row["notes"]),
        document=document,
        is_full=is_full,
        anchor=anchor(row),
    )


def _depends(minute: Row | None, document: Row | None) -> str:
    """In one sentence what another minute would mean, and when the market moved most."""
    if minute is None or document is None:
        return ""
    if minute["agreement"]:
        words = say(f"clock.agreement.{minute['agreement']}")
    else:
        words = say("clock.no_minute", reason=text.spoken(minute.get("reason") or say("clock.no_bars")))
    learned = minute["learned"]
    if isinstance(learned, dict):
        found = say("clock.learned", at=at_clock(learned["at"], document), p=text.p_value(learned["p_value"]))
        words = f"{words} {found}"
    return words
