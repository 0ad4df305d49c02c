"""The answer in sentences that a newspaper could print, made from the numbers and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.report.text import (
    VERDICT_WORDS,
    capital,
    day,
    listed,
    p_phrase,
    short_day,
    spoken_percent,
    statistic,
)

# Below this a move is told as no move at all.
FLAT = 0.00005
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the sentences about one asset need; returns are decimals.

    Attributes
    ----------
    title : str
        Name as it stands in a sentence, article included.
    verdict : str
    reason : str or None
        Why there is no number.
    days : tuple of str
        Sessions of the window, ISO dates.
    move, previous : float or None
        Return over the window, and on the session before the announcement.
    t, p_adjusted : float or None
    first_move, first_t : float or None
        The first session alone, where the window is longer.
    at_least, placebos : int
        Placebo days that moved at least as much, and how many there are.
    mde : float or None
    context : tuple of str
        Titles of scheduled releases priced in the same window.
    """

    title: str
    verdict: str
    reason: str | None = None
    days: tuple[str, ...] = ()
    move: float | None = None
    previous: float | None = None
    t: float | None = None
    p_adjusted: float | None = None
    first_move: float | None = None
    first_t: float | None = None
    at_least: int = 0
    placebos: int = 0
    mde: float | None = None
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
        reasons = listed([f"{f.title}: {f.reason}" for f in untold])
        return "not computable", (f"Nothing can be said about this announcement. {capital(reasons)}.",)
    lead = lead_of(told)
    sentences = [_what(lead), _how_often(lead), _conclusion(lead, len(told))]
    if lead.verdict in ("none", "weak") and lead.mde is not None:
        sentences.append(
            f"A study like this one notices a move of {spoken_percent(lead.mde)} or more four times out of five; "
            "a smaller reaction can pass unseen."
        )
    sentences += _others([f for f in told if f is not lead])
    if lead.context and lead.verdict != "confounded":
        sentences.append(f"Priced in the same hours: {listed([_the(c) for c in lead.context])}.")
    outside = [title for title in same_day if title not in lead.context]
    if outside:
        sentences.append(f"On the same day, but priced later: {listed([_the(c) for c in outside])}.")
    sentences += [f"Not studied: {f.title} \u2013 {f.reason}." for f in untold]
    return lead.verdict, tuple(sentences)


def lead_of(told: Sequence[Finding]) -> Finding:
    """The asset that the answer speaks of: the clearest reaction, or the first asset when there is none."""
    moved = [f for f in told if f.verdict in ("strong", "moderate", "confounded")]
    return max(moved, key=lambda f: abs(f.t or 0.0)) if moved else told[0]


def _what(f: Finding) -> str:
    assert f.move is not None  # a finding without a reason has a move
    if len(f.days) == 1:
        when = f"on {day(f.days[0], weekday=True)}, the first price after the announcement"
    else:
        count = NUMBERS.get(len(f.days), str(len(f.days)))
        when = f"over the {count} sessions in which the news can first have been priced, {_span(f.days)}"
    text = f"{capital(f.title)} {_verb(f.move)} {when}{_extension(f)}."
    if len(f.days) > 1 and f.first_move is not None and f.first_t is not None and abs(f.first_t) >= 2:
        text += (
            f" On the first of them, {day(f.days[0], weekday=True)}, it {_verb(f.first_move)} "
            f"(t = {statistic(f.first_t)})."
        )
    return text


def _verb(move: float) -> str:
    if abs(move) < FLAT:
        return "did not move"
    return f"{'rose' if move > 0 else 'fell'} {spoken_percent(move)}"


def _extension(f: Finding) -> str:
    """Whether the move went on with, or turned round, that of the session before the news."""
    if f.previous is None or f.move is None or abs(f.move) < FLAT:
        return ""
    if abs(f.previous) < FLAT:
        return ", after a session without a change"
    before = "gain" if f.previous > 0 else "loss"
    if (f.previous > 0) == (f.move > 0):
        return f"; it extended its {before} of {spoken_percent(f.previous)} on the session before"
    how = "more than reversed" if abs(f.move) > abs(f.previous) else "partly reversed"
    return f"; it {how} its {before} of {spoken_percent(f.previous)} on the session before"


def _how_often(f: Finding) -> str:
    if not f.placebos:
        return ""
    unit = "ordinary days" if len(f.days) == 1 else f"ordinary stretches of {NUMBERS.get(len(f.days), len(f.days))} sessions"
    if f.at_least == 0:
        return f"On none of the {f.placebos} {unit} before had it moved as much."
    return f"On {f.at_least} of the {f.placebos} {unit} before, it had moved at least as much."


def _conclusion(f: Finding, assets: int) -> str:
    numbers = f"t = {statistic(f.t)}, {p_phrase(f.p_adjusted)}" if f.p_adjusted is not None else "no p"
    if assets > 1:
        numbers += f" allowing for {NUMBERS.get(assets, assets)} assets"
    if f.verdict == "none":
        return f"That is ordinary: no detectable reaction ({numbers})."
    if f.verdict == "weak":
        return f"That is unusual but short of proof: weak evidence of a reaction ({numbers})."
    if f.verdict == "confounded":
        causes = listed([_the(c) for c in f.context])
        return (
            f"That is not ordinary ({numbers}), but {causes} came out in the same hours: "
            "the move cannot be credited to this announcement."
        )
    degree = "far outside the ordinary: a strong" if f.verdict == "strong" else "clearly unusual: a moderate"
    return f"That is {degree} reaction ({numbers})."


def _others(rest: Sequence[Finding]) -> list[str]:
    out = []
    for word in VERDICT_WORDS:
        names = [_short(f) for f in rest if f.verdict == word]
        if names:
            out.append(f"{VERDICT_WORDS[word]}: {listed(names)}.")
    return out


def _short(f: Finding) -> str:
    return f"{f.title} ({'+' if (f.move or 0) > 0 else chr(0x2212)}{spoken_percent(f.move or 0.0)})"


def _the(title: str) -> str:
    return f"the {title}" if not title.lower().startswith("the ") else title


def _span(days: Sequence[str]) -> str:
    first, last = (dt.date.fromisoformat(d) for d in (days[0], days[-1]))
    if (first.year, first.month) == (last.year, last.month):
        joint = "and" if len(days) == 2 else "to"
        return f"{first.day} {joint} {day(last)}"
    return f"{short_day(days[0])} to {short_day(days[-1])}"
