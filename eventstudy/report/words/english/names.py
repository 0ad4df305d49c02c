"""Names: verdicts, numbers, months and days."""

from __future__ import annotations

NAMES: dict[str, tuple[str, ...]] = {
    "numbers": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "months": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "short_months": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "weekdays": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

VERDICTS = {
    "verdict.strong": "Strong reaction",
    "verdict.moderate": "Moderate reaction",
    "verdict.weak": "Weak evidence",
    "verdict.none": "No detectable reaction",
    "verdict.confounded": "Unusual move, cause unclear",
    "verdict.not computable": "Not computable",
    "verdict.pending": "Too early to say",
    # of a window before the news, in which nothing can be a reaction
    "verdict.before.strong": "Strong move beforehand",
    "verdict.before.moderate": "Moderate move beforehand",
    "verdict.before.weak": "Weak evidence of a move beforehand",
    "verdict.before.none": "No detectable move beforehand",
}

FORMATS = {
    "list.and": "{first} and {last}",
    "list.comma": ", ",
    "list.others": "{n} others",
    "list.semicolon": "; ",
    "number.points": "{number} percentage points",
    "number.log_points": "{number} log points",
    "number.basis_points": "{number} basis points",
    "number.range": "{low} to {high}",
    "number.up_to": "up to {high}",
    "number.from": "from {low}",
    "number.of": "{n} of {total}",
    "number.p_below": "p\u00a0<\u00a0{p}",
    "number.p_is": "p\u00a0=\u00a0{p}",
    "date.day": "{day} {month} {year}",
    "date.short": "{day} {month} {year}",
    "date.day_month": "{day} {month}",
    "date.weekday": "{weekday} {date}",
    "date.moment": "{date}, {time} UTC",
}
