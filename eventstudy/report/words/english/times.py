"""When news came out, and what became of it."""

from __future__ import annotations

TIMES = {
    "time.local": "{utc} ({time} {place})",
    "time.hour_unknown": "{date} {place}; the hour is not known",
    "time.in": "in {city}",
    "time.between_hours": "between {start} and {end} UTC",
    "time.on": "{date}, {time}",
    "time.about_hour": "about {time} UTC ({span})",
    "time.between": "between {start} and {end}",
    "time.about": "about {time} ({span})",
    "time.span": "{start} to {end}",
    "time.span_of_two": "{start} and {end}",
    "time.day_month": "{day} {month}",
    "aside.called_off": "On {date} it was {reason}.",
    "aside.taken_out": "On {date} it was taken out of the passes: {reason}.",
    "aside.lost": "Its feed, or the settings, no longer have it since {date}.",
    "aside.no_reason": "no reason given",
}
