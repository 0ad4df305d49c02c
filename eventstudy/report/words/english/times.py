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
    "time.span.month": "{first} to {last} {last_month} {last_year}",
    "time.span.year": "{first} {first_month} to {last} {last_month} {last_year}",
    "time.span.years": "{first} {first_month} {first_year} to {last} {last_month} {last_year}",
    "time.two.month": "{first} and {last} {last_month} {last_year}",
    "time.two.year": "{first} {first_month} and {last} {last_month} {last_year}",
    "time.two.years": "{first} {first_month} {first_year} and {last} {last_month} {last_year}",
    "aside.called_off": "On {date} it was {reason}.",
    "aside.taken_out": "On {date} it was taken out of the passes: {reason}.",
    "aside.lost": "Its feed, or the settings, no longer have it since {date}.",
    "aside.no_reason": "no reason given",
}
