"""How far a move went, and to what price: the sizes and prices of a sentence."""

from __future__ import annotations

import re
from dataclasses import replace

from eventstudy.claims import cues
from eventstudy.claims.claim import DOWN, FLAT, UP, Bound, Level, Number, Size, Unit
from eventstudy.claims.items import Item
from eventstudy.claims.lexicon import CROSSES, forms
from eventstudy.claims.names import Mention
from eventstudy.claims.opened import Opened
from eventstudy.claims.times import Times

_ABOVE = forms(CROSSES)


class Amounts(Times):
    """Reads what a sentence says of sizes and prices."""

    def _size(self, item: Item) -> None:
        number, unit = self._counted_in_pence(item)
        bound, start = self.bound or ("exactly", item.start)
        self.bound = None
        opened = self.open
        size = Size(number=Number(value=abs(number.value), step=number.step), unit=unit, bound=bound)
        before = self._until(start)
        is_crossed = cues.crossed(self._before(item)) is not None
        is_across = unit == "price" and cues.ACROSS.search(self._before(item)) is not None
        if opened is not None and self._is_told_twice(opened, before, unit):
            opened.twin = replace(opened)  # "fell 43.6 points, or 1.1%": the same move, told twice
            self.done.append(opened.twin)
            opened.level = None
            opened.size, opened.start, opened.end = size, start, item.end
        elif opened is None and item.text[0] in "+-\u2212" and self._is_behind_name(start):
            new = self._start(item, "moved")  # "DXY +0.7%"
            new.size, new.direction = size, DOWN if number.value < 0 else UP
        elif self._is_verb_left_out(item):
            self._as_before(size, start, item)
        elif opened is not None and (is_across or self._is_price(unit, before, item)):  # "slipped to 66.70 US cents"
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
            opened.level, opened.end = self._crossed_by_verb(opened, Level(number=number, bound=bound)), item.end
        elif opened is None or opened.size is not None or self._follows(item, "gain", "loss", "up", "down"):
            self.waiting = (size, start)
        elif opened.level is None or self.last in ("higher", "lower") or self._follows(item, "higher", "lower"):
            opened.size, opened.end = size, item.end
            self._check_sign(opened, number, item)

    @staticmethod
    def _is_told_twice(opened: Opened, before: str, unit: str) -> bool:
        """Whether a size tells the same move again: "fell 43.6 points, or 1.1%", "jumped 634 points or 1 per cent"."""
        if opened.size is None or not before.endswith(" or") or (opened.level is not None and unit == "price"):
            return False
        return before.endswith(", or") or unit != opened.size.unit

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

    def _stands_at(self, item: Item) -> bool:
        """Whether a price has no verb of its own: "with the 10-year yield at 4.21 per cent, down 2 basis points"."""
        is_there = self.open is None and self.last == "name" and not self.unknown
        is_there = is_there and self.sentence[self.last_end : item.start].strip().lower() == "at"
        return is_there and cues.STANDS_AT.match(self.sentence, item.end) is not None

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
        is_there = is_there and not self._follows(item, "higher", "lower")
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
        if cues.YEAR.fullmatch(item.text.strip()) and not cues.TO.search(before):
            self.open.refuse_time(item.text)  # "ended 2023 up 24%"
        else:
            self._priced(item, before, bound)

    def _priced(self, item: Item, before: str, bound: Bound | None) -> None:
        """Take a number for what it is: a size in money, the price before, or the price now."""
        assert self.open is not None
        self._in_money_of(item)
        bound = "about" if cues.AREA.match(self.sentence, item.end) else bound
        opened, level = self.open, Level(number=item.value, bound=cues.crossed(before) or bound or "exactly")
        is_amount = self.last in ("higher", "lower", "up", "down")  # "settled down $1.73"
        is_at = (
            opened.direction == FLAT
            or cues.TO.search(before)
            or (opened.point in ("close", "traded", "touched") and not (opened.size or is_amount))
        )
        is_far = is_amount and opened.level is not None and not cues.FROM.search(before)  # "at $80.61, up $3.19"
        if (self._follows(item, "higher", "lower") or is_far) and opened.size is None and item.kind == "money":
            opened.size, opened.end = Size(number=item.value, unit="price", bound=bound or "exactly"), item.end
        elif cues.FROM.search(before):
            opened.start_from(level, before, item.end)
        elif (is_at or self.last == "extent") and not before.endswith(" by"):
            if opened.level is None and not cues.COUNTED.match(self.sentence, item.end):
                opened.level, opened.end = self._crossed_by_verb(opened, level), item.end
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

    @staticmethod
    def _crossed_by_verb(opened: Opened, level: Level) -> Level:
        """What "topped" says of a price."""
        is_above = level.bound == "exactly" and opened.verb.lower() in _ABOVE
        return replace(level, bound="more than") if is_above else level

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
