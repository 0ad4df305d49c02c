"""On which clock a city lives: by its own row in the table, else by the zone that is named after it."""

from __future__ import annotations

import functools
from zoneinfo import available_timezones

from eventstudy.gazetteer.tables import countries, rows

_AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@functools.cache
def cities() -> dict[str, str]:
    """Name of a city in lower case → IANA zone."""
    named = {
        zone.rpartition("/")[2].replace("_", " ").lower(): zone
        for zone in sorted(available_timezones())
        if zone.partition("/")[0] in _AREAS
    }
    return named | {row["city"].lower(): row["zone"] for row in rows("cities")}


def zone_of(place: str) -> str | None:
    """The zone of a city or a country as a dateline names it, in whatever case; None where it is not known."""
    name = place.strip().strip(".").lower()
    if name in cities():
        return cities()[name]
    return _of_countries().get(name)


@functools.cache
def _of_countries() -> dict[str, str]:
    """Name of a country in lower case → zone of its capital; of two with one name that of the first."""
    named = [(name.lower(), entry.zone) for entry in countries().values() if entry.zone for name in entry.names]
    return dict(reversed(named))
