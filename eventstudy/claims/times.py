"""When a claim was so, and whether it was: its minute, day and span, what came before it, "not" and "may"."""

from __future__ import annotations

import re
from dataclasses import replace

from eventstudy.claims import cues
from eventstudy.claims.claim import Anchor, Superlative
from eventstudy.claims.items import Item
from eventstudy.claims.opened import no_move_over
from eventstudy.claims.subjects import Sentence


class Times(Sentence):
    """Reads what a sentence says of times."""

    def _minute(self, item: Item) -> None:
        if cues.ISSUED.search(self.sentence[self.clause : item.start]):
            return
        if self.open is None:
            self.ahead = (item.value, item.end)
        elif self.open.minute in (None, self.minute):
            self.open.minute, self.open.end = item.value, item.end

    def _weekday(self, item: Item) -> None:
        if self.last == "ahead":
            return  # "before the meeting on Wednesday"
        if self._is_base_day(item):
            return  # "up 1.5 percent from Thursday", "from 4.149% Wednesday"
        if self.open is None:
            self.weekday = item.value
            self.clause = item.end
        elif (self.open.before is None or self.last == "minute") and self.open.weekday in (
            None,
            self.weekday,
        ):  # else of the price before
            self.open.weekday, self.open.end = item.value, item.end

    def _is_base_day(self, item: Item) -> bool:
        """Whether a day is that of the price before."""
        opened = self.open
        is_of_price = opened is not None and opened.before is not None and self.last != "minute"
        before = self._before(item)
        if opened is None or not (is_of_price or before.endswith(("from", "with"))) or before.endswith(cues.LEFT):
            return False
        opened.counted_from = item.value
        return True

    def _whose_day(self, item: Item) -> None:
        if self._is_base_day(item):
            return
        self.whose_day = item.value
        if self.open is None:
            self.clause = item.end

    def _span(self, item: Item) -> None:
        """Over what a move is; in front of it, "For the week, the Dow gained 1.4%", that of all that follow."""
        if self.open is None and item.text.lower().endswith("ly"):
            return
        is_next = self._before(item).endswith((" and", " but", ";")) and self._is_in_front()
        if self.open is not None and not is_next:
            self.open.span, self.open.end = cues.SPANS[item.kind], item.end
            return
        self._complete()
        self.span = cues.SPANS[item.kind]
        self.clause = item.end

    def _is_in_front(self) -> bool:
        """Whether what is said of a time stands behind it: "and for the week the index lost 2%"."""
        following = self.following
        return following is not None and (following.kind in ("name", *cues.VERBS) or following.text == ",")

    _week = _month = _year = _day = _span

    def _at_close(self, _item: Item) -> None:
        """A price of a list that is the last of its day: "UP 0.4 percent at 8,040.12 (close)"."""
        if self.open is not None:
            self.open.point = "close"

    def _weekly(self, item: Item) -> None:
        """Of a noun: it is that of the claim only where the claim is about the noun, "pared its weekly gain"."""
        if self.open is not None and self.open.course and self.open.direction is None:
            self.open.span = "week" if item.value == "weekly" else "month" if item.value == "monthly" else "year"

    def _in_age(self, item: Item) -> None:
        """Since when a superlative counts, "its biggest fall against the yen in 25 years"; else a time of no move."""
        opened = self.open
        if opened is not None and opened.superlative is not None and not opened.superlative.since:
            opened.superlative, opened.end = replace(opened.superlative, since=item.value), item.end
        elif not item.text.lower().startswith(("in a ", "in an ")):
            self._other_time(item)

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
        elif self.open is None and not self.done:
            self.doubts.append(no_move_over(item.text))
            self.clause = item.end

    def _day_before(self, item: Item) -> None:
        """Of another day than the rest: "having fallen 8.8% the day before"; of a price it is the usual one."""
        opened = self.open
        is_base = self._before(item).endswith(("from", "on", "over"))
        if opened is not None and opened.says_something and opened.before is None and not is_base:
            opened.refuse_time(item.text)

    def _within(self, item: Item) -> None:
        is_ahead = self._follows(item, *cues.VERBS)  # "briefly fell", "earlier touched"
        if self.open is None or (is_ahead and self.open.says_something):
            self.point = "touched"
            self.clause = item.end if self._is_plain(item) else self.clause
        elif self.open.point in ("", "traded"):
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
        self.clause = self.aside = item.end  # "after data showed wages grew 7.3%"

    _ahead = _after

    def _streak(self, item: Item) -> None:
        """Of several days, and of no move: "ending a five-day losing streak"."""
        self.clause = item.end

    def _negation(self, _item: Item) -> None:
        self.is_negated = True

    def _forecast(self, item: Item) -> None:
        results = ("close", "traded", *(("touched",) if self.open is not None and self.open.says_something else ()))
        if item.text.lower() == "to":
            is_past = re.search(r"\b(?:continued|began|started|went on|course)$", self._before(item))
            # "fell 2% to settle at 73" is no forecast either
            if self._follows(item, *cues.VERBS) and not (is_past or self._follows(item, *results)):
                self.is_forecast, self.is_of_another = True, False
        else:
            self.is_forecast = True
            verb, following = cues.OF_MODAL.match(self.sentence, item.end), self.following
            is_own = verb is None or (following is not None and following.start <= verb.start(1))
            if following is not None and following.kind in (*cues.COURSES, "lifts", "drags"):
                is_own = cues.OBJECT.match(self.sentence, following.end) is not None  # "cut losses", not "cut jobs"
            is_inside = bool(self.done) or self.open is not None or cues.WHICH.search(self._before(item)) is not None
            self.is_of_another = not is_own and is_inside
