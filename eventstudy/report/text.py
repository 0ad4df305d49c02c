"""All formatting of numbers, times and names. Decimals become percent here and nowhere else."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

MINUS = "\u2212"
THIN = "\u202f"

VERDICT_WORDS = {
    "strong": "Strong reaction",
    "moderate": "Moderate reaction",
    "weak": "Weak evidence",
    "none": "No detectable reaction",
    "confounded": "Unusual move, cause unclear",
    "not computable": "Not computable",
}
VERDICT_MARKS = {
    "strong": "\u25cf",
    "moderate": "\u25d5",
    "weak": "\u25d4",
    "none": "\u25cb",
    "confounded": "\u25c7",
    "not computable": "\u2013",
}


def percent(value: float | None, *, signed: bool = True, digits: int | None = None) -> str:
    """A decimal return as percent: 0.01 is ``+1.00 %``; an en dash for None."""
    if value is None:
        return "\u2013"
    scaled = value * 100.0
    places = digits if digits is not None else (3 if abs(scaled) < 1 else 2 if abs(scaled) < 10 else 1)
    shown = f"{abs(scaled):.{places}f}"
    is_zero = float(shown) == 0
    sign = "" if is_zero or not signed else "+" if scaled > 0 else MINUS
    return f"{sign}{shown}{THIN}%"


def spoken_percent(value: float) -> str:
    """The size of a move as a sentence says it: two digits behind the point, one from ten percent on."""
    return percent(value, signed=False, digits=1 if abs(value) >= 0.1 else 2)


def interval(low: float | None, high: float | None) -> str:
    """A confidence interval."""
    if low is None or high is None:
        return "\u2013"
    places = 2 if max(abs(low), abs(high)) < 0.1 else 1
    return f"{percent(low, digits=places).removesuffix(f'{THIN}%')} to {percent(high, digits=places)}"


def statistic(value: float | None) -> str:
    """A t statistic or the like, two digits behind the point."""
    if value is None:
        return "\u2013"
    places = 2 if abs(value) < 100 else 0
    return f"{value:.{places}f}".replace("-", MINUS)


def p_value(value: float | None) -> str:
    """A p-value: three digits, ``<0.001`` below."""
    if value is None:
        return "\u2013"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def p_phrase(value: float) -> str:
    """``p = 0.79`` or ``p < 0.001``."""
    return "p\u00a0<\u00a00.001" if value < 0.001 else f"p\u00a0=\u00a0{value:.2f}" if value >= 0.1 else f"p\u00a0=\u00a0{value:.3f}"


def price(value: float | None) -> str:
    """A price with six significant digits."""
    return "\u2013" if value is None else f"{value:.6g}"


def day(value: str | dt.date, *, weekday: bool = False) -> str:
    """``17 March 2023`` or ``Friday 17 March 2023``."""
    date = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    plain = f"{date.day} {date:%B %Y}"
    return f"{date:%A} {plain}" if weekday else plain


def short_day(value: str) -> str:
    """``17 Mar 2023``."""
    date = dt.date.fromisoformat(value)
    return f"{date.day} {date:%b %Y}"


def moment(value: str) -> str:
    """A stored UTC instant as ``17 March 2023, 07:00 UTC``."""
    when = dt.datetime.fromisoformat(value)
    return f"{day(when.date())}, {when:%H:%M} UTC"


def announced(event: dict[str, str]) -> str:
    """When the news came out, as exactly as it is known."""
    start, end = (dt.datetime.fromisoformat(event[k]) for k in ("earliest", "latest"))
    if start == end:
        return moment(event["announced_at"])
    if start.date() == end.date():
        span = f"between {start:%H:%M} and {end:%H:%M} UTC"
        is_stated = event["announced_at"] != event["earliest"]
        about = f"about {event['announced_at'][11:16]} UTC ({span})" if is_stated else span
        return f"{day(start.date())}, {about}"
    if event["zone"]:
        return f"{day(local_date(event))} in {place(event['zone'])}; the hour is not known"
    return f"between {moment(event['earliest'])} and {moment(event['latest'])}"


def local_date(event: dict[str, str]) -> dt.date:
    """Date of the announcement where it was made."""
    when = dt.datetime.fromisoformat(event["announced_at"])
    return when.astimezone(ZoneInfo(event["zone"] or "UTC")).date()


def place(zone: str) -> str:
    """``Asia/Shanghai`` as ``Shanghai``."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def capital(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
