"""Namen: Urteile, Zahlen, Monate und Tage."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

NAMES: dict[str, tuple[str, ...]] = {
    "numbers": ("kein", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
    "months": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    "short_months": (
        *("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni"),
        *("Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    ),
    "weekdays": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}

VERDICTS: Phrases = {
    "verdict.strong": "Starke Reaktion",
    "verdict.moderate": "Mäßige Reaktion",
    "verdict.weak": "Schwaches Anzeichen",
    "verdict.none": "Keine erkennbare Reaktion",
    "verdict.confounded": "Ungewöhnliche Bewegung, Ursache unklar",
    "verdict.not computable": "Nicht berechenbar",
    "verdict.pending": "Noch zu früh für eine Aussage",
    "verdict.before.strong": "Starke Bewegung im Vorfeld",
    "verdict.before.moderate": "Mäßige Bewegung im Vorfeld",
    "verdict.before.weak": "Schwaches Anzeichen einer Bewegung im Vorfeld",
    "verdict.before.none": "Keine erkennbare Bewegung im Vorfeld",
}

FORMATS: Phrases = {
    "list.and": "{first} und {last}",
    "list.comma": ", ",
    "list.others": "{n} weitere",
    "list.semicolon": "; ",
    "number.points": "{number} Prozentpunkte",
    "number.log_points": "{number} Log-Punkte",
    "number.basis_points": "{number} Basispunkte",
    "number.range": "{low} bis {high}",
    "number.up_to": "bis {high}",
    "number.from": "ab {low}",
    "number.of": "{n} von {total}",
    "number.p_below": "p\u00a0<\u00a0{p}",
    "number.p_is": "p\u00a0=\u00a0{p}",
    "date.day": "{day}. {month} {year}",
    "date.short": "{day}. {month} {year}",
    "date.day_month": "{day}. {month}",
    "date.weekday": "{weekday}, {date}",
    "date.moment": "{date}, {time} UTC",
}
