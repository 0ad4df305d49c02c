"""Whose move a verb tells: the name before it, what a pronoun points to, or words that name nothing known."""

from __future__ import annotations

import re
from dataclasses import replace

from eventstudy.claims import cues
from eventstudy.claims.claim import Anchor, Bound, Minute, Point, Size, Span
from eventstudy.claims.items import Item
from eventstudy.claims.lexicon import ADVERBS, ASIDES
from eventstudy.claims.names import Mention
from eventstudy.claims.opened import Opened


class Sentence:
    """A sentence while it is read: `done` are its claims, and `subject` is what the next verb speaks of.

    Parameters
    ----------
    sentence : str
    subject : Mention or None
        What the sentence before spoke of, where this one only points to it.
    previous : Mention or None
        The same, whatever this one does.
    recent : dict
        The last name of each kind, for "the index" and "the metal"; brought up to date.
    """

    def __init__(
        self, sentence: str, subject: Mention | None, previous: Mention | None, recent: dict[str, Mention]
    ) -> None:
        self.sentence, self.subject, self.previous, self.recent = sentence, subject, previous, recent
        self.is_named = False  # whether this clause has named something already
        self.apposed: tuple[Mention | None, str] | None = None  # a subject that is being explained: "gold, a haven, …"
        self.done: list[Opened] = []
        self.open: Opened | None = None
        self.bound: tuple[Bound, int] | None = None
        self.waiting: tuple[Size, int] | None = None  # a size before its noun: "a 0.5% drop"
        self.is_negated = self.is_forecast = False
        self.is_of_another = False  # whether the forecast is of no price, and of a clause of its own: "will travel"
        self.clause = 0  # where the clause begins, or what was understood of it ends
        self.unknown = ""  # words in the place of a subject that name nothing known
        self.last, self.last_end = "", 0  # kind of the item before, and where it ended
        self.against: Mention | None = None  # "Against the yen, the dollar …"
        self.following: Item | None = None
        self.weekday: int | None = None
        self.whose_day: int | None = None  # "Monday's 12.4% plunge"
        self.span: Span = "day"  # "For the week, …"
        self.ahead: tuple[Minute | None, int] = (None, 0)  # a minute in front: "At 0915 GMT, Brent was down 2%"
        self.minute: Minute | None = None  # the same, once a name stands right behind it
        self.point: Point = ""  # "During the day, …", "briefly fell …"
        self.named: Mention | None = None  # the last name, whatever it is there for
        self.anchor: Anchor = ""
        self._name_start = self._name_end = 0
        self.is_strange = False  # "against the mark": the other side is nothing that is known
        self.doubts: list[str] = []  # of all that the sentence says: "Overnight, …", "Against the mark it …"
        self.is_outside = False  # "In after-hours trading, …"
        self.joined: tuple[Mention, ...] = ()  # names before the subject that share its verb: "the yen and the franc"
        self.joins = False  # whether the next name does
        self.aside = 0  # where a clause begins that is not the claim's own: "rose after the bank cut rates by 1%"
        self.skipped = 0  # where a detail of an aside ends
        self.passed = 0  # where a price ends that was not reached: "near the peak of …"
        self.utmost = 0  # "its weakest against the dollar", of which is not said yet since when

    def _complete(self) -> None:
        """The open claim is complete, if it says something."""
        if self.open is not None and self.open.says_something:
            if self.is_outside:
                self.open.troubles.append(cues.OUTSIDE)
                self.is_outside = False
            self.open.complete()
            self.done.append(self.open)
        self.open = self.waiting = None
        self.aside = 0

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
            point=before.point if before else self.point or ("traded" if self._is_last(item) else ""),
            minute=(before.minute if before else None) or self.minute,
            weekday=self.weekday if before is None or before.weekday is None else before.weekday,
            anchor=self.anchor,
            span=self.span,
            is_earlier=cues.EARLIER_THAN.search(self._before(item)) is not None,
            against=(before.against if before else None) or self.against or (subject.per if subject else None),
            is_negated=self.is_negated,
            is_forecast=self.is_forecast,
            troubles=list(self.doubts),
        )
        self.is_negated = self.is_forecast = False
        self.point = ""
        self.clause = item.end
        return self.open

    def _is_last(self, item: Item) -> bool:
        """Whether it was so when the text was written, at a time that it does not tell: "was last down 1.5%"."""
        return self._before(item).endswith(" last") or self.sentence.startswith(" last ", item.end)

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
        opened, is_of_it, self.is_named = self.open, self.is_named and self.subject is not None, True
        self._name_start, self._name_end = item.start, item.end
        if item.value.kind == "amount":
            self._coin(item)
            self.clause = item.end if self.open is not None else self.clause
            return
        self.recent[item.value.kind] = self.named = item.value
        if self.ahead[0] is not None and cues.RIGHT_BEHIND.fullmatch(self.sentence, self.ahead[1], item.start):
            self.minute = self.ahead[0]
        self.ahead = (None, 0)
        is_coin = self.last in ("number", "money") and item.start - self.last_end <= 1  # "to 131.76 yen"
        is_side = self.last == "against" and not self.is_strange
        if opened is None and is_side:
            self.against = item.value
        elif opened is None and cues.FOLLOWED.search(before):
            return  # "stocks tracked Wall Street lower"; "all sectors of the S&P 500 fell"
        elif opened is None and (self.apposed is not None or is_of_it) and cues.SIDE.search(before):
            pass  # "MicroStrategy, the largest holder of bitcoin, …"; "Axis Bank was the top gainer in the Sensex"
        elif opened is None:
            is_one_more = self.joins and self.last == "boundary" and self._is_plain(item, self.last_end)
            is_one_more = is_one_more and self.subject is not None and self.subject.key != item.value.key
            self.joined = (*self.joined, self.subject) if is_one_more and self.subject is not None else ()
            self.subject, self.unknown = item.value, ""
        elif is_coin:
            opened.against = opened.against or item.value
        elif is_side:
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
        subject = self.open.subject if self.open is not None else None
        if subject is not None and (subject.kind not in ("currency", "asset") or subject.key == item.value.key):
            return  # "133.4 yen per dollar" is of the yen
        is_unit = self.last == "against" or (self.last in ("number", "money") and item.start - self.last_end <= 1)
        if self.open is not None and is_unit and self.open.against is None:
            self.open.against, self.open.end = replace(item.value, kind="currency"), item.end

    def _subject_of(self, item: Item) -> tuple[Mention | None, str]:
        """Subject of a verb: the last name, or words that name nothing known."""
        is_this = cues.THIS_NAME.match(self.sentence, self._name_end)
        if self.named is not None and is_this and self._is_plain(item, is_this.end()):
            self.subject, self.unknown = self.named, ""  # "ahead of LVMH, which slipped 0.5%"
            return self.subject, ""
        if item.text.lower().endswith("ing"):
            stranger = cues.STRANGER.fullmatch(self.sentence, self.clause, item.start)
            if self.clause and stranger and not self._is_plain(item):
                self.unknown = stranger[1]  # "with NAB up 1.7%, CBA rising 1.2%"
                return None, self.unknown
            return self.subject, ""
        if self.open is not None and item.kind in cues.POINTS and self._before(item).endswith(" to"):
            return self.open.subject, self.open.unknown  # "rebounded from a low of 1,924 to trade 0.8% up"
        gap = self.sentence[self.clause : item.start]
        points = cues.POINTED.match(gap)
        kind = (
            cues.KINDS[(points[1] or points[2]).lower()]
            if points and self._is_plain(item, self.clause + points.end())
            else ""
        )
        if cues.IT.search(gap):
            self.subject, self.unknown = self.subject or self.previous, ""
        elif kind and (pointed := self._pointed_at(kind)):
            self.subject, self.unknown = pointed, ""
        elif not self._is_plain(item) and not (self.last == "name" and cues.WHERE.fullmatch(gap)):
            self.unknown = " ".join(cues.WORD.findall(gap))
        return (None, self.unknown) if self.unknown else (self.subject, "")

    def _pointed_at(self, kind: str) -> Mention | None:
        """What "the index" or "the company" is: the subject if it can be, else the last one named of its kind."""
        subject = self.subject or self.previous
        return subject if subject is not None and subject.kind in (kind, "asset") else self.recent.get(kind)

    def _boundary(self, item: Item) -> None:
        self.joins = item.text.lower() in (",", "and") and self.last == "name" and self._is_plain(item, self.last_end)
        if item.text == ",":
            self._comma(item)
            self.is_forecast &= not self.is_of_another
            self.aside = 0
        elif item.text.lower() in ASIDES:
            self.aside = item.end
        self.clause, self.is_named = item.end, False
        if item.text.lower() not in cues.NO_BREAK:
            self._complete()
        if item.text in (";", ":"):
            self.is_negated = self.is_forecast = False

    def _comma(self, item: Item) -> None:
        """A comma behind a subject opens what explains it, and the next one ends that: the subject stands again."""
        gap = self.sentence[self.clause : item.start]
        if self.open is not None and not self.open.says_something and self.open.unknown:
            self.open, self.unknown = None, ""  # "when the market opened, the peso …"
        is_behind_name = self.last == "name" and self._is_plain(item, self.last_end)
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
                self.joined = ()
            self.apposed = None
        elif self.open is None and (stranger := cues.STRANGER.fullmatch(gap)):
            self.apposed = (None, stranger[1])

    def _against(self, item: Item) -> None:
        """A name that follows is the other side of a rate; what nobody knows is another price than the dollar's."""
        self.is_strange = False
        if not cues.OTHER_SIDE.match(item.text) or self._follows_name(item):
            return
        is_of_dollar = self.subject is None or self.subject.key == "USD"
        if self.subject is not None and self.subject.kind != "currency":
            return
        if is_of_dollar and cues.PEERS.match(self.sentence, item.end):
            return
        word = cues.WORD.match(self.sentence, item.end)
        if word is None or (self.open is not None and self.open.against is not None):
            return
        self.is_strange = True
        trouble = f"\u201c{item.text}{word[0]}\u201d is no price that is known"
        if self.open is not None:
            self.open.troubles.append(trouble)
        else:
            self.doubts.append(trouble)

    def _follows_name(self, item: Item) -> bool:
        """Whether a name stands behind it, with no more than a word or two between: "against a stronger dollar"."""
        following = self.following
        if following is None or following.kind != "name":
            return False
        return cues.STRONGER.fullmatch(self.sentence, item.end, following.start) is not None

    def _is_plain(self, item: Item, start: int | None = None) -> bool:
        """Whether nothing stands between what was understood, or `start`, and an item that may be another subject."""
        gap = cues.WORD.findall(self.sentence[self.clause if start is None else start : item.start])
        return all(word.lower() in ADVERBS or word.lower().endswith("ly") or word == "'s" for word in gap)
