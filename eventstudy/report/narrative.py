"""The answer in sentences that a newspaper could print, made from the numbers and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eventstudy.report.linked import linked, row_id
from eventstudy.report.text import (
    MOST_LISTED,
    VERDICT_MARKS,
    capital,
    day,
    listed,
    p_phrase,
    percent,
    spoken_percent,
    spoken_points,
    statistic,
    verdict_word,
)
from eventstudy.report.titles import Name, name_of
from eventstudy.report.words import count, name, say
from eventstudy.spec import Alternative

# Below this a move is told as no move at all: it would be printed as 0.00 %.
FLAT = 0.00005
# Which asset's verdict is the event's: a reaction that can be credited before one that cannot.
RANK = ("strong", "moderate", "confounded", "weak")
LEAD = 2  # sentences that are the answer; the rest qualify it
# A share of the ordinary days is spoken of as one of these; of rarer ones, the days are counted.
SHARES = tuple((of, n) for of in (2, 3, 4, 5, 10) for n in range(1, of))
RARE, USUAL = 0.075, 0.95
SELDOM = 0.05  # no move is called ordinary that was as large on fewer of them, whatever t or other assets say
# The announcement's time: known as far as it matters; unsure, but the window holds every session that it can mean;
# or unsure and taken as stated, or as early as possible.
Timing = Literal["known", "covered", "assumed"]


@dataclass(slots=True, kw_only=True)  # not frozen, see `eventstudy.study.results`; nothing changes one
class Finding:
    """What the sentences about one asset need; returns are decimals.

    Attributes
    ----------
    title : str
        Name as it stands in a sentence, article included.
    verdict : str
    reason : str or None
        Why there is no number; None when there is one.
    days : tuple of str
        Sessions of the window, ISO dates.
    start : int
        Offset of the first of them from the first session that could react.
    timing : {"known", "covered", "assumed"}
        Whether another minute of the announcement's interval leads to another first session, and if so, whether the
        window holds that one too.
    move, abnormal, previous : float or None
        Return over the window, the same less what was expected, and the return of the session before the window.
    benchmark : str or None
        Name of what the expectation comes from, empty for factors; None where it is the asset's own average.
    t, p_adjusted, placebo_p : float or None
    alternative : str
        Side of the tests.
    first_move, first_t : float or None
        The first session that could react alone, where the window is longer.
    at_least, placebos : int
        Placebo days at least as extreme, and how many there are.
    mde, power : float or None
        Smallest true move that is found with probability `power`.
    context : tuple of str
        Titles of scheduled releases priced in the same window.
    row : str
        Where its numbers stand on the page, for links; see `linked.anchor`.
    """

    title: str
    verdict: str
    reason: str | None = None
    days: tuple[str, ...] = ()
    start: int = 0
    timing: Timing = "known"
    move: float | None = None
    abnormal: float | None = None
    previous: float | None = None
    benchmark: str | None = None
    t: float | None = None
    p_adjusted: float | None = None
    placebo_p: float | None = None
    alternative: Alternative = "two-sided"
    first_move: float | None = None
    first_t: float | None = None
    at_least: int = 0
    placebos: int = 0
    mde: float | None = None
    power: float = 0.8
    context: tuple[str, ...] = ()
    row: str = ""


def answer(findings: Sequence[Finding], same_day: Sequence[str] = (), depends: str = "") -> tuple[str, tuple[str, ...]]:
    """The verdict for the event and the sentences of its answer: the first `LEAD` are the answer, the rest qualify it.

    Parameters
    ----------
    findings : sequence of Finding
        One per asset, in the order of the event.
    same_day : sequence of str
        Titles of scheduled releases on the same day but outside the window.
    depends : str
        That the verdict depends on the minute, where it does.

    Returns
    -------
    tuple of (str, tuple of str)
        Numbers lead to the rows of the findings that name one: see `linked`.
    """
    told = [f for f in findings if f.reason is None]
    untold = [f for f in findings if f.reason is not None]
    if not told:
        reasons = [say("others.reason", Asset=capital(names), reason=why) for why, names in _by_reason(untold)]
        return "not computable", (say("answer.nothing"), *reasons)
    lead = lead_of(told)
    sentences = [_whether(lead), f"{_what(lead)} {depends}".rstrip(), _measure(lead, len(told))]
    sentences += _detectable(lead, len(told))
    sentences += _others([f for f in told if f is not lead])
    if lead.context and lead.verdict != "confounded":
        sentences.append(say("others.between", releases=listed([_the(c) for c in lead.context])))
    outside = [title for title in same_day if title not in lead.context]
    if outside:
        sentences.append(say("others.same_day", releases=listed([_the(c) for c in outside])))
    sentences += [say("others.not_studied", asset=names, reason=why) for why, names in _by_reason(untold)]
    return lead.verdict, tuple(sentences)


def _by_reason(untold: Sequence[Finding]) -> list[tuple[str, str]]:
    """Each reason with the assets that it holds for."""
    found: dict[str, list[str]] = {}
    for f in untold:
        found.setdefault(f.reason or "", []).append(f.title)
    return [(reason, listed(titles)) for reason, titles in found.items()]


def lead_of(told: Sequence[Finding]) -> Finding:
    """The asset that the answer speaks of: the clearest reaction, or the first asset when there is none."""
    moved = [f for f in told if f.verdict in RANK]
    return min(moved, key=lambda f: (RANK.index(f.verdict), -abs(f.t or 0.0))) if moved else told[0]


def _whether(f: Finding) -> str:
    """Yes, no or perhaps, with how often an ordinary day is like it."""
    asset, end = name_of(f.title), f.start + len(f.days) - 1
    causes = listed([_the(c) for c in f.context]) or say("answer.a_release")
    key = graded(f"answer.before.{f.verdict}" if end < 0 else f"answer.{f.verdict}", f.verdict, f.at_least, f.placebos)
    against = say("answer.against", other=asset.against) if asset.against else ""
    names = {"Owner": capital(asset.owner), "Asset": capital(asset.head), "Bare": capital(asset.bare)}
    return say(key, n=asset.number, causes=causes, against=against, often=_often(f, asset), **names)


def graded(key: str, verdict: str, at_least: int, placebos: int) -> str:
    """The key of what is said of a verdict: no move is ordinary that few of the ordinary days came up to."""
    return f"{key}.rare" if verdict == "none" and at_least < SELDOM * placebos else key


def _often(f: Finding, asset: Name) -> str:
    """How many ordinary days came out at least as extreme, in round words."""
    if not f.placebos:
        return ""
    length, share = len(f.days), f.at_least / f.placebos
    of_days = "day" if length == 1 else "stretch"
    if share > USUAL:
        often = say("often.nearly_always")
    elif share >= RARE:
        of, n = min(SHARES, key=lambda parts: (round(abs(parts[1] / parts[0] - share), 9), parts[0]))
        often = say(f"often.{of_days}", n=n, count=count(n), of=count(of))
    elif f.at_least:
        key = "often.days" if length == 1 else "often.stretches"
        often = say(key, n=f.at_least, count=count(f.at_least), total=f.placebos)
    else:
        often = say(f"often.no_{of_days}", total=f.placebos)
    key = "often.one" if length == 1 else "often.several"
    key += "" if f.alternative == "two-sided" else f".{f.alternative}"
    it = say("often.they" if asset.is_plural else "often.it")
    return say(key, it=it, sessions=count(length), often=linked(often, f.row))


def _what(f: Finding) -> str:
    asset = name_of(f.title)
    said = {"Asset": capital(asset.head), "moved": moved(f.move, asset, f.row), "when": _when(f, asset)}
    words = say("what.moved", extension=_extension(f, asset), **said)
    if f.start == 0 and len(f.days) > 1 and f.first_t is not None and abs(f.first_t) >= 2:
        it, alone = say("often.they" if asset.is_plural else "often.it"), Name(asset.head, "", asset.is_plural)
        row = _day_row(f, 0)
        first = {"date": day(f.days[0], weekday=True), "it": it, "moved": moved(f.first_move, alone, row)}
        words += " " + say("what.first", **first, move=linked(percent(f.first_move, digits=2), row))
    return words


def _day_row(f: Finding, tau: int) -> str:
    """Where a session of the asset stands on the page."""
    return f.row and row_id(f.row, str(tau))


def moved(move: float | None, asset: Name, row: str = "") -> str:
    """How far an asset rose or fell, and against what: ``fell 0.24 % against the yuan``."""
    assert move is not None  # a finding without a reason has its moves
    if abs(move) < FLAT:
        words = say("moved.unchanged", n=asset.number)
    else:
        words = say("moved.rose" if move > 0 else "moved.fell", n=asset.number, size=linked(spoken_percent(move), row))
    return say("moved.against", moved=words, other=asset.against) if asset.against else words


def _its(asset: Name) -> str:
    return say("their" if asset.is_plural else "its")


def _when(f: Finding, asset: Name) -> str:
    """The window in words, and no more certain than the time of the announcement is."""
    end = f.start + len(f.days) - 1
    news = say("when.news" if f.timing == "known" else "when.assumed")
    if f.start == end:
        date = day(f.days[0], weekday=True)
        return (
            say("when.first_price", its=_its(asset), news=news, date=date)
            if f.start == 0
            else say("when.on", date=date)
        )
    sessions = count(len(f.days))
    if f.start == 0:
        which = say("when.covered" if f.timing == "covered" else "when.first_sessions", sessions=sessions, news=news)
    else:
        where = "before" if end < 0 else "around" if f.start < 0 else "later"
        which = say(f"when.sessions_{where}", sessions=sessions, news=news)
    return say("when.over", which=which, days=_span(f.days))


def _extension(f: Finding, asset: Name) -> str:
    """Whether the move went on with, or turned round, that of the session before the window."""
    if f.previous is None or f.move is None or abs(f.move) < FLAT:
        return ""
    if abs(f.previous) < FLAT:
        return say("extension.flat")
    how = "more" if abs(f.move) > abs(f.previous) else "partly"
    if (f.previous > 0) == (f.move > 0):
        how = "extended"
    size = linked(spoken_percent(f.previous), _day_row(f, f.start - 1))
    before = say("extension.gain" if f.previous > 0 else "extension.loss", size=size)
    it = say("often.they" if asset.is_plural else "often.it")
    return say("extension.said", it=it, how=say(f"extension.{how}"), its=_its(asset), before=before)


def _measure(f: Finding, assets: int) -> str:
    """The abnormal move, how many ordinary days came out at least as extreme, and t and p."""
    assert f.abnormal is not None  # a finding without a reason has its moves
    length, is_up = len(f.days), f.abnormal > 0
    if f.benchmark is None:
        usual = say("measure.day" if length == 1 else "measure.average", its=_its(name_of(f.title)))
        where, at = ("measure.above" if is_up else "measure.below"), "measure.at"
    else:
        usual = say("measure.benchmark", benchmark=f.benchmark) if f.benchmark else say("measure.factors")
        where, at = ("measure.more" if is_up else "measure.less"), "measure.as_much"
    distance = say(at) if abs(f.abnormal) < FLAT else say(where, points=linked(spoken_points(f.abnormal), f.row))
    often = say("measure.too_few")
    if f.placebos:
        key = "measure.often" if f.at_least else "measure.never"
        often = linked(say(key if length == 1 else f"{key}_stretches", n=f.at_least, total=f.placebos), f.row)
    return say("measure.said", distance=distance, usual=usual, often=often, numbers=_numbers(f, assets))


def _numbers(f: Finding, assets: int) -> str:
    assert f.p_adjusted is not None  # without it there is no verdict
    p = linked(p_phrase(f.p_adjusted), f.row)
    numbers = say(
        "measure.t",
        t=linked(statistic(f.t), f.row),
        p=p if f.alternative == "two-sided" else say("measure.one_sided", p=p),
    )
    if assets > 1:
        numbers = say("measure.assets", numbers=numbers, assets=count(assets))
    # Where the verdict can rest on either test alone, both are told.
    if f.verdict in ("weak", "confounded") and f.placebo_p is not None:
        numbers = say("measure.placebo", numbers=numbers, p=linked(p_phrase(f.placebo_p), f.row))
    return numbers


def _detectable(f: Finding, assets: int) -> list[str]:
    if f.verdict not in ("none", "weak") or not f.mde:
        return []
    move = say(f"detectable.{f.alternative}", size=linked(spoken_percent(f.mde), f.row))
    return [say("detectable.alone" if assets > 1 else "detectable.study", move=move, chance=chance(f.power))]


def chance(power: float) -> str:
    """How often something is found, for the end of a sentence."""
    percent = round(100 * power)
    return say(f"chance.{percent}") if percent in (50, 75, 80, 90) else say("chance.other", n=percent)


def _others(rest: Sequence[Finding]) -> list[str]:
    out = []
    for verdict in VERDICT_MARKS:
        alike = [f for f in rest if f.verdict == verdict]
        if len(alike) > MOST_LISTED:  # then not all are named
            alike.sort(key=lambda f: -abs(f.t or 0.0))
        if alike:
            end = alike[0].start + len(alike[0].days) - 1
            names = listed([_short(f) for f in alike])
            out.append(say("others.said", verdict=verdict_word(verdict, end), assets=names))
    return out


def _short(f: Finding) -> str:
    """Name and move; a remark in brackets at the end of the name shares its brackets with the move."""
    move = f.move or 0.0
    moved = linked(say("others.rose" if move > 0 else "others.fell", size=spoken_percent(move)), f.row)
    if abs(move) < FLAT:
        moved = say("others.unchanged")
    if f.title.endswith(")"):
        return say("name.with_remark", name=f.title[:-1], remark=moved)
    return say("name.remark", name=f.title, remark=moved)


def _the(title: str) -> str:
    return say("name.the", name=title.removeprefix("The ").removeprefix("the "))


def _span(days: Sequence[str]) -> str:
    first, last = (dt.date.fromisoformat(d) for d in (days[0], days[-1]))
    same = "years" if first.year != last.year else "year" if first.month != last.month else "month"
    return say(
        f"time.{'two' if len(days) == 2 else 'span'}.{same}",
        first=first.day,
        last=last.day,
        first_month=name("months", first.month - 1),
        last_month=name("months", last.month - 1),
        first_year=first.year,
        last_year=last.year,
    )
