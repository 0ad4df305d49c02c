"""The method line of a study by the minute."""

from __future__ import annotations

from eventstudy.config.minutes import ClockStudyConfig


def method_line(settings: ClockStudyConfig, asset: str) -> str:
    """One sentence for the page; nothing that bears on the number is left out."""
    masked = "sessions with another event in the window passed over" if settings.mask_events else "no session masked"
    same = "by the venue's clock" if settings.clock == "venue" else "by the announcement's clock"
    reference = f"the {settings.reference_sessions} latest earlier sessions at the same time {same}"
    law = f"t law with 8 degrees of freedom, matched in variance, at the {settings.alpha:.0%} level"
    clauses = [
        f"{asset}: log moves of {settings.bar} bars",
        f"reference: {reference}, at least {settings.fewest_sessions}",
        *(["trading before and after the ordinary hours included"] if settings.extended else []),
        *(["of a shut market, openings after as many days alone"] if settings.gap_class == "same" else []),
        *([f"news up to {settings.snap_seconds} seconds past the minute set to it"] if settings.snap_seconds else []),
        "each in units of how lively the three hours before it were",
        masked,
        f"{law}, Holm across the event's assets",
        "placebo: the reference sessions",
        *([f"beside it, less what {', '.join(settings.explained_by)} did"] if settings.explained_by else []),
    ]
    return f"{'; '.join(clauses)}."
