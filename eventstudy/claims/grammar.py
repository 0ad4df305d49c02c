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
)
from eventstudy.claims.clock import read_minute
from eventstudy.claims.items import Item, items
from eventstudy.claims.lexicon import GAINS, LOSSES
from eventstudy.claims.names import Finder, Mention
from eventstudy.claims.opened import COUNTING, OF_WHICH_DAY, Opened
from eventstudy.claims.ranks import Ranks
from eventstudy.claims.sentences import plain, sentences

_PART_OF = re.compile(r"\b(?:some|part|most|much|half) of (?:its|their|the|\w+day's)(?: [\d.,]+(?:%| per ?cent))?$")


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
        is_same = cues.PRONOUN.match(sentence) is not None or _opens_with_verb(sentence)
        is_same |= subject is not None and subject.kind == "commodity" and cues.PRICES.match(sentence) is not None
        reader = _Reader(sentence, subject if is_same else None, subject, recent)
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


def _one_behind_the_other(found: Sequence[Item], sentence: str) -> list[tuple[Size, Item]]:
    """The sizes of a clause that follow each other with no more between than a comma, "and" and a bound."""
    out: list[tuple[Size, Item]] = []
    told = [item for item in found if item.kind in ("size", "bound")]
    bound: Item | None = None
    for item in told:
        if item.kind == "bound":
            bound = item
            continue
        start = bound.start if bound is not None and item.start - bound.end < 2 else item.start
        if out and not cues.MORE_SIZES.fullmatch(sentence, out[-1][1].end, start):
            break
        number, unit = item.value
        size = Size(
            number=Number(value=abs(number.value), step=number.step),
            unit=unit,
            bound=bound.value if bound is not None and start == bound.start else "exactly",
        )
        out.append((size, item))
        bound = None
    return out


def _opens_with_verb(sentence: str) -> bool:
    """Whether a sentence leaves its subject out: "Fell as much as 0.5%"."""
    first = next(iter(items(sentence, (), 0)), None)
    return first is not None and first.start == 0 and first.kind in cues.VERBS


class _Reader(Ranks):
    """Reads the items of one sentence."""

    def read(self, found: Sequence[Item]) -> None:
        """Take the items in."""
        for item, self.following in zip(found, [*found[1:], None], strict=False):
            is_plain = self._is_plain(item)
            is_aside = self.aside and not self._is_plain(item, self.aside)
            is_aside = is_aside and (self.open is None or self.open.start < self.aside)
            if not (item.kind in cues.DETAILS and is_aside):
                self._take(item)
            else:
                self.skipped = item.end
            self.last, self.last_end = item.kind, item.end
            if is_plain:
                self.clause = max(self.clause, item.end)
        self._complete()
        self._share_out(found)
        self._carry()
        for opened in self.done:
            if opened.also and opened.level is not None and opened.level.bound in ("exactly", "about"):
                opened.troubles.append("one price is told of several names")

    def _take(self, item: Item) -> None:
        """Take one item in."""
        is_number = item.kind in ("size", "money", "number")
        if is_number and cues.AWAY.search(self._before(item)):
            self.bound = None
        elif is_number and self._stands_at(item):
            number = item.value[0] if item.kind == "size" else item.value
            self._start(item, "at").level = Level(number=number)
        elif not self._is_of_aside(item):
            getattr(self, f"_{item.kind}", self._verb)(item)

    def _share_out(self, found: Sequence[Item]) -> None:
        """As many sizes as names, one behind the other, are one for each: "A, B and C gained 1%, 2% and 3%"."""
        out: list[Opened] = []
        for opened, after in zip(self.done, [*self.done[1:], None], strict=False):
            end = after.start if after is not None else len(self.sentence)
            run = _one_behind_the_other([i for i in found if opened.start <= i.start < end], self.sentence)
            names = (*opened.also, opened.subject)
            if len(names) == len(run) > 1:
                for name, (size, item) in zip(names, run, strict=True):
                    start, last = (opened.start, item.end) if item is run[0][1] else (item.start, item.end)
                    out.append(replace(opened, subject=name, also=(), size=size, start=start, end=last))
                continue
            if (len(run) > 1 or cues.EACH.search(self.sentence)) and opened.also:
                opened.also = ()
                opened.troubles.append("each name has a number of its own, and which is not clear")
            out.append(opened)
        self.done = out

    def _is_of_aside(self, item: Item) -> bool:
        """Whether a superlative is of an aside: "after it raised rates by 1%, its biggest move since 1998"."""
        is_superlative = item.kind in ("biggest", "extreme", "most")
        gap = self.sentence[self.skipped : item.start]
        return is_superlative and bool(self.skipped) and re.fullmatch(r",? (?:its|their|the)? ?", gap) is not None

    def _carry(self) -> None:
        """A rate and a time outside of the session stay in a sentence: "fell to 120.25 yen, after touching 119.90".

        And what is added to a forecast is one: "may fall, losing as much as 2%".
        """
        for before, opened in pairwise(self.done):
            is_added = cues.ADDED.fullmatch(self.sentence, before.end, opened.start) is not None
            opened.is_forecast |= before.is_forecast and is_added and opened.verb.lower().endswith("ing")
            is_untold = opened.span == "day" and not (opened.point or opened.minute or opened.weekday is not None)
            if cues.OUTSIDE in before.troubles and is_untold:
                opened.troubles.append(cues.OUTSIDE)  # "fell 3.7% after hours, while Beta rose 6%"
            is_same = before.subject is opened.subject and opened.against is None
            is_listed = cues.ONE_MORE.fullmatch(self.sentence, before.end, opened.start) is not None
            if is_untold and is_listed and opened.level is None and opened.course == "":
                opened.span = before.span  # "the Dow lost 1% for the week, the S&P 500 2%"
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
        elif item.text.lower() in COUNTING and not self._follows(item, *cues.PRICED):
            self.clause = item.end  # "adding that it would wait"
        elif item.kind == "close" and self._is_result(item):
            assert self.open is not None
            self.open.point, self.open.end = "close", item.end  # "rose $1.34 to settle at $70.56"
        elif item.kind not in cues.COURSES or cues.OBJECT.match(self.sentence, item.end):
            opened = self._start(item)
            opened.point = cues.POINTS.get(item.kind, opened.point)
            opened.course = cues.COURSES.get(item.kind, "")
            opened.direction = item.value

    def _is_result(self, item: Item) -> bool:
        """Whether a close is what a move came to, and tells no move of its own."""
        opened = self.open
        if opened is None or not opened.direction or opened.size is None or opened.level is not None:
            return False
        is_of_day = opened.point == "" and opened.size.bound != "as much as" and self._before(item).endswith(" to")
        return is_of_day and (
            not self._follows(item, *cues.RESULTS) or cues.AT.match(self.sentence, item.end) is not None
        )

    def _at_clock(self, item: Item) -> None:
        """Take "fell 2% at the close" for a move of closes; "by the close" and "since the open" are times."""
        before = self._before(item)
        if self.open is None or not self.open.says_something or cues.FROM_CLOSE.search(before):
            return
        if before.endswith(("at the", "by the")):
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
        opened, waiting, weekday = self.open, self.waiting, self.whose_day
        self.whose_day = None
        if cues.NOT_OF_PRICES.match(self.sentence, item.end):
            self.waiting = None
            return
        if opened is not None and opened.course and opened.direction is None:
            opened.direction, opened.end = item.value, item.end
            is_part = _PART_OF.search(self._before(item))
            opened.course = "pared" if opened.course == "erased" and is_part else opened.course
            if weekday is not None and opened.course != "extended":
                opened.troubles.append(OF_WHICH_DAY)
            # "recouped most of Monday's 12.4% plunge" tells two moves
            waiting = waiting if weekday is not None else None
        elif not cues.OF.match(self.sentence, item.end) and waiting is None:
            return
        else:
            opened = None
        if opened is None or waiting is not None:
            subject = self.subject
            point = self.open.point if self.open is not None and not self.open.says_something else ""
            self._complete()
            new = self._start(item, "noun")
            new.subject, new.direction, new.is_earlier = subject, item.value, False
            if cues.LED.search(self._until(waiting[1] if waiting else item.start)):
                new.subject, new.unknown = None, "what led them"  # "lower, led by a 3.3% drop in financials"
            new.point = new.point or point  # "closed with a gain of 1.55 percent"
            new.weekday = weekday if weekday is not None else new.weekday
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
