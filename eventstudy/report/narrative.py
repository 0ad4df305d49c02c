"""The answer in sentences that a newspaper could print, made from the numbers and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eventstudy.report.text import (
    MINUS,
    VERDICT_MARKS,
    capital,
    day,
    listed,
    p_phrase,
    spoken_percent,
    spoken_points,
    statistic,
    verdict_word,
)
from eventstudy.report.words import say
from eventstudy.spec import Alternative

# Below this a move is told as no move at all: it would be printed as 0.00 %.
FLAT = 0.00005
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Which asset's verdict is the event's: a reaction that can be credited before one that cannot.
RANK = ("strong", "moderate", "confounded", "weak")
MOVES = {"two-sided": "move", "greater": "rise", "less": "fall"}
AS_FAR = {
    "two-sided": ("strayed as far from it", "strayed at least as far from it"),
    "greater": ("come out as high", "come out at least as high"),
    "less": ("come out as low", "come out at least as low"),
}
# The announcement's time: known as far as it matters; unsure, but the window holds every session that it can mean;
# or unsure and taken as stated, or as early as possible.
Timing = Literal["known", "covered", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
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
    has_benchmark : bool
        Whether the expectation comes from a benchmark; else it is the asset's own average.
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
    has_benchmark: bool = False
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


def answer(findings: Sequence[Finding], same_day: Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The verdict for the event and the sentences of its answer: the first three are the answer, the rest qualify it.

    Parameters
    ----------
    findings : sequence of Finding
        One per asset, in the order of the event.
    same_day : sequence of str
        Titles of scheduled releases on the same day but outside the window.
    """
    told = [f for f in findings if f.reason is None]
    untold = [f for f in findings if f.reason is not None]
    if not told:
        reasons = [f"{capital(f.title)}: {f.reason}." for f in untold]
        return "not computable", ("Nothing can be said about this announcement.", *reasons)
    lead = lead_of(told)
    sentences = [_what(lead), _how_often(lead), _conclusion(lead, len(told)), *_detectable(lead, len(told))]
    sentences += _others([f for f in told if f is not lead])
    if lead.context and lead.verdict != "confounded":
        sentences.append(f"Between the same two prices also came {listed([_the(c) for c in lead.context])}.")
    outside = [title for title in same_day if title not in lead.context]
    if outside:
        sentences.append(f"On the same day, but outside the time measured: {listed([_the(c) for c in outside])}.")
    sentences += [f"Not studied: {f.title} \u2013 {f.reason}." for f in untold]
    return lead.verdict, tuple(sentences)


def lead_of(told: Sequence[Finding]) -> Finding:
    """The asset that the answer speaks of: the clearest reaction, or the first asset when there is none."""
    moved = [f for f in told if f.verdict in RANK]
    return min(moved, key=lambda f: (RANK.index(f.verdict), -abs(f.t or 0.0))) if moved else told[0]


def _what(f: Finding) -> str:
    text = f"{capital(f.title)} {_verb(f.move)} {_when(f)}{_extension(f)}."
    if f.start == 0 and len(f.days) > 1 and f.first_t is not None and abs(f.first_t) >= 2:
        text += (
            f" On the first of them, {day(f.days[0], weekday=True)}, it {_verb(f.first_move)} "
            f"(t = {statistic(f.first_t)})."
        )
    return text


def _verb(move: float | None) -> str:
    assert move is not None  # a finding without a reason has its moves
    if abs(move) < FLAT:
        return "was all but unchanged"
    return f"{'rose' if move > 0 else 'fell'} {spoken_percent(move)}"


def _when(f: Finding) -> str:
    """The window in words, and no more certain than the time of the announcement is."""
    end = f.start + len(f.days) - 1
    news = "the announcement" if f.timing == "known" else "the assumed time of the announcement"
    if f.start == end:
        date = day(f.days[0], weekday=True)
        return f"by its first price after {news}, on {date}" if f.start == 0 else f"on {date}"
    sessions = f"{_count(len(f.days))} sessions"
    if f.start == 0 and f.timing == "covered":
        which = f"the {sessions} in which the news can first have been priced"
    elif f.start == 0:
        which = f"the first {sessions} after {news}"
    else:
        which = f"the {sessions} {'before' if end < 0 else 'around' if f.start < 0 else 'some time after'} {news}"
    return f"over {which}, {_span(f.days)}"


def _extension(f: Finding) -> str:
    """Whether the move went on with, or turned round, that of the session before the window."""
    if f.previous is None or f.move is None or abs(f.move) < FLAT:
        return ""
    if abs(f.previous) < FLAT:
        return ", after a session with hardly a change"
    before = "gain" if f.previous > 0 else "loss"
    how = "more than reversed" if abs(f.move) > abs(f.previous) else "partly reversed"
    if (f.previous > 0) == (f.move > 0):
        how = "extended"
    return f"; it {how} its {before} of {spoken_percent(f.previous)} in the session before"


def _how_often(f: Finding) -> str:
    """The abnormal move, and how many ordinary days came out at least as extreme."""
    assert f.abnormal is not None  # a finding without a reason has its moves
    length = len(f.days)
    subject = "That is" if length == 1 else f"The {_count(length)} sessions together come out"
    usual = "its average day" if length == 1 else "the asset's average"
    usual = "what the benchmark explains" if f.has_benchmark else usual
    where = "above" if f.abnormal > 0 else "below"
    distance = "just at" if abs(f.abnormal) < FLAT else f"{spoken_points(f.abnormal)} {where}"
    text = f"{subject} {distance} {usual}"
    if not f.placebos:
        return f"{text}; there are too few ordinary days before it to compare with."
    days = "ordinary days before" if length == 1 else f"ordinary stretches of {_count(length)} sessions before"
    as_far, at_least_as_far = AS_FAR[f.alternative]
    if f.at_least == 0:
        return f"{text}; on none of the {f.placebos} {days} had it {as_far}."
    return f"{text}; on {_count(f.at_least)} of the {f.placebos} {days}, it had {at_least_as_far}."


def _conclusion(f: Finding, assets: int) -> str:
    numbers = _numbers(f, assets)
    if f.verdict == "none":
        return f"That is within the ordinary: no detectable reaction ({numbers})."
    if f.verdict == "weak":
        return f"That is unusual but short of proof: weak evidence of a reaction ({numbers})."
    if f.verdict == "confounded":
        causes = listed([_the(c) for c in f.context]) or "a scheduled release"
        verb = "fall" if len(f.context) > 1 else "falls"
        return (
            f"That is unusual ({numbers}), but {causes} {verb} between the same two prices: "
            "the move cannot be credited to this announcement."
        )
    degree = "far outside the ordinary: a strong" if f.verdict == "strong" else "clearly unusual: a moderate"
    return f"That is {degree} reaction ({numbers})."


def _numbers(f: Finding, assets: int) -> str:
    assert f.p_adjusted is not None  # without it there is no verdict
    side = "" if f.alternative == "two-sided" else "one-sided "
    text = f"t\u00a0= {statistic(f.t)}, {side}{p_phrase(f.p_adjusted)}"
    if assets > 1:
        text += f" allowing for {_count(assets)} assets"
    # Where the verdict can rest on either test alone, both are told.
    if f.verdict in ("weak", "confounded") and f.placebo_p is not None:
        text += f"; {p_phrase(f.placebo_p)} counting ordinary days"
    return text


def _detectable(f: Finding, assets: int) -> list[str]:
    if f.verdict not in ("none", "weak") or not f.mde:
        return []
    subject = "Taken alone, this asset" if assets > 1 else "A study like this one"
    size = f"a {MOVES[f.alternative]} of {spoken_percent(f.mde)}"
    return [f"{subject} would show {size} {chance(f.power)}; a smaller reaction can pass unseen."]


def chance(power: float) -> str:
    """How often something is found, for the end of a sentence."""
    percent = round(100 * power)
    return say(f"chance.{percent}") if percent in (50, 75, 80, 90) else say("chance.other", n=percent)


def _others(rest: Sequence[Finding]) -> list[str]:
    out = []
    for verdict in VERDICT_MARKS:
        names = [_short(f) for f in rest if f.verdict == verdict]
        if names:
            out.append(f"{verdict_word(verdict)}: {listed(names)}.")
    return out


def _short(f: Finding) -> str:
    """Name and move; a remark in brackets at the end of the name shares its brackets with the move."""
    move = f.move or 0.0
    moved = "unchanged" if abs(move) < FLAT else f"{'+' if move > 0 else MINUS}{spoken_percent(move)}"
    return f"{f.title[:-1]}; {moved})" if f.title.endswith(")") else f"{f.title} ({moved})"


def _the(title: str) -> str:
    return f"the {title.removeprefix('The ').removeprefix('the ')}"


def _count(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def _span(days: Sequence[str]) -> str:
    first, last = (dt.date.fromisoformat(d) for d in (days[0], days[-1]))
    joint = "and" if len(days) == 2 else "to"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} {joint} {day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} {joint} {day(last)}"
    return f"{day(first)} {joint} {day(last)}"
