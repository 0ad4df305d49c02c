"""From the items of a sentence to its claims: which subject, which verb, and what was said of the move.

A verb opens a claim; what follows it, up to the next verb, says how far, how, since when. The subject is the name
before the verb, also over a participle ("…, falling as much as 0.5%"), and over a pronoun in the next sentence; a verb
behind words that name nothing known has no asset, rather than the one named last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from eventstudy.claims import cues
from eventstudy.claims.claim import (
    DOWN,
    UP,
    Anchor,
    Bound,
    Claim,
    Level,
    Number,
    Size,
    Span,
    Superlative,
)
from eventstudy.claims.items import Item, items
from eventstudy.claims.lexicon import ADVERBS, GAINS, LOSSES
from eventstudy.claims.names import Finder, Mention
from eventstudy.claims.opened import Opened
from eventstudy.claims.sentences import plain, sentences


def find_claims(text: str, find: Finder) -> list[Claim]:
    """Every claim of a text, in order.

    Parameters
    ----------
    text : str
    find : callable
        Text → the names in it; see `eventstudy.claims.names.finder`.

    Returns
    -------
    list of Claim
        `start` and `end` count the characters of `text`. Forecasts and contradictions are there too, with `trouble`.
    """
    written = plain(text)
    mentions = sorted(find(written), key=lambda mention: mention.start)
    out: list[Claim] = []
    subject: Mention | None = None
    for offset, sentence in sentences(written):
        reader = _Reader(
            sentence, subject if cues.PRONOUN.match(sentence) or _opens_with_verb(sentence) else None, subject
        )
        reader.read(list(items(sentence, mentions, offset)))
        said = text[offset : offset + len(sentence)]
        pairs = zip([None, *reader.done], reader.done, strict=False)
        out += [claim.finish(before, text, said, offset) for before, claim in pairs]
        subject = reader.subject or (subject if not reader.done else None)
    return out


def _opens_with_verb(sentence: str) -> bool:
    """Whether a sentence leaves its subject out: "Fell as much as 0.5%"."""
    first = next(iter(items(sentence, (), 0)), None)
    return first is not None and first.start == 0 and first.kind in cues.VERBS


class _Reader:
    """Reads the items of one sentence; `done` are its claims.

    Parameters
    ----------
    sentence : str
    subject : Mention or None
        What the sentence before spoke of, where this one only points to it.
    previous : Mention or None
        The same, whatever this one does.
    """

    def __init__(self, sentence: str, subject: Mention | None, previous: Mention | None) -> None:
        self.sentence, self.subject, self.previous = sentence, subject, previous
        self.apposed: tuple[Mention | None, str] | None = None  # a subject that is being explained: "gold, a haven, …"
        self.done: list[Opened] = []
        self.open: Opened | None = None
        self.bound: tuple[Bound, int] | None = None
        self.waiting: tuple[Size, int] | None = None  # a size before its noun: "a 0.5% drop"
        self.is_negated = self.is_forecast = False
        self.clause = 0  # where the clause begins, or what was understood of it ends
        self.unknown = ""  # words in the place of a subject that name nothing known
        self.last, self.last_end = "", 0  # kind of the item before, and where it ended
        self.against: Mention | None = None  # "Against the yen, the dollar …"
        self.following: Item | None = None
        self.weekday: int | None = None
        self.anchor: Anchor = ""
        self._name_start = 0
        self.is_outside = False  # "In after-hours trading, …"
        self.utmost = 0  # "its weakest against the dollar", of which is not said yet since when

    def read(self, found: Sequence[Item]) -> None:
        """Take the items in."""
        for item, self.following in zip(found, [*found[1:], None], strict=False):
            is_plain = self._is_plain(item)
            getattr(self, f"_{item.kind}", self._verb)(item)
            self.last, self.last_end = item.kind, item.end
            if is_plain:
                self.clause = max(self.clause, item.end)
        self._complete()
        if cues.EACH.search(self.sentence):
            for opened in self.done:
                opened.troubles.append("\u201crespectively\u201d gives each name a number of its own")

    def _complete(self) -> None:
        """The open claim is complete, if it says something."""
        if self.open is not None and self.open.says_something:
            if self.is_outside:
                self.open.troubles.append(cues.OUTSIDE)
                self.is_outside = False
            self.done.append(self.open)
        self.open = self.waiting = None

    def _until(self, place: int) -> str:
        """The words before a place, in lower case: as many as any rule asks for."""
        return self.sentence[max(0, place - cues.NEAR) : place].rstrip().lower()

    def _before(self, item: Item) -> str:
        return self._until(item.start)

    def _follows(self, item: Item, *kinds: str) -> bool:
        """Whether the next item is of these kinds, and not far."""
        return self.following is not None and self.following.kind in kinds and self.following.start - item.end < 7

    # subjects

    def _name(self, item: Item) -> None:
        before = self._before(item)
        opened, self._name_start = self.open, item.start
        if item.value.kind == "amount":
            self._coin(item)
            return
        is_coin = self.last in ("number", "money") and item.start - self.last_end <= 1  # "to 131.76 yen"
        if opened is None and self.last == "against":
            self.against = item.value
        elif opened is None and cues.FOLLOWED.search(before):
            return  # "stocks tracked Wall Street lower"
        elif opened is None and self.apposed is not None and cues.SIDE.search(before):
            pass  # "MicroStrategy, the largest holder of bitcoin, …"
        elif opened is None:
            self.subject, self.unknown = item.value, ""
        elif is_coin:
            opened.against = opened.against or item.value
        elif self.last == "against":
            opened.against, opened.end = item.value, item.end
        elif opened.verb in ("noun", "superlative") and re.search(r"\b(?:in|for|of)(?: the)?$", before):
            opened.subject, opened.end = item.value, item.end
        elif not opened.says_something and opened.subject is None:
            opened.subject = item.value
        elif not re.search(r"\b(?:on|of|about|by|from|in)(?: the)?$", before):  # else an aside: "the news on oil"
            self._complete()
            self.subject, self.unknown = item.value, ""
        self.clause = item.end

    def _coin(self, item: Item) -> None:
        """A currency in which something is counted: the other side of a rate where a price is, "133.4 per dollar"."""
        is_unit = self.last == "against" or (self.last in ("number", "money") and item.start - self.last_end <= 1)
        if self.open is not None and is_unit and self.open.against is None:
            self.open.against, self.open.end = replace(item.value, kind="currency"), item.end

    def _subject_of(self, item: Item) -> tuple[Mention | None, str]:
        """Subject of a verb: the last name, or words that name nothing known."""
        if item.text.lower().endswith("ing"):
            return self.subject, ""
        gap = self.sentence[self.clause : item.start]
        points = cues.PRONOUN.fullmatch(gap.strip())
        if cues.IT.search(gap):
            self.subject, self.unknown = self.subject or self.previous, ""
        elif points and points["company"] and self.subject is not None and self.subject.kind == "company":
            self.unknown = ""
        elif not self._is_plain(item) and not (self.last == "name" and cues.WHERE.fullmatch(gap)):
            self.unknown = " ".join(cues.WORD.findall(gap))
        return (None, self.unknown) if self.unknown else (self.subject, "")

    def _boundary(self, item: Item) -> None:
        if item.text == ",":
            self._comma(item)
        self.clause = item.end
        if item.text.lower() not in cues.NO_BREAK:
            self._complete()
        if item.text in (";", ":"):
            self.is_negated = self.is_forecast = False

    def _comma(self, item: Item) -> None:
        """A comma behind a subject opens what explains it, and the next one ends that: the subject stands again."""
        gap = self.sentence[self.clause : item.start]
        if self.open is not None and not self.open.says_something and self.open.unknown:
            self.open, self.unknown = None, ""  # "when the market opened, the peso …"
        is_behind_name = self.last == "name" and self.last_end == item.start
        if (
            is_behind_name
            and self.open is None
            and not (self.apposed and cues.SIDE.search(self._until(self._name_start)))
        ):
            self.apposed = (self.subject, "")
        elif self.apposed is not None:
            if self.open is None or not self.open.says_something:
                self.open = None
                self.subject, self.unknown = self.apposed
            self.apposed = None
        elif self.open is None and (stranger := cues.STRANGER.fullmatch(gap)):
            self.apposed = (None, stranger[1])

    def _against(self, _item: Item) -> None:
        """A name that follows is the other side of a rate."""

    # verbs

    def _verb(self, item: Item) -> None:
        if self._is_noun(item):
            self._noun(item)
        elif item.text.lower().startswith("declin") and cues.TO_DO.match(self.sentence, item.end):
            return  # "declined to comment"
        elif item.kind == "traded" and item.text.lower() in ("trading", "trade") and not self._tells_a_price(item):
            return
        elif item.text.lower() in ("close", "open") and cues.CLOCK_NOUN.search(self._before(item)):
            return  # "by the close", "at the open"
        elif item.text.lower() in cues.GIVES and self._follows(item, "size"):
            self._start(item).direction = DOWN  # "gave up 3.6%"
        elif item.kind not in cues.COURSES or cues.OBJECT.match(self.sentence, item.end):
            opened = self._start(item)
            opened.point = cues.POINTS.get(item.kind, opened.point)
            opened.course = cues.COURSES.get(item.kind, "")
            opened.direction = item.value

    def _is_noun(self, item: Item) -> bool:
        """Whether a form that is a verb and a noun is the noun: "earlier gains", "between gains and losses"."""
        if item.kind not in ("up", "down"):
            return False
        if cues.NOUN_BEFORE.search(self._before(item)) or (
            self.open and self.open.course and self.open.direction is None
        ):
            return True
        is_both = item.text.lower() in (*GAINS, *LOSSES)
        is_after_subject = self.last in ("name", "negation", "forecast") and self._is_plain(item)
        is_opening = not self._before(item)
        return is_both and not (is_after_subject or is_opening or self._follows(item, *cues.PRICED, "most"))

    def _tells_a_price(self, item: Item) -> bool:
        """Whether "trading" is a verb here: "trading at 7.12", "trading flat", and not "in early trading"."""
        is_followed = self._follows(item, *cues.PRICED, "flat", "higher", "lower", "minute", "neutral")
        return is_followed or bool(cues.AT.match(self.sentence, item.end))

    def _start(self, item: Item, verb: str = "") -> Opened:
        """Open a claim; one that says nothing yet gives it its place: "closed little changed"."""
        subject, unknown = self._subject_of(item)
        before = self.open if self.open is not None and not self.open.says_something else None
        if before is None:
            self._complete()
        elif not unknown:
            subject, unknown = before.subject or subject, before.unknown
        self.open = Opened(
            verb=verb or item.text,
            start=before.start if before else item.start,
            end=item.end,
            subject=subject,
            unknown=unknown,
            point=before.point if before else "",
            minute=before.minute if before else None,
            weekday=self.weekday,
            anchor=self.anchor,
            against=before.against if before else self.against,
            is_negated=self.is_negated,
            is_forecast=self.is_forecast,
        )
        self.is_negated = self.is_forecast = False
        self.clause = item.end
        return self.open

    def _lifts(self, item: Item) -> None:
        """A cause moves what is named behind its verb: "lifted the pound 0.8%"."""
        if self.following is not None and self.following.kind == "name" and self.following.start - item.end < 6:
            opened = self._start(item)
            opened.subject, opened.unknown, opened.direction, opened.wants_object = None, "", item.value, True

    _drags = _lifts

    def _gain(self, item: Item) -> None:
        """A word that is a noun alone; those that are verbs too come to `_verb`."""
        self._noun(item)

    _loss = _gain

    def _noun(self, item: Item) -> None:
        """A move told by a noun: "extended its slide", "a 0.5% drop", "a fall of 2%"."""
        opened, waiting = self.open, self.waiting
        if opened is not None and opened.course and opened.direction is None:
            opened.direction, opened.end = item.value, item.end
            is_part = re.search(r"\b(?:some|part|most) of (?:its|their|the)$", self._before(item))
            opened.course = "pared" if opened.course == "erased" and is_part else opened.course
        elif waiting is not None or cues.OF.match(self.sentence, item.end):
            subject = self.subject
            self._complete()
            new = self._start(item, "noun")
            new.subject, new.direction = subject, item.value
            if waiting:
                new.size, new.start = waiting

    def _is(self, item: Item) -> None:
        """Something only if a size or a price follows: "was 0.5% lower", "was down 1%", "was at 1.07"."""
        if self._follows(item, *cues.PRICED, "higher", "lower") or self._is_at_price(item):
            self._start(item, "was")

    def _is_at_price(self, item: Item) -> bool:
        """Whether a price follows, with no more between than "last at"."""
        if self.following is None or self.following.kind not in ("money", "number"):
            return False
        gap = self.sentence[item.end : self.following.start]
        return bool(cues.AT.match(gap) or cues.AT.search(gap)) and bool(cues.STOPGAP.fullmatch(gap))

    def _higher(self, item: Item) -> None:
        opened = self.open
        if opened is None and not self._is_plain(item) and not self._follows(item, *cues.PRICED):
            return  # "held up as a haven"
        is_another = opened is not None and opened.says_something and opened.direction is None and not opened.level
        is_told = opened is not None and bool(opened.direction and (opened.size or opened.course))
        is_next = is_told and self._follows(item, *cues.PRICED)
        if opened is None or is_another or is_next:
            opened = self._start(item)
        opened.turn(item.value, item.text)
        if self.waiting is not None and opened.size is None:
            opened.size, opened.start = self.waiting[0], min(opened.start, self.waiting[1])
            self.waiting = None
        opened.end = item.end

    _lower = _higher

    # how far

    def _bound(self, item: Item) -> None:
        if self._follows(item, "size", "money", "number"):
            self.bound = (item.value, item.start)

    def _size(self, item: Item) -> None:
        number, unit = item.value
        bound, start = self.bound or ("exactly", item.start)
        self.bound = None
        size = Size(number=Number(value=abs(number.value), step=number.step), unit=unit, bound=bound)
        opened = self.open
        before = self._until(start)
        is_told_twice = opened is not None and opened.size is not None and before.endswith(", or")
        if opened is not None and is_told_twice and opened.level is None:
            self.done.append(replace(opened))  # "fell 43.6 points, or 1.1%": the same move, told twice
            opened.size, opened.start, opened.end = size, start, item.end
        elif opened is None and self.last == "name" and item.text[0] in "+-\u2212" and start - self.last_end <= 2:
            self._start(item, "moved").size = size  # "DXY +0.7%"
            assert self.open is not None
            self.open.direction = DOWN if number.value < 0 else UP
        elif opened is None and self.last == "name" and self.done and self.done[-1].size is not None:
            self._as_before(size, start, item)
        elif unit == "price" and opened is not None and cues.TO.search(before):  # "slipped 0.3% to 66.70 US cents"
            opened.level = opened.level or Level(number=number, bound=bound)
            opened.end = item.end
        elif self._is_another(opened, item):
            assert opened is not None
            self._complete()
            self.subject = opened.subject
            self._as_before(size, start, item)  # "gained 0.5% to 0.9010 per dollar, and 0.3% against the euro"
        elif opened is None or opened.size is not None or self._follows(item, "gain", "loss", "up", "down"):
            if not self._is_yield_at(opened, before, unit):
                self.waiting = (size, start)
            else:
                assert opened is not None
                opened.level, opened.end = Level(number=number, bound=bound), item.end
        elif self._is_yield_at(opened, before, unit):
            opened.level, opened.end = Level(number=number, bound=bound), item.end
        elif opened.level is None or self.last in ("higher", "lower") or self._follows(item, "higher", "lower"):
            opened.size, opened.end = size, item.end
            self._check_sign(opened, number, item)

    def _is_another(self, opened: Opened | None, item: Item) -> bool:
        """Whether a size behind "and" is the same verb's against another: the move told first is complete."""
        is_told = opened is not None and bool(opened.direction and opened.size and opened.against)
        if not is_told or self.last != "boundary" or self._before(item).endswith(" or"):
            return False
        return not self._follows(item, "gain", "loss", "up", "down", "higher", "lower")

    def _as_before(self, size: Size, start: int, item: Item) -> None:
        """A verb that is left out: "the yen gained 0.5%, the franc 0.3%"."""
        before = self.done[-1]
        if self.subject is None or before.direction is None:
            return
        self.open = Opened(
            verb=before.verb,
            start=start,
            end=item.end,
            subject=self.subject,
            direction=before.direction,
            size=size,
            weekday=before.weekday,
            anchor=before.anchor,
            is_negated=before.is_negated,
            is_forecast=before.is_forecast,
        )

    @staticmethod
    def _is_yield_at(opened: Opened | None, before: str, unit: str) -> bool:
        """Whether a per cent is where a yield went: "fell 12 basis points to 3.46%"."""
        if opened is None or opened.level is not None or unit != "percent" or not before.endswith((" to", " at")):
            return False
        is_rate = opened.subject is not None and opened.subject.kind == "yield"
        return is_rate or (opened.size is not None and opened.size.unit == "basis points")

    @staticmethod
    def _check_sign(opened: Opened, number: Number, item: Item) -> None:
        """A signed number says where to, as the verb does."""
        if number.value < 0 or item.text.startswith("+"):
            opened.turn(DOWN if number.value < 0 else UP, item.text)

    def _money(self, item: Item) -> None:
        bound = self.bound[0] if self.bound else None
        self.bound = None
        if self.open is None:
            return
        before = cues.RECORD.sub("", cues.ROUGHLY.sub("", self._before(item)).rstrip()).rstrip()
        if re.search(r"\b(?:since|in)$", before):  # a year
            return
        if cues.YEAR.fullmatch(item.text.strip()) and not cues.TO.search(before):  # "ended 2023 up 24%"
            self.open.troubles.append(f"\u201c{item.text.strip()}\u201d is a time over which no move is counted")
            return
        opened, level = self.open, Level(number=item.value, bound=cues.crossed(before) or bound or "exactly")
        is_amount = self.last in ("higher", "lower", "up", "down")  # "settled down $1.73"
        is_at = cues.TO.search(before) or (
            opened.point in ("close", "traded", "touched") and not (opened.size or is_amount)
        )
        if self._follows(item, "higher", "lower") and opened.size is None and item.kind == "money":
            opened.size, opened.end = Size(number=item.value, unit="price", bound=bound or "exactly"), item.end
        elif before.endswith(" from"):
            opened.before, opened.end = level, item.end
        elif (is_at or self.last == "extent") and not before.endswith(" by"):
            if opened.level is None:
                opened.level, opened.end = level, item.end
        elif opened.direction is not None and opened.size is None and opened.level is None:
            opened.end = item.end
            if item.kind == "money":
                opened.size = Size(number=item.value, unit="price", bound=bound or "exactly")
                self._check_sign(opened, item.value, item)
            else:
                opened.troubles.append(f"\u201c{item.text.strip()}\u201d has no unit")

    _number = _money

    def _extent(self, item: Item) -> None:
        """A price within the day: "as low as 1.05", "a low of 1.05"."""
        if self.open is not None:
            self.open.point = "touched"
            self.open.direction = item.value if self.open.direction is None else self.open.direction

    def _range(self, item: Item) -> None:
        if self.open is not None:
            self.open.troubles.append(f"\u201c{item.text}\u201d is a range")
            self.open.end = item.end

    # superlatives

    def _biggest(self, item: Item) -> None:
        direction, scope, since = item.value
        if not since and cues.AMONG.match(self.sentence, item.end):
            return  # "the biggest gain in the index": among others, not since
        opened = self._superlative(item)
        direction = opened.direction if direction is None and opened is not None else direction
        if opened is None or not direction:
            return
        span: Span = (
            "week" if "week" in scope else "month" if "month" in scope else "year" if "year" in scope else "day"
        )
        opened.superlative = Superlative(of="move", direction=direction, since=since, span=span)
        opened.turn(direction, item.text)

    def _most(self, item: Item) -> None:
        if self.open is not None and self.open.direction:
            self.open.superlative = Superlative(of="move", direction=self.open.direction, since=item.value)
            self.open.end = item.end

    def _extreme(self, item: Item) -> None:
        direction, of, since = item.value
        opened = self._superlative(item)
        if opened is None:
            return
        opened.superlative = Superlative(of="level", direction=direction, since=since)
        if of in ("closing", "close"):
            opened.point = "close"
        elif of == "intraday":
            opened.point = "touched"

    def _superlative(self, item: Item) -> Opened | None:
        """The claim that a superlative belongs to: the one before it, or one of its own."""
        opened = self.open
        if opened is None or opened.superlative is not None:
            if self.subject is None and not self.unknown:
                return None
            opened = self._start(item, "superlative")
        opened.end = item.end
        return opened

    def _first_time(self, item: Item) -> None:
        """Understand "fell below 80 for the first time since March" as the lowest since then."""
        opened = self.open
        if opened is None or opened.superlative is not None or not opened.direction or opened.level is None:
            self._other_time(item)
            return
        opened.superlative = Superlative(of="level", direction=opened.direction, since=item.value)
        opened.end = item.end

    def _utmost(self, item: Item) -> None:
        """Wait for the year: in "its weakest against the dollar since 1985" it stands behind a name."""
        self.utmost = item.value

    # when, and in which state

    def _minute(self, item: Item) -> None:
        if cues.ISSUED.search(self.sentence[self.clause : item.start]):
            return
        if self.open is not None and self.open.minute is None:
            self.open.minute, self.open.end = item.value, item.end

    def _weekday(self, item: Item) -> None:
        if self.open is None:
            self.weekday = item.value
            self.clause = item.end
        elif self.open.before is None and self.open.weekday is None:  # else it is the day of the price before
            self.open.weekday, self.open.end = item.value, item.end

    def _span(self, item: Item) -> None:
        if self.open is not None:
            self.open.span, self.open.end = cues.SPANS[item.kind], item.end

    _week = _month = _year = _day = _span

    def _weekly(self, item: Item) -> None:
        """Of a noun: it is that of the claim only where the claim is about the noun, "pared its weekly gain"."""
        if self.open is not None and self.open.course and self.open.direction is None:
            self.open.span = "week" if item.value == "weekly" else "month" if item.value == "monthly" else "year"

    def _other_time(self, item: Item) -> None:
        since = re.match(r"since\s+(.+)", item.text.strip(), re.IGNORECASE)
        if self.open is not None and self.open.superlative is None and self.utmost and since:
            self.open.superlative = Superlative(of="level", direction=self.utmost, since=since[1])
            self.open.end, self.utmost = item.end, 0
        elif self.open is not None and self.open.superlative is None:
            self.open.troubles.append(f"\u201c{item.text.strip()}\u201d is a time over which no move is counted")
            self.open.end = item.end

    def _within(self, item: Item) -> None:
        if self.open is not None and self.open.point in ("", "traded"):
            self.open.point, self.open.end = "touched", item.end

    def _outside(self, item: Item) -> None:
        if self.open is not None and self.open.says_something:
            self.open.troubles.append(cues.OUTSIDE)
            self.open.end = item.end
        else:
            self.is_outside = True
        if self.open is None:
            self.clause = item.end

    def _after(self, item: Item) -> None:
        anchor: Anchor = "before" if item.kind == "ahead" else "after"
        if self.open is not None:
            self.open.anchor, self.open.end = anchor, item.end
        else:
            self.anchor = anchor
        self.clause = item.end

    _ahead = _after

    def _negation(self, _item: Item) -> None:
        self.is_negated = True

    def _forecast(self, item: Item) -> None:
        if item.text.lower() == "to":
            is_past = re.search(r"\b(?:continued|began|started|went on|course)$", self._before(item))
            # "fell 2% to settle at 73" is no forecast either
            self.is_forecast |= self._follows(item, *cues.VERBS) and not (
                is_past or self._follows(item, "close", "traded")
            )
        else:
            self.is_forecast = True

    def _is_plain(self, item: Item) -> bool:
        """Whether nothing stands between what was understood and an item that may be another subject."""
        gap = cues.WORD.findall(self.sentence[self.clause : item.start])
        return all(word.lower() in ADVERBS or word.lower().endswith("ly") or word == "'s" for word in gap)
