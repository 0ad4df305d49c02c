"""A claim while its sentence is read, and what becomes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from eventstudy.claims.claim import STATED, Claim, Level, Statement
from eventstudy.claims.names import Mention

FORECAST = "it speaks of what may come, not of what was"
FUTURES = "it speaks of futures, which are not the index itself"
BONDS = "it speaks of bonds, whose prices fall when yields rise, and only yields are on file"

# Verbs that tell of a price only with a number behind them: "added $197 billion in value".
COUNTING = ("won", "add", "adds", "added", "adding", "shed", "sheds", "shedding")
OF_WHICH_DAY = "it speaks of a time before, and does not say of which day"

HIGHEST_YIELD = 40  # per cent; above it stand the prices of bonds, near 100

_FUTURES = re.compile(r"\s(?:index |mini |e-mini )?futures\b", re.IGNORECASE)
_YIELDS_ON = re.compile(r"\byields? (?:on|of) (?:the )?(?:[\w-]+ )?$", re.IGNORECASE)
_FUTURES_ON = re.compile(r"\bfutures (?:on|for|tied to|tracking) (?:the )?$", re.IGNORECASE)


def no_move_over(text: str) -> str:
    """Why a claim over a time of its own cannot be checked."""
    return f"\u201c{text.strip()}\u201d is a time over which no move is counted"


@dataclass(slots=True, kw_only=True)
class Opened(Statement):
    """A claim that is not complete yet; its places are those in the sentence."""

    start: int
    end: int
    subject: Mention | None
    also: tuple[Mention, ...] = ()  # names that share its verb
    unknown: str = ""
    is_forecast: bool = False
    is_earlier: bool = False  # "after falling 2%", "had fallen 2%"
    wants_object: bool = False  # "lifted", whose subject is the cause
    troubles: list[str] = field(default_factory=list)
    twin: Opened | None = None  # the same move in another unit

    @property
    def says_something(self) -> bool:
        """Whether there is anything that prices could tell."""
        if self.verb == "noun" or self.wants_object:
            return self.size is not None
        if self.verb.lower() in COUNTING and self.size is None:
            return False
        is_range = bool(self.troubles) and self.point == "traded"
        return is_range or any((self.direction is not None, self.level, self.superlative, self.course))

    def turn(self, direction: int, text: str) -> None:
        """The move has this direction as well; another than before is a contradiction."""
        if self.direction and self.direction != direction:
            self.troubles.append(f"\u201c{self.verb}\u201d and \u201c{text.strip()}\u201d contradict each other")
        else:
            self.direction = direction

    def start_from(self, level: Level, words: str, end: int) -> None:
        """The price before; "from the previous close at $71.59" may be that of now."""
        self.before, self.end = level, end
        if words.endswith(" close at"):
            self.troubles.append(f"\u201c{words.rpartition('from')[2].strip()}\u201d may be the price before or after")

    def refuse_time(self, text: str) -> None:
        """The move is over a time that none is counted over."""
        self.troubles.append(no_move_over(text))

    def complete(self) -> None:
        """What is said behind both of two sizes is of both: "down 9 cents, or 0.1%, at 0405 GMT"."""
        if self.is_earlier and not (
            self.weekday is not None or self.point or self.minute or self.course or self.anchor
        ):
            if self.level is not None and self.size is None:
                self.point = "touched"  # "gained 1.7% to $1.0879, after rising to $1.0887"
            elif self.size is not None and self.size.bound != "as much as" and self.span == "day":
                self.troubles.append(OF_WHICH_DAY)
        if self.twin is not None:
            for name in ("minute", "weekday", "anchor", "point", "against"):
                setattr(self.twin, name, getattr(self.twin, name) or getattr(self, name))
            self.twin.direction = self.twin.direction if self.twin.direction is not None else self.direction
            self.twin.span = self.span if self.twin.span == "day" else self.twin.span
            self.twin.troubles += self.troubles
            self.twin = None

    def finish(self, before: Opened | None, text: str, sentence: str, offset: int) -> Claim:
        """The claim as a value, with its place in the whole text: from its subject, or its verb if that is shared."""
        start, end = self.start + offset, self.end + offset
        mention = self.subject
        if (
            mention is not None
            and offset <= mention.start < start
            and (before is None or before.subject is not mention)
        ):
            lead = re.search(r"\b(?:the|an?)\s$", text[max(0, mention.start - 5) : mention.start], re.IGNORECASE)
            start = mention.start - len(lead[0]) if lead else mention.start
        return Claim(
            text=text[start:end].strip(),
            start=start,
            end=end,
            sentence=sentence,
            subject=text[mention.start : mention.end] if mention is not None else self.unknown,
            mention=mention,
            trouble=FORECAST
            if self.is_forecast
            else "; ".join(dict.fromkeys((*self.troubles, *self._of_another(text)))),
            **{name: getattr(self, name) for name in STATED},
        )

    def _of_another(self, text: str) -> tuple[str, ...]:
        """That a name stands for something else than its prices are of: bonds for yields, futures for an index."""
        mention = self.subject
        if mention is None:
            return ()
        if mention.kind == "index":
            is_futures = _FUTURES_ON.search(text, max(0, mention.start - 20), mention.start) or _FUTURES.match(
                text, mention.end
            )
            return (FUTURES,) if is_futures else ()
        if mention.kind != "yield" or self.direction in (None, 0):
            return ()
        is_rate = self.level is not None and self.level.number.value < HIGHEST_YIELD
        is_of_yield = (self.size is not None and self.size.unit == "basis points") or is_rate
        lead = text[max(0, mention.start - 20) : mention.start]
        is_named = re.search(r"yield|rate", text[mention.start : mention.end], re.IGNORECASE) or _YIELDS_ON.search(lead)
        return () if is_of_yield or is_named else (BONDS,)
