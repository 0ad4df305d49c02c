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
    FLAT,
    UP,
    Anchor,
    Claim,
    Level,
    Number,
    Size,
    Span,
    Superlative,
)
from eventstudy.claims.items import Item, items
from eventstudy.claims.lexicon import GAINS, LOSSES
from eventstudy.claims.names import Finder, Mention
from eventstudy.claims.opened import Opened
from eventstudy.claims.sentences import plain, sentences
from eventstudy.claims.subjects import Sentence


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
    recent: dict[str, Mention] = {}
    span: Span = "day"
    for offset, sentence in sentences(written):
        if heading := cues.HEADING.fullmatch(sentence):
            span = cues.SPANS.get(heading[1].lower(), "day")
            continue
        reader = _Reader(
            sentence, subject if cues.PRONOUN.match(sentence) or _opens_with_verb(sentence) else None, subject, recent
        )
        reader.read(list(items(sentence, mentions, offset)))
        if cues.STANDS.search(sentence):
            for claim in reader.done:
                claim.span = span if claim.span == "day" else claim.span
        said = text[offset : offset + len(sentence)]
        pairs = zip([None, *reader.done], reader.done, strict=False)
        for before, claim in pairs:
            out += [replace(claim, subject=one).finish(before, text, said, offset) for one in claim.also]
            out.append(claim.finish(before, text, said, offset))
        subject = reader.subject or (subject if not reader.done else None)
    return out


def _opens_with_verb(sentence: str) -> bool:
    """Whether a sentence leaves its subject out: "Fell as much as 0.5%"."""
    first = next(iter(items(sentence, (), 0)), None)
    return first is not None and first.start == 0 and first.kind in cues.VERBS


class _Reader(Sentence):
    """Reads the items of one sentence."""

    def read(self, found: Sequence[Item]) -> None:
        """Take the items in."""
        for item, self.following in zip(found, [*found[1:], None], strict=False):
            is_plain = self._is_plain(item)
            if not (item.kind in cues.DETAILS and self.aside and not self._is_plain(item, self.aside)):
                getattr(self, f"_{item.kind}", self._verb)(item)
            self.last, self.last_end = item.kind, item.end
            if is_plain:
                self.clause = max(self.clause, item.end)
        self._complete()
        for opened in self.done:
            if opened.also and opened.level is not None and opened.level.bound in ("exactly", "about"):
                opened.troubles.append("one price is told of several names")
        if cues.EACH.search(self.sentence):
            for opened in self.done:
                opened.also = ()
                opened.troubles.append("\u201crespectively\u201d gives each name a number of its own")

    # verbs

    def _verb(self, item: Item) -> None:
        if self._is_noun(item):
            self._noun(item)
        elif item.text.lower().startswith("declin") and cues.TO_DO.match(self.sentence, item.end):
            return  # "declined to comment"
        elif item.kind == "traded" and item.text.lower() in ("trading", "trade") and not self._tells_a_price(item):
            return
        elif item.text.lower() in ("close", "open") and cues.CLOCK_NOUN.search(self._before(item)):
            self._at_clock(item)
        elif item.text.lower() in cues.GIVES and self._follows(item, "size"):
            self._start(item).direction = DOWN  # "gave up 3.6%"
        elif item.kind not in cues.COURSES or cues.OBJECT.match(self.sentence, item.end):
            opened = self._start(item)
            opened.point = cues.POINTS.get(item.kind, opened.point)
            opened.course = cues.COURSES.get(item.kind, "")
            opened.direction = item.value

    def _at_clock(self, item: Item) -> None:
        """Take "fell 2% at the close" for a move of closes; "by the close" and "since the open" are times."""
        if self.open is not None and self.open.says_something and self._before(item).endswith("at the"):
            self.open.point = self.open.point or cues.POINTS[item.kind]
            self.open.end = item.end

    def _is_noun(self, item: Item) -> bool:
        """Whether a form that is a verb and a noun is the noun: "earlier gains", "between gains and losses"."""
        if item.kind not in ("up", "down"):
            return False
        is_both = item.text.lower() in (*GAINS, *LOSSES)
        before = cues.NOUN_BEFORE.search(self._before(item))
        if before and (is_both or before[0] not in cues.EARLIER):
            return True
        if self.open and self.open.course and self.open.direction is None:
            return True
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
            also=self.joined if subject is self.subject and not unknown else (),
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
        if item.text.lower() == "off" and not self._follows(item, *cues.PRICED):
            return
        is_told = opened is not None and opened.says_something and not self._follows(item, *cues.PRICED)
        if is_told and not self._is_plain(item, self.last_end):
            return  # "before the bank stepped in to prop up its currency"
        is_another = opened is not None and opened.says_something and opened.direction is None and not opened.level
        is_flat = opened is not None and opened.direction == FLAT and opened.level is not None
        is_told = is_flat or (opened is not None and bool(opened.direction and (opened.size or opened.course)))
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
        if opened is not None and is_told_twice and (opened.level is None or unit != "price"):
            self.done.append(replace(opened))  # "fell 43.6 points, or 1.1%": the same move, told twice
            opened.level = None
            opened.size, opened.start, opened.end = size, start, item.end
        elif opened is None and self.last == "name" and item.text[0] in "+-\u2212" and start - self.last_end <= 2:
            self._start(item, "moved").size = size  # "DXY +0.7%"
            assert self.open is not None
            self.open.direction = DOWN if number.value < 0 else UP
        elif opened is None and self.last == "name" and self.done and self.done[-1].size is not None:
            self._as_before(size, start, item)
        elif opened is not None and self._is_price(unit, before, item):  # "slipped 0.3% to 66.70 US cents"
            level = Level(number=number, bound=cues.crossed(self._before(item)) or bound)
            if cues.FROM.search(before):
                opened.before = level
            else:
                opened.level = opened.level or level
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
        is_level = opened is not None and opened.level is None and unit == "percent"
        if opened is None or not is_level or not before.endswith((" to", " at")):
            return False
        is_rate = opened.subject is not None and opened.subject.kind == "yield"
        return is_rate or (opened.size is not None and opened.size.unit == "basis points")

    def _is_price(self, unit: str, before: str, item: Item) -> bool:
        """Whether a size is a price: cents behind "to", points behind "at", per cent of a yield behind "from"."""
        if unit == "points":
            return cues.REACHED.search(self._before(item)) is not None
        if unit == "percent":
            is_yield = self.open is not None and self.open.subject is not None and self.open.subject.kind == "yield"
            return is_yield and cues.FROM.search(before) is not None
        is_there = self.open is not None and self.open.direction is None and bool(self.open.point)
        return unit == "price" and (is_there or (cues.TO.search(before) or cues.FROM.search(before)) is not None)

    @staticmethod
    def _check_sign(opened: Opened, number: Number, item: Item) -> None:
        """A signed number says where to, as the verb does."""
        if number.value < 0 or item.text.startswith("+"):
            opened.turn(DOWN if number.value < 0 else UP, item.text)

    def _money(self, item: Item) -> None:
        bound = self.bound[0] if self.bound else None
        self.bound = None
        if self.open is None or self.sentence[self.passed : item.start].strip() in ("of", "at"):
            return
        before = cues.RECORD.sub("", cues.ROUGHLY.sub("", self._before(item)).rstrip()).rstrip()
        if re.search(r"\b(?:since|in)$", before):  # a year
            return
        if cues.YEAR.fullmatch(item.text.strip()) and not cues.TO.search(before):  # "ended 2023 up 24%"
            self.open.refuse_time(item.text)
            return
        self._in_money_of(item)
        bound = "about" if cues.AREA.match(self.sentence, item.end) else bound
        opened, level = self.open, Level(number=item.value, bound=cues.crossed(before) or bound or "exactly")
        is_amount = self.last in ("higher", "lower", "up", "down")  # "settled down $1.73"
        is_at = cues.TO.search(before) or (
            opened.point in ("close", "traded", "touched") and not (opened.size or is_amount)
        )
        if self._follows(item, "higher", "lower") and opened.size is None and item.kind == "money":
            opened.size, opened.end = Size(number=item.value, unit="price", bound=bound or "exactly"), item.end
        elif cues.FROM.search(before):
            opened.before, opened.end = level, item.end
        elif (is_at or self.last == "extent") and not before.endswith(" by"):
            if opened.level is None:
                opened.level, opened.end = level, item.end
        elif opened.direction is not None and opened.size is None and opened.level is None:
            opened.end = item.end
            if item.kind == "money" or self._is_counted(item):
                opened.size = Size(number=item.value, unit="price", bound=bound or "exactly")
                self._check_sign(opened, item.value, item)
            else:
                opened.troubles.append(f"\u201c{item.text.strip()}\u201d has no unit")

    _number = _money

    def _in_money_of(self, item: Item) -> None:
        """The other side of a rate by the sign of its money: the Australian dollar "at NZ$1.09"."""
        opened, code = self.open, cues.SIGNS.get(item.text.partition("$")[0].strip("+-").lower() + "$")
        code = code or cues.SIGNS.get(item.text.strip("+-")[0])
        subject = opened.subject if opened is not None else None
        if opened is None or code is None or subject is None or subject.kind != "currency" or opened.against:
            return
        if code != subject.key:
            opened.against = Mention(start=subject.end, end=subject.end, key=code, kind="currency")

    def _is_counted(self, item: Item) -> bool:
        """Whether a number has a currency behind it: "rose 1 franc"."""
        following = self.following
        if following is None or following.kind != "name" or following.start - item.end > 1:
            return item.text.strip()[-1].isalpha()
        return following.value.kind in ("amount", "currency")

    def _extent(self, item: Item) -> None:
        """A price within the day: "as low as 1.05", "a low of 1.05"."""
        if self.open is not None:
            self.open.point = "touched"
            self.open.direction = item.value if self.open.direction is None else self.open.direction

    def _range(self, item: Item) -> None:
        opened = self.open
        if opened is None:
            return
        opened.end = item.end
        bound, self.bound = self.bound[0] if self.bound else "exactly", None
        if item.value and self._is_price("percent", cues.ROUGHLY.sub("", self._before(item)).rstrip(), item):
            first, last = item.value  # a yield "from 3.5% to 3.7%"
            opened.before, opened.level = Level(number=first, bound=bound), Level(number=last)
        else:
            opened.troubles.append(f"\u201c{item.text}\u201d is a range")

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
        if cues.NEAR_TO.search(self._before(item)):
            self.passed = item.end  # "near a record high" was not there
            return
        opened = self._superlative(item)
        if opened is None:
            return
        opened.superlative = Superlative(of="level", direction=direction, since=since)
        if of in ("closing", "close", "settlement", "finish"):
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
        if opened is None or opened.superlative is not None or opened.level is None:
            self._other_time(item)
            return
        crossed = {"more than": UP, "less than": DOWN}.get(opened.level.bound)
        is_rate = opened.subject is not None and opened.subject.kind == "currency"
        direction = opened.direction or (None if is_rate else crossed)  # a number up may be a currency down
        if not direction:
            self._other_time(item)
            return
        opened.superlative = Superlative(of="level", direction=direction, since=item.value)
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
        if self.last == "ahead":
            return  # "before the meeting on Wednesday"
        if self.open is None:
            self.weekday = item.value
            self.clause = item.end
        elif self.open.before is None and self.open.weekday in (None, self.weekday):  # else of the price before
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
        elif self.open is not None and self.open.superlative is not None and not self.open.superlative.since and since:
            self.open.superlative = replace(self.open.superlative, since=since[1])  # "against the yen since 2020"
            self.open.end = item.end
        elif self.open is not None and self.open.superlative is None:
            self.open.refuse_time(item.text)
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
        results = ("close", "traded", *(("touched",) if self.open is not None and self.open.says_something else ()))
        if item.text.lower() == "to":
            is_past = re.search(r"\b(?:continued|began|started|went on|course)$", self._before(item))
            # "fell 2% to settle at 73" is no forecast either
            self.is_forecast |= self._follows(item, *cues.VERBS) and not (is_past or self._follows(item, *results))
        else:
            self.is_forecast = True
