"""The method line of a study by the minute."""

from __future__ import annotations

from eventstudy.config.minutes import ClockStudyConfig


def method_line(settings: ClockStudyConfig, asset: str) -> str:
    """One sentence for the page; nothing that bears on the number is left out."""
    masked = "sessions with another event in the window passed over" if settings.mask_events else "no session masked"
    explained = f"; beside it, less what {', '.join(settings.explained_by)} did" if settings.explained_by else ""
    clock = "the venue's" if settings.clock == "venue" else "the announcement's"
    hours = ", trading before and after the ordinary hours included" if settings.extended else ""
    return (
        f"{asset}: log moves of {settings.bar} bars against the {settings.reference_sessions} latest earlier sessions "
        f"at the same time by {clock} clock (at least {settings.fewest_sessions}){hours}, each in units of how lively "
        f"the three hours before it were; {masked}; t law with 8 degrees of freedom, matched in variance, at the "
        f"{settings.alpha:.0%} level, Holm across the event's assets; placebo: the reference sessions{explained}."
    )
