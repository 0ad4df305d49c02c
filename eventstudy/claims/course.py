"""Whether a loss was extended, pared, erased or reversed: what a price did before and after.

Around the news this is asked of bars of minutes: the move from the close before to the last price before the news, and
what came of it. Of a day as a whole its low, high and close tell, except of "extended", which is then said of the day
before as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.calendars import to_instant
from eventstudy.claims import words
from eventstudy.claims.finding import NOT_SUPPORTED, SUPPORTED, UNCHECKED, Answer, Finding, Route
from eventstudy.claims.question import Question


@dataclass(frozen=True, slots=True)
class _Path:
    """Moves from the close before, decimal and positive in the direction of the claim: its loss is positive.

    Attributes
    ----------
    before : float
        Just before the news, or the furthest of the day.
    furthest_before, furthest : float
        The furthest before the news, and after it.
    back : float
        The furthest back after it.
    end : float
    """

    before: float
    furthest_before: float
    furthest: float
    back: float
    end: float


def check_course(q: Question) -> Finding | None:
    """The course that a claim tells; None where it tells none."""
    claim = q.claim
    if not claim.course:
        return None
    if not claim.direction:
        return Finding(part="course", answer=UNCHECKED, because=words.NO_LOSS)
    return _of_course(q)


def _of_course(q: Question) -> Finding:
    claim = q.claim
    if not (np.isfinite(q.base) and np.isfinite(q.close)):
        return Finding(part="course", answer=UNCHECKED, because=words.no_prices(q.name, f"on {words.day(q.day)}"))
    path = _around_news(q)
    if path is not None:
        return _finding(q, path, _judge(claim.course, path), "minutes")
    if claim.anchor:
        return _by_close(q, UNCHECKED, f"{words.NEEDS_MINUTES} {_day_told(q)}")
    if claim.course == "extended":
        return _over_days(q)
    return _of_the_day(q)


def _judge(course: str, path: _Path) -> bool:
    """Whether the path is what the word says."""
    is_so = {
        "extended": path.furthest > path.furthest_before,
        "reversed": path.end < 0,
        "erased": path.back <= 0,
        "pared": 0 < path.end < path.before,
    }
    return path.before > 0 and is_so[course]  # else there was nothing to extend, or to give back


def _around_news(q: Question) -> _Path | None:
    """What bars of minutes tell; None without bars on both sides of the news."""
    bars, news = q.minutes, to_instant(q.announced)
    if bars is None:
        return None
    sign = float(q.claim.direction or 1)
    moves = np.array([[q.move(float(p)) * sign for p in column] for column in (bars.close, bars.low, bars.high)])
    before, after = bars.ends <= news, bars.starts >= news
    if not (before.any() and after.any()):
        return None
    far, back = moves[1:].max(axis=0), moves[1:].min(axis=0)
    return _Path(
        before=float(moves[0][before][-1]),
        furthest_before=float(far[before].max()),
        furthest=float(far[after].max()),
        back=float(back[after].min()),
        end=float(moves[0][-1]),
    )


def _of_the_day(q: Question) -> Finding:
    """Reversed, erased or pared within a day: by its low, its high and its close."""
    sign = q.claim.direction or 1
    ends = q.extreme(sign)
    if not ends:
        return _by_close(q, UNCHECKED, words.needs_range(_day_told(q)))
    price, route = ends[0]
    far, end = q.move(price) * sign, q.move(q.close) * sign
    path = _Path(before=far, furthest_before=far, furthest=far, back=end, end=end)
    return _finding(q, path, _judge(q.claim.course, path), route)


def _over_days(q: Question) -> Finding:
    """A loss that went on: the day before, and this day."""
    sign = q.claim.direction or 1
    closes = q.prices.close
    earlier = closes[q.place - 2] if q.place >= 2 else np.nan
    if not np.isfinite(earlier):
        because = words.no_prices(q.name, "of the days before")
        return Finding(part="course", answer=UNCHECKED, because=because)
    day_before = q.move(float(closes[q.place - 1]), float(earlier)) * sign
    today = q.move(q.close) * sign
    text = words.two_days(q.name, q.day, 100 * day_before * sign, 100 * q.move(q.close))
    if today > 0 and day_before <= 0:  # it may have been extended within the day
        return _by_close(q, UNCHECKED, f"{words.NEEDS_MINUTES} {text}")
    return _by_close(q, SUPPORTED if today > 0 else NOT_SUPPORTED, text)


def _day_told(q: Question) -> str:
    return words.of_the_day(q.name, q.day, 100 * q.move(q.close), is_fixing=q.prices.is_fixing)


def _by_close(q: Question, answer: Answer, because: str) -> Finding:
    """What the close of the day says of it."""
    measured = 100 * q.move(q.close)
    return Finding(
        part="course", answer=answer, because=because, measured=measured, unit="percent", route=q.close_route
    )


def _finding(q: Question, path: _Path, is_so: bool, route: Route) -> Finding:
    sign = q.claim.direction or 1
    numbers = [100 * sign * value for value in (path.before, path.furthest, path.end)]
    because = words.path(q.name, q.day, *numbers, is_around_news=route == "minutes")
    return Finding(
        part="course",
        answer=SUPPORTED if is_so else NOT_SUPPORTED,
        because=because,
        measured=numbers[-1],
        unit="percent",
        route=route,
    )
