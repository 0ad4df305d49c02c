"""English as in London: the phrases of every page, and the names of things."""

from __future__ import annotations

from eventstudy.report.words.english.answer import ANSWER
from eventstudy.report.words.english.claims import CLAIMS
from eventstudy.report.words.english.clock import CLOCK
from eventstudy.report.words.english.digest import DIGEST
from eventstudy.report.words.english.figures import FIGURES
from eventstudy.report.words.english.forms import FORMS
from eventstudy.report.words.english.looked import LOOKED
from eventstudy.report.words.english.names import FORMATS, NAMES, VERDICTS
from eventstudy.report.words.english.names_of_assets import CURRENCIES, INDICES, PLURALS
from eventstudy.report.words.english.page import PAGE
from eventstudy.report.words.english.plan import PLAN
from eventstudy.report.words.english.study import STUDY
from eventstudy.report.words.english.times import TIMES
from eventstudy.report.words.language import Language

PHRASES: dict[str, str | tuple[str, str]] = {
    **FORMATS,
    **VERDICTS,
    **TIMES,
    **ANSWER,
    **STUDY,
    **FIGURES,
    **PAGE,
    **DIGEST,
    **CLOCK,
    **CLAIMS,
    **FORMS,
    **LOOKED,
    **PLAN,
}

BRITISH = Language(
    code="en-GB",
    phrases=PHRASES,
    names=NAMES,
    currencies=CURRENCIES,
    counterparts=CURRENCIES,
    indices=INDICES,
    plurals=PLURALS,
)

__all__ = ["BRITISH", "CURRENCIES", "INDICES", "NAMES", "PHRASES", "PLURALS"]
