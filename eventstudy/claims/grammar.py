"""From the items of a sentence to its claims: which subject, which verb, and what was said of the move.

A verb opens a claim; what follows it, up to the next verb, says how far, how, since when. The subject is the name
before the verb, also over a participle ("…, falling as much as 0.5%"), and over a pronoun in the next sentence; a verb
behind words that name nothing known has no asset, rather than the one named last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from eventstudy.claims import cues
from eventstudy.claims.claim import (
    DOWN,
    FLAT,
    UP,
    Claim,
    Level,
    Minute,
    Number,
    Size,
    Span,
    Superlative,
    Unit,
)
from eventstudy.claims.clock import read_minute
from eventstudy.claims.items import Item, items
from eventstudy.claims.lexicon import GAINS, LOSSES
from eventstudy.claims.names import Finder, Mention
from eventstudy.claims.opened import Opened
from eventstudy.claims.sentences import plain, sentences
from eventstudy.claims.times import Times


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
    of_list: Minute | None = None
    recent: dict[str, Mention] = {}
    span: Span = "day"
    for offset, sentence in sentences(written):
        if heading := cues.HEADING.fullmatch(sentence):
            span = cues.SPANS.get(heading[1].lower(), "day")
            continue
        if heading := cues.LIST.search(sentence):
            of_list = read_minute(heading)
            continue
        reader = _Reader(
            sentence, subject if cues.PRONOUN.match(sentence) or _opens_with_verb(sentence) else None, subject, recent
        )
        reader.read(list(items(sentence, mentions, offset)))
        if cues.STANDS.search(sentence):
            for claim in reader.done:
                claim.span = span if claim.span == "day" else claim.span
        for claim in reader.done:
            if claim.minute is None and claim.point == "" and cues.LISTED.match(sentence):
                claim.minute = of_list
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


class _Reader(Times):
    """Reads the items of one sentence."""

    def read(self, found: Sequence[Item]) -> None:
        """Take the items in."""
        for item, self.following in zip(found, [*found[1:], None], strict=False):
            is_plain = self._is_plain(item)
            is_aside = self.aside and not self._is_plain(item, self.aside)
            is_aside = is_aside and (self.open is None or self.open.start < self.aside)
            if not (item.kind in cues.DETAILS and is_aside):
                if not self._is_of_aside(item):
                    getattr(self, f"_{item.kind}", self._verb)(item)
            else:
                self.skipped = item.end
            self.last, self.last_end = item.kind, item.end
            if is_plain:
                self.clause = max(self.clause, item.end)
        self._complete()
        self._carry_sides()
        for opened in self.done:
            if opened.also and opened.level is not None and opened.level.bound in ("exactly", "about"):
                opened.troubles.append("one price is told of several names")
        if cues.EACH.search(self.sentence):
            for opened in self.done:
                opened.also = ()
                opened.troubles.append("\u201crespectively\u201d gives each name a number of its own")

    def _is_of_aside(self, item: Item) -> bool:
        """Whether a superlative is of an aside: "after it raised rates by 1%, its biggest move since 1998"."""
        is_superlative = item.kind in ("biggest", "extreme", "most")
        gap = self.sentence[self.skipped : item.start]
        return is_superlative and bool(self.skipped) and re.fullmatch(r",? (?:its|their|the)? ?", gap) is not None

    def _carry_sides(self) -> None:
        """A rate stays the same in a sentence: "fell to 120.25 yen, after touching 119.90"."""
        for before, opened in pairwise(self.done):
            is_same = before.subject is opened.subject and opened.against is None
            if is_same and (opened.level is not None or opened.verb.lower().endswith("ing")):
                opened.against = before.against

    # verbs

    def _verb(self, item: Item) -> None:
        if self._is_noun(item):
            self._noun(item)
        elif item.text.lower().startswith("declin") and cues.TO_DO.match(self.sentence, item.end):
            return  # "declined to comment"
        elif item.kind == "traded" and item.text.lower() in ("trading", "trade") and not self._tells_a_price(item):
            return  # "in early trading"; "ended daytime trading 0.6% firmer"
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
        before = self._before(item)
        if self.open is None or not self.open.says_something or cues.FROM_CLOSE.search(before):
            return
        if before.endswith("at the"):
            self.open.point = self.open.point or cues.POINTS[item.kind]
            self.open.end = item.end

    def _is_noun(self, item: Item) -> bool:
        """Whether a form that is a verb and a noun is the noun: "earlier gains", "between gains and losses"."""
        if item.kind not in ("up", "down") or item.text.lower().endswith("ing"):
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
        before = self._before(item)
        if cues.TRADE_NOUN.search(before) or (self.open is not None and self.last == self.open.point == "close"):
            return False
        is_followed = self._follows(item, *cues.PRICED, "extent", "flat", "higher", "lower", "minute", "neutral")
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
            against=(before.against if before else None) or self.against or (subject.per if subject else None),
            is_negated=self.is_negated,
            is_forecast=self.is_forecast,
            troubles=list(self.doubts),
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
        if cues.UP_TO.fullmatch(item.text) and cues.FROM_THERE.match(self.sentence, item.end):
            self._higher(replace(item, text="up", value=UP))  # "pushed the yield up to 5.25% from 5.17%" is no bound
        elif self._follows(item, "size", "money", "number"):
            self.bound = (item.value, item.start)

    def _size(self, item: Item) -> None:
        number, unit = self._counted_in_pence(item)
        bound, start = self.bound or ("exactly", item.start)
        self.bound = None
        opened = self.open
        size = Size(number=Number(value=abs(number.value), step=number.step), unit=unit, bound=bound)
        before = self._until(start)
        is_crossed = cues.crossed(self._before(item)) is not None
        is_told_twice = opened is not None and opened.size is not None and before.endswith(", or")
        if opened is not None and is_told_twice and (opened.level is None or unit != "price"):
            opened.twin = replace(opened)  # "fell 43.6 points, or 1.1%": the same move, told twice
            self.done.append(opened.twin)
            opened.level = None
            opened.size, opened.start, opened.end = size, start, item.end
        elif opened is None and item.text[0] in "+-\u2212" and self._is_behind_name(start):
            new = self._start(item, "moved")  # "DXY +0.7%"
            new.size, new.direction = size, DOWN if number.value < 0 else UP
        elif self._is_verb_left_out(item):
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
        elif opened is not None and self._is_yield_at(opened, before, unit, is_crossed=is_crossed):
            opened.level, opened.end = Level(number=number, bound=bound), item.end
        elif opened is None or opened.size is not None or self._follows(item, "gain", "loss", "up", "down"):
            self.waiting = (size, start)
        elif opened.level is None or self.last in ("higher", "lower") or self._follows(item, "higher", "lower"):
            opened.size, opened.end = size, item.end
            self._check_sign(opened, number, item)

    def _counted_in_pence(self, item: Item) -> tuple[Number, Unit]:
        """Take the pence of a currency for hundredths of a pound, its other side; a share is priced in pence itself."""
        number, unit = item.value
        subject = self.open.subject if self.open is not None else self.subject
        if not cues.PENCE.search(item.text) or subject is None or subject.kind != "currency":
            return number, unit
        if self.open is not None and subject.key != "GBP":
            pound = Mention(start=item.end, end=item.end, key="GBP", kind="currency")
            self.open.against = self.open.against or pound
        return Number(value=number.value / 100, step=number.step / 100), unit

    def _is_verb_left_out(self, item: Item) -> bool:
        """Whether a size stands behind a name as one did before: "the yen gained 0.5%, the franc 0.3%"."""
        is_size = self.open is None and self.last == "name" and bool(self.done) and self.done[-1].size is not None
        return is_size and self._is_plain(item, self.last_end)

    def _is_behind_name(self, start: int) -> bool:
        """Whether a size stands right behind a name, or its colon: "DXY +0.7%", "Brent crude: -0.1%"."""
        gap = self.sentence[self._name_end : start].strip()
        return self.subject is not None and not self.unknown and gap in ("", ":", "(")

    def _is_another(self, opened: Opened | None, item: Item) -> bool:
        """Whether a size behind "and" is the same verb's against another: the move told first is complete."""
        is_told = opened is not None and bool(opened.direction and opened.size)
        is_other = opened is not None and (opened.against or cues.OVER_MORE.match(self.sentence, item.end))
        if not is_told or not is_other or self.last != "boundary" or self._before(item).endswith(" or"):
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
    def _is_yield_at(opened: Opened, before: str, unit: str, *, is_crossed: bool) -> bool:
        """Whether a per cent is where a yield went: "fell 12 basis points to 3.46%"."""
        is_rate = opened.subject is not None and opened.subject.kind == "yield"
        if opened.level is not None or unit != "percent":
            return False
        if is_rate and opened.point == "touched" and opened.direction is None:
            return True  # "having touched 3.418%"
        if not before.endswith((" to", " at", " of")):
            return is_rate and opened.size is None and is_crossed
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
            if cues.COUNTED.match(self.sentence, item.end):
                self.open = None  # "shed 200,000 subscribers"
            elif item.kind == "money" or self._is_counted(item) or self._is_old_price(item):
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

    def _is_old_price(self, item: Item) -> bool:
        """Whether a number is a fraction of a share's price, as they were printed until 2001: "rose 5/8"."""
        subject = self.open.subject if self.open is not None else None
        return "/" in item.text and subject is not None and subject.kind == "company"

    def _extent(self, item: Item) -> None:
        """A price within the day: "as low as 1.05", "a low of 1.05"."""
        if self.open is not None and self.open.level is not None:
            self._start(item, "touched")  # "eased to 60.90, having been as strong as 58.10"
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
        if cues.OF_BEFORE.search(self._before(item)):
            return None  # "a day after its worst day since 1987"
        if opened is None or opened.superlative is not None or self.is_forecast:
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

    # what all comes to

    def _leaving(self, item: Item) -> None:
        """What all comes to: "fell 4.7%, leaving it 27% lower for the year"."""
        subject = self.open.subject if self.open is not None else None
        if subject is not None:
            self._complete()
            self._start(item).subject = subject

    def _total(self, item: Item) -> None:
        """The same of a noun: "bringing its gain this week to 17%"."""
        subject = self.open.subject if self.open is not None else None
        if subject is not None and self._follows(item, "size", "bound"):
            self._complete()
            opened = self._start(item)
            opened.subject = subject
            opened.direction, opened.span = item.value
