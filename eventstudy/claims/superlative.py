"""Whether a move was the biggest, or a price the lowest, since a date: the archive is searched."""

from __future__ import annotations

import datetime as dt

import numpy as np

from eventstudy.claims import words
from eventstudy.claims.claim import DOWN, Superlative
from eventstudy.claims.finding import NOT_SUPPORTED, SUPPORTED, UNCHECKED, Finding, Route
from eventstudy.claims.question import Question
from eventstudy.claims.since import read_since
from eventstudy.records import Float64Array

_KINDS = {"day": "a day", "week": "a week", "month": "a month", "year": "a year"}
_PLURAL = {"day": "days", "week": "weeks", "month": "months", "year": "years"}


def check_superlative(q: Question) -> Finding | None:
    """The superlative of a claim; None where it has none."""
    said = q.claim.superlative
    if said is None:
        return None
    if q.candidate.stands_for:
        return _unchecked(words.stands_in(q.candidate.stands_for, q.name))
    first: dt.date = q.prices.sessions[0].astype(object)
    since = first if said.since == "ever" else read_since(said.since, q.day)
    if since is None or first > since:
        why = words.when(said.since) if since is None else words.goes_back(q.name, first, since)
        return _unchecked(why)
    answer = _of_moves(q, said, since) if said.of == "move" else _of_levels(q, said, since)
    if said.since == "ever" and answer.answer == SUPPORTED:
        return _unchecked(words.no_record(q.name, first), answer)
    if answer.answer == SUPPORTED and (doubt := _doubt(q, since)):
        return _unchecked(words.in_doubt(doubt), answer)
    return answer


def _unchecked(because: str, found: Finding | None = None) -> Finding:
    measured, unit = (found.measured, found.unit) if found else (None, "")
    return Finding(part="superlative", answer=UNCHECKED, because=because, measured=measured, unit=unit)


def _doubt(q: Question, since: dt.date) -> str:
    """Why a price of the time that was searched is in doubt."""
    first, last = np.datetime64(since, "D"), q.prices.sessions[q.place]
    return next((text for session, text in q.prices.doubts.items() if first <= session <= last), "")


def _of_moves(q: Question, said: Superlative, since: dt.date) -> Finding:
    """Moves over days, weeks or months, as many per cent as the claim's side sees."""
    sessions, closes = _ends(q)
    moves = closes[1:] / closes[:-1] - 1
    if q.candidate.is_inverted:
        moves = closes[:-1] / closes[1:] - 1
    days = sessions[1:]
    own = float(moves[-1]) if moves.size else float("nan")
    if not np.isfinite(own):
        return _unchecked(words.no_prices(q.name, f"on {words.day(q.day)}, or before it"))
    kind = f"{_KINDS[q.claim.span]}, {q.close_route}"
    found = {"part": "superlative", "measured": 100 * own, "unit": "percent", "route": q.close_route}
    if own * said.direction <= 0:
        return Finding(answer=NOT_SUPPORTED, because=words.wrong_way(q.name, 100 * own, q.day), **found)  # type: ignore[arg-type]
    before = (days[:-1] >= np.datetime64(since, "D")) & np.isfinite(moves[:-1])
    rivals = moves[:-1][before] * said.direction
    if rivals.size and rivals.max() >= own * said.direction:
        i = int(rivals.argmax())
        when: dt.date = days[:-1][before][i].astype(object)
        other = 100 * float(rivals[i]) * said.direction
        because = words.larger(q.name, kind, 100 * own, q.day, other, when)
        return Finding(answer=NOT_SUPPORTED, because=because, **found)  # type: ignore[arg-type]
    because = words.largest(q.name, kind, 100 * own, q.day, since, f"{rivals.size} {_PLURAL[q.claim.span]}")
    return Finding(answer=SUPPORTED, because=because, **found)  # type: ignore[arg-type]


def _ends(q: Question) -> tuple[np.ndarray, Float64Array]:
    """The closes that moves are counted between: of every session, or of the last of every week, month or year."""
    sessions, closes = q.prices.sessions[: q.place + 1], q.prices.close[: q.place + 1]
    if q.claim.span == "day":
        return sessions, closes
    if q.claim.span == "week":
        weeks = (sessions.astype("datetime64[D]").astype(np.int64) + 3) // 7  # 1970 began on a Thursday
    else:
        weeks = sessions.astype(f"datetime64[{'M' if q.claim.span == 'month' else 'Y'}]").astype(np.int64)
    last = np.append(weeks[1:] != weeks[:-1], True)
    return sessions[last], closes[last]


def _of_levels(q: Question, said: Superlative, since: dt.date) -> Finding:
    """The lowest or highest price: by closes, by the lows and highs of the days, or by both where none is named."""
    is_low = (said.direction == DOWN) != q.candidate.is_inverted
    extremes = q.prices.low if is_low else q.prices.high
    ways: list[tuple[str, Float64Array, Route]] = []
    kind = "fixing" if q.prices.is_fixing else "close"
    if q.claim.point in ("", "close"):
        ways.append((kind, q.prices.close, q.close_route))
    if q.claim.point != "close" and np.isfinite(extremes[q.place]):
        ways.append(("low" if is_low else "high", extremes, "daily range"))
    if not ways:
        if not np.isfinite(q.close):
            return _unchecked(words.no_prices(q.name, f"on {words.day(q.day)}"))
        way = _of_level(q, kind, q.prices.close, q.close_route, since, is_low=is_low)
        return _unchecked(words.needs_range(way.because), way)
    found = [_of_level(q, *way, since, is_low=is_low) for way in ways]
    if len({f.answer for f in found}) > 1:
        return _unchecked(words.disagree(found[0].because, found[1].because), found[0])
    return found[-1]


def _of_level(q: Question, what: str, prices: Float64Array, route: Route, since: dt.date, *, is_low: bool) -> Finding:
    own = float(prices[q.place])
    if not np.isfinite(own):
        return _unchecked(words.no_prices(q.name, f"on {words.day(q.day)}"))
    sessions = q.prices.sessions[: q.place]
    here = (sessions >= np.datetime64(since, "D")) & np.isfinite(prices[: q.place])
    rivals = prices[: q.place][here]
    i = int(rivals.argmin() if is_low else rivals.argmax()) if rivals.size else -1
    if i >= 0 and (rivals[i] <= own if is_low else rivals[i] >= own):
        when: dt.date = sessions[here][i].astype(object)
        because = words.beyond(q.name, what, own, q.day, float(rivals[i]), when)
        return Finding(
            part="superlative", answer=NOT_SUPPORTED, because=because, measured=own, unit="price", route=route
        )
    because = words.utmost(q.name, what, own, q.day, since)
    return Finding(part="superlative", answer=SUPPORTED, because=because, measured=own, unit="price", route=route)
