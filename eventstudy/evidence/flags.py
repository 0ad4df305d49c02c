"""What can be wrong with a bar: the one list of flags, their words, and which of them put a price in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

IN_DOUBT = "price in doubt"  # how the reason begins why there is no verdict

# in doubt: no verdict rests on the price until it is mended, or a person confirms it; left out: it is no price, or the
# return that it would make is none of one session; noted: said, and used
Weight = Literal["in doubt", "left out", "noted"]

WITHDRAWN = "withdrawn"
TAKEN_BACK = "taken-back"
REPLACED = "replaced"
VENUE = "venue"
MISPLACED = "misplaced"
FLAGS: dict[str, tuple[str, Weight]] = {
    "not-positive": ("price of zero or less", "left out"),
    "infinite": ("infinite price", "left out"),
    "range": ("close outside the low and high of its bar", "in doubt"),
    "tenfold": ("price ten times or more away from those before and after it", "in doubt"),
    "level": ("lasting jump by ten times or more, as of a change of unit", "in doubt"),
    "reversal": ("jump that the next bar takes back", "in doubt"),
    "excursion": ("prices at another level, from a jump to another that takes it back", "in doubt"),
    "adjusted": ("adjusted close that contradicts close and dividends", "in doubt"),
    "dividend": ("dividend that the price did not follow", "in doubt"),
    "dividend-again": ("dividend that was paid already", "in doubt"),
    "split-not-applied": ("split that the prices before it do not show", "in doubt"),
    "split-twice": ("split that the prices before it show twice", "in doubt"),
    "currency": ("change of currency", "in doubt"),
    VENUE: ("another venue", "in doubt"),
    "live": ("price that was taken long before its session closed", "in doubt"),
    "repeated": ("bar that repeats the one before it to the last digit", "in doubt"),
    "untraded": ("day without trade that repeats the close before", "in doubt"),
    "unmoved": ("day on which no price of the table moved", "in doubt"),
    MISPLACED: ("week whose dates seem to be a day off", "in doubt"),
    "scale": ("return a hundred times as small as those beside it, as of another unit", "in doubt"),
    "frozen": ("price that stands still as it never does otherwise", "in doubt"),
    REPLACED: ("another history than the one that the source gave before", "in doubt"),
    TAKEN_BACK: ("bar of an answer that the source has taken back", "left out"),
    "gap": ("first bar after a long time without any", "left out"),
    "stale": ("price that does not move", "noted"),
    "factor": ("lasting jump by a round factor, as of a split that nobody announced", "noted"),
    "quotes": ("open, high and low that contradict each other", "noted"),
    "negative-dividend": ("negative dividend, not counted", "noted"),
    "large-dividend": ("dividend of more than half the price", "noted"),
    "off-session": ("bar outside the trading hours", "noted"),
    "no-session": ("bar on a day that the calendar holds closed", "noted"),
    "no-bar": ("session without a bar", "noted"),
    "duplicate": ("bar that came more than once", "noted"),
    "unsorted": ("bar that came out of order", "noted"),
    WITHDRAWN: ("bar that the source no longer has", "noted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that looks wrong with one bar.

    Attributes
    ----------
    label : int
        Of the bar: seconds since 1970 of its start; see `eventstudy.archive.bars.Bars.labels`.
    session : numpy.datetime64
    rule : str
        A key of `FLAGS`.
    detail : str
        The numbers.
    since : int
        Label of the first bar of the stretch that the rule flags for one reason; `label` where it is one bar.
    confirmed : str
        Who confirmed the price, when and why; empty when nobody did.
    """

    label: int
    session: np.datetime64
    rule: str
    detail: str
    since: int
    confirmed: str = ""

    @property
    def is_doubt(self) -> bool:
        """Whether no verdict may rest on the price."""
        return FLAGS[self.rule][1] == "in doubt" and not self.confirmed

    @property
    def removes(self) -> bool:
        """Whether the price is taken out of what is studied."""
        return self.is_doubt or FLAGS[self.rule][1] == "left out"

    @property
    def text(self) -> str:
        """The flag in words, with what was done about it."""
        fate = f"; {self.confirmed}" if self.confirmed else "; left out" if self.removes else ""
        return f"{self.what}{fate}"

    @property
    def what(self) -> str:
        """The flag in words."""
        return f"{FLAGS[self.rule][0]} on {self.session} ({self.detail})"


def doubts_of(asset: str, flags: Iterable[Flag], remedy: str) -> tuple[tuple[np.datetime64, str], ...]:
    """Session and words of every bar of an asset that is in doubt, oldest first.

    Parameters
    ----------
    asset : str
    flags : iterable of Flag
    remedy : str
        How a person confirms a price, with ``{asset}`` and ``{session}``.
    """
    by_label: dict[int, list[Flag]] = {}
    for flag in flags:
        if flag.is_doubt:
            by_label.setdefault(flag.label, []).append(flag)
    out = []
    for _, own in sorted(by_label.items()):
        more = "".join(f", and {FLAGS[rule][0]}" for rule in dict.fromkeys(flag.rule for flag in own[1:]))
        ways = f"mend it at its source, or confirm it: {remedy.format(asset=asset, session=own[0].session)}"
        out.append((own[0].session, f"{asset}: {own[0].what}{more}; {ways}"))
    return tuple(out)
