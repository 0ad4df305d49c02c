"""What the page of a study of many events shows, made from the JSON document of `eventstudy study`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.report import looked, planned, text
from eventstudy.report.clock.many import as_of_days, is_by_the_minute
from eventstudy.report.figures.drawn import Drawn, GroupFacts, drawn
from eventstudy.report.study import tables as study_tables
from eventstudy.report.study.answer import answer
from eventstudy.report.study.tables import MOST_ROWS, Cells, Table
from eventstudy.report.study.words import Document, label, method
from eventstudy.report.words import language, say

# More groups than these are closed, and without charts: a table compares them.
MOST_OPEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """Tests of one group over one window: those that hold, and the reasons why the others do not."""

    label: str
    valid: Table
    invalid: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group of events; the first window is the primary one."""

    name: str
    design: str
    averages: Table
    windows: tuple[WindowView, ...]
    figures: tuple[Drawn, ...]
    days: Table | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPage:
    """The whole page; every string is ready to print."""

    title: str
    verdict: str
    mark: str
    word: str
    sentences: Cells
    everything: GroupView | None
    groups: tuple[GroupView, ...]
    is_open: bool
    comparison: tuple[Table, ...]
    regressions: tuple[Table, ...]
    events: Table | None
    skipped: Table | None
    warnings: Cells
    more_warnings: int
    method: str
    command: str
    looked: tuple[looked.Line, ...]


def study_page(document: Document, *, title: str, command: str) -> StudyPage:
    """Turn a document into what its page shows."""
    if is_by_the_minute(document):
        document = as_of_days(document)
    spec, (everything, *groups) = document["spec"], document["aggregate"]
    done = [event for event in document["events"] if event["status"] == "ok"]
    skipped = [event for event in document["events"] if event["status"] != "ok"]
    verdict, sentences = answer(document)
    is_open = len(groups) <= MOST_OPEN
    comparison = [study_tables.groups(groups, spec)] if groups and done else []
    if document["group_differences"] and done:
        comparison.append(study_tables.differences(document["group_differences"]))
    return StudyPage(
        title=title or say("study.title"),
        verdict=verdict,
        mark=text.VERDICT_MARKS[verdict],
        word=text.verdict_word(verdict),
        sentences=sentences,
        everything=_group(say("study.all"), everything, done, spec, has_charts=True, groups=groups) if done else None,
        groups=tuple(
            _group(say("study.group", name=g["group"]), g, members, spec, has_charts=is_open)
            for g in groups
            if (members := [event for event in done if event["group"] == g["group"]])
        ),
        is_open=is_open,
        comparison=tuple(comparison),
        regressions=tuple(study_tables.regression(found) for found in document["regressions"]) if done else (),
        events=study_tables.events(done) if done else None,
        skipped=study_tables.skipped(skipped) if skipped else None,
        warnings=tuple(_begun(warning) for warning in document["warnings"][:MOST_ROWS]),
        more_warnings=max(len(document["warnings"]) - MOST_ROWS, 0),
        method=method(spec),
        command=command,
        looked=(*planned.line(document.get("plan")), *looked.of_study(document)),
    )


def _begun(warning: str) -> str:
    """A warning with a capital, unless it begins with the name of an event or of a price, which has its own letters."""
    return warning if warning.partition(" ")[0].endswith(":") else text.capital(warning)


def _group(
    name: str,
    group: Document,
    members: Sequence[Document],
    spec: Document,
    *,
    has_charts: bool,
    groups: Sequence[Document] = (),
) -> GroupView:
    source = say("figure.source.own")
    facts = GroupFacts(title=name, group=group, members=members, spec=spec, groups=groups, source=source)
    windows = [
        (label(w["window"]), study_tables.valid_tests(w), study_tables.invalid_tests(w)) for w in group["windows"]
    ]
    return GroupView(
        name=name,
        design=_design(group["design"]),
        averages=study_tables.averages(group, spec),
        windows=tuple(WindowView(label=words, valid=valid, invalid=invalid) for words, valid, invalid in windows),
        figures=drawn(facts) if has_charts else (),
        days=study_tables.days(group) if group["days"] else None,
    )


def _design(design: Document) -> str:
    n, dates = design["n_events"], design["n_dates"]
    if n < 2:
        return say("design.one" if n else "design.none")
    words = say("design.dates", n=dates, events=n)
    if design["average_correlation"] is not None:
        worth = (
            say("design.any") if design["n_effective"] is None else language().number(f"{design['n_effective']:.1f}")
        )
        correlation = text.statistic(design["average_correlation"])
        words = say("design.correlation", words=words, correlation=correlation, worth=worth)
    return say("design.end", words=words)
