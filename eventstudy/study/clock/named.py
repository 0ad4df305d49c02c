"""Windows by the names that other data sets gave them (methods-intraday, J)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from eventstudy.study.clock.windows import ClockWindow

MINUTE = 60_000_000_000  # nanoseconds
FRANKFURT = ZoneInfo("Europe/Berlin")
LATER = dt.date(2022, 7, 1)  # from when the ECB announces half an hour later

# Begin and end of both spans by Frankfurt's clock, in minutes of the day: until June 2022, and since.
_SPANS = {
    "release": ((13 * 60 + 25, 14 * 60), (13 * 60 + 55, 14 * 60 + 30)),
    "conference": ((14 * 60 + 15, 15 * 60 + 40), (14 * 60 + 30, 15 * 60 + 55)),
    "monetary-event": ((13 * 60 + 25, 15 * 60 + 40), (13 * 60 + 55, 15 * 60 + 55)),
}
APART = 60  # minutes before the first span: an announcement still earlier is none of the Governing Council's
SPAN = 10  # minutes whose closes the medians are of


@dataclass(frozen=True, slots=True)
class FrankfurtWindow:
    """A window of the euro-area monetary policy database, between medians of ten minutes by Frankfurt's clock.

    Attributes
    ----------
    part : str
        ``release``, ``conference`` or ``monetary-event``.
    """

    part: str

    @property
    def bounds(self) -> tuple[str, str]:
        """What stands for both ends while no announcement is at hand."""
        return "ea-mpd", self.part

    @property
    def label(self) -> str:
        """The window as printed."""
        return f"[{','.join(self.bounds)}]"

    def at(self, instant: int) -> ClockWindow:
        """The window of an announcement at `instant`, UTC nanoseconds, in minutes about it."""
        shown = dt.datetime.fromtimestamp(instant // 1_000_000_000, tz=dt.UTC).astimezone(FRANKFURT)
        first, last = _SPANS[self.part][shown.date() >= LATER]
        minute = shown.hour * 60 + shown.minute
        a, d = first - minute, last - minute
        begins, ends = _SPANS["monetary-event"][shown.date() >= LATER]
        is_apart = not begins - APART <= minute <= ends + SPAN
        return ClockWindow(a, d + SPAN, (a + SPAN, d), name=f"ea-mpd {self.part}", is_apart=is_apart)


EA_MPD = tuple(FrankfurtWindow(part) for part in _SPANS)
NAMED: dict[str, tuple[ClockWindow | FrankfurtWindow, ...]] = {
    "statement": (ClockWindow(-10, 20, name="statement"),),
    "press-conference": (ClockWindow(-10, 60, name="press-conference"),),
    "median": (ClockWindow(-20, 20, (-10, 10), "median"),),
    "ea-mpd": EA_MPD,
    **{f"ea-mpd-{window.part}": (window,) for window in EA_MPD},
}
