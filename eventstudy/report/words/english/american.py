"""English as in New York: what differs from London's."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.report.words.english import BRITISH, CURRENCIES, PHRASES
from eventstudy.report.words.language import Phrases

_DATES = {
    "date.day": "{month} {day}, {year}",
    "date.short": "{month} {day}, {year}",
    "date.day_month": "{month} {day}",
    "date.weekday": "{weekday}, {date}",
    "time.span.month": "{last_month} {first} to {last}, {last_year}",
    "time.span.year": "{first_month} {first} to {last_month} {last}, {last_year}",
    "time.span.years": "{first_month} {first}, {first_year}, to {last_month} {last}, {last_year}",
    "time.two.month": "{last_month} {first} and {last}, {last_year}",
    "time.two.year": "{first_month} {first} and {last_month} {last}, {last_year}",
    "time.two.years": "{first_month} {first}, {first_year}, and {last_month} {last}, {last_year}",
}
_SPELLING: Phrases = {
    "clock.volatility": "Realized volatility in {window}: placebo p {p}.",
    "study.both_ways": (
        "No common direction, but {n} of {total} reacted: {rose} upward, {fell} downward.",
        "No common direction, but {n} of {total} reacted: {rose} upward, {fell} downward.",
    ),
}
_CURRENCIES = {**CURRENCIES, "RUB": "the Russian ruble"}

AMERICAN = replace(
    BRITISH,
    code="en-US",
    phrases={**PHRASES, **_DATES, **_SPELLING},
    currencies=_CURRENCIES,
    counterparts=_CURRENCIES,
    titles={"the US dollar against the Russian rouble": "the US dollar against the Russian ruble"},
    percent="%",
)
