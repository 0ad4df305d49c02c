"""Superlatives: the largest move, or the highest price, since when."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.claims import cues
from eventstudy.claims.amounts import Amounts
from eventstudy.claims.claim import DOWN, UP, Span, Superlative
from eventstudy.claims.items import Item
from eventstudy.claims.opened import Opened


class Ranks(Amounts):
    """Reads what a sentence says to be the largest or the lowest."""

    def _biggest(self, item: Item) -> None:
        direction, scope, since = item.value
        if not since and cues.AMONG.match(self.sentence, item.end):
            return  # "the biggest gain in the index": among others, not since
        if cues.ONE_OF_MANY.match(self.sentence, item.end) or cues.WORTH.search(self._before(item)):
            return  # "wiping $279bn off its market value, the largest one-day drop ever for a US company"
        opened = self._superlative(item)
        direction = opened.direction if direction is None and opened is not None else direction
        if opened is None or not direction:
            return
        span: Span = (
            "week" if "week" in scope else "month" if "month" in scope else "year" if "year" in scope else "day"
        )
        opened.superlative = Superlative(of="move", direction=direction, since=since, span=span)
        opened.turn(direction, item.text)
        if self._before(item).endswith(("both", "both their")) and self.done and self.done[-1].direction == direction:
            self.done[-1].superlative = opened.superlative

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
        if of in ("closing", "close", "closing level", "settlement", "finish"):
            opened.point = "close"
        elif of == "intraday":
            opened.point = "touched"

    def _record(self, item: Item) -> None:
        """A record that is told with its price, or alone: "to a record $474.99", "closed at a record"."""
        opened = self.open
        is_down = opened is not None and opened.direction == DOWN
        if opened is not None and opened.superlative is not None:
            return
        self._extreme(replace(item, value=(DOWN if is_down else UP, item.value, "ever")))

    def _superlative(self, item: Item) -> Opened | None:
        """The claim that a superlative belongs to: the one before it, or one of its own."""
        opened = self.open
        if cues.OF_BEFORE.search(self._before(item)):
            return None  # "a day after its worst day since 1987"
        is_and = self.last == "boundary" and cues.AND.search(self.sentence[: self.clause]) is not None
        if opened is not None and is_and and not self._is_plain(item):
            return None  # "the peso fell 4% and stocks had their worst day since 2020"
        if opened is None or opened.superlative is not None or self.is_forecast:
            if self._subject_of(item) == (None, ""):
                return None
            opened = self._start(item, "superlative")
        opened.end = item.end
        return opened

    def _first_time(self, item: Item) -> None:
        """Understand "fell below 80 for the first time since March" as the lowest since then.

        And "to a level not seen since March" too, which tells no level.
        """
        opened, is_level = self.open, "seen" in item.text.lower()
        if opened is None or opened.superlative is not None or (opened.level is None and not is_level):
            self._other_time(item)
            return
        crossed = {"more than": UP, "less than": DOWN}.get(opened.level.bound) if opened.level is not None else None
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
