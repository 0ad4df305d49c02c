"""What a text says of a price, taken apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Literal

from eventstudy.claims.names import Mention

Unit = Literal["percent", "basis points", "percentage points", "points", "price"]
Bound = Literal["exactly", "about", "nearly", "at least", "more than", "less than", "at most", "as much as"]
Course = Literal["", "extended", "reversed", "erased", "pared"]
Point = Literal["", "close", "open", "traded", "touched"]
Anchor = Literal["", "after", "before"]
Span = Literal["day", "week", "month", "year"]

UP, FLAT, DOWN = 1, 0, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as written.

    Attributes
    ----------
    value : float
    step : float
        One unit of the last digit given: 0.1 of "0.5", 1 of "12".
    """

    value: float
    step: float

    @property
    def tolerance(self) -> float:
        """Half a unit of the last digit given."""
        return self.step / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How far: per cent of the price, points of an index, basis points of a yield, or money."""

    number: Number
    unit: Unit
    bound: Bound = "exactly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price that was reached, closed at, or crossed."""

    number: Number
    bound: Bound = "exactly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superlative:
    """What was said to be the largest or the lowest: "its biggest fall since …".

    Attributes
    ----------
    of : str
        ``move``: the largest of the moves in its direction; ``level``: the highest or lowest price.
    direction : int
        1 for gains and highs, -1 for losses and lows.
    since : str
        The date as written: "March 2020", "more than two years"; "ever" for records.
    span : str
        Over what its moves are: "its biggest weekly drop".
    """

    of: Literal["move", "level"]
    direction: int
    since: str
    span: Span = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """A time of day at which a price was looked up: "as of 10:32 a.m. in New York".

    Attributes
    ----------
    text : str
        As written.
    time : time
    zone : str
        IANA name; empty where the text names no place.
    """

    text: str
    time: dt.time
    zone: str


@dataclass(slots=True, kw_only=True)
class Statement:
    """What is said of a price, whatever it is said of.

    Attributes
    ----------
    verb : str
    against : Mention or None
        "against the yen": the other side of an exchange rate.
    direction : int or None
        1 up, -1 down, 0 little changed; None where only a price is stated.
    size : Size or None
    level, before : Level or None
        "to 1.07", "from 1.08".
    course : str
        ``extended`` a loss or gain that was there before, ``reversed``, ``erased`` or ``pared`` it.
    superlative : Superlative or None
    point : str
        Which price is meant: the ``close``, the ``open``, one ``traded`` at, or ``touched`` within the day.
    minute : Minute or None
        The price of a minute is a claim of its own kind, and no close.
    span : str
        What the move is over: ``day``, ``week``, ``month`` or ``year``.
    weekday : int or None
        Of a day that is named: 0 for Monday.
    counted_from : int or None
        Of a day whose price the move is counted from: "from Thursday", "from 4.149% Wednesday".
    anchor : str
        ``after`` or ``before`` the news.
    is_negated : bool
    """

    verb: str
    against: Mention | None = None
    direction: int | None = None
    size: Size | None = None
    level: Level | None = None
    before: Level | None = None
    course: Course = ""
    superlative: Superlative | None = None
    point: Point = ""
    minute: Minute | None = None
    span: Span = "day"
    weekday: int | None = None
    counted_from: int | None = None
    anchor: Anchor = ""
    is_negated: bool = False


STATED = tuple(one.name for one in fields(Statement))


@dataclass(slots=True, kw_only=True)
class Claim(Statement):
    """One checkable statement about one price.

    Attributes
    ----------
    text : str
        The words that state it, as they stand in the text.
    start, end : int
        Where they stand, in characters.
    sentence : str
        All of the sentence, which can be read again without the rest of the text.
    subject : str
        The asset as written; empty where the text leaves it to what was said before.
    mention : Mention or None
        What of the names known `subject` is; None for a name that nobody knows.
    trouble : str
        Why it cannot be checked whatever the data: verb and number that contradict each other, or a forecast.
    """

    text: str
    start: int
    end: int
    sentence: str
    subject: str = ""
    mention: Mention | None = None
    trouble: str = ""
