"""Wann eine Meldung kam, und was aus ihr wurde."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

TIMES: Phrases = {
    "time.local": "{utc} ({time} {place})",
    "time.hour_unknown": "{date} {place}; die Stunde ist nicht bekannt",
    "time.in": "Ortszeit {city}",
    "time.between_hours": "zwischen {start} und {end} UTC",
    "time.on": "{date}, {time}",
    "time.about_hour": "gegen {time} UTC ({span})",
    "time.between": "zwischen {start} und {end}",
    "time.about": "gegen {time} ({span})",
    "time.span.month": "{first}. bis {last}. {last_month} {last_year}",
    "time.span.year": "{first}. {first_month} bis {last}. {last_month} {last_year}",
    "time.span.years": "{first}. {first_month} {first_year} bis {last}. {last_month} {last_year}",
    "time.two.month": "{first}. und {last}. {last_month} {last_year}",
    "time.two.year": "{first}. {first_month} und {last}. {last_month} {last_year}",
    "time.two.years": "{first}. {first_month} {first_year} und {last}. {last_month} {last_year}",
    "aside.called_off": "Am {date}: {reason}.",
    "aside.taken_out": "Am {date} aus den Läufen genommen: {reason}.",
    "aside.lost": "Seit {date} steht die Meldung nicht mehr in ihrer Quelle oder in den Einstellungen.",
    "aside.no_reason": "ohne Angabe von Gründen",
}
