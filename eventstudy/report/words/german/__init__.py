"""German: the page of an announcement and its sentences. What has no German phrase yet is said in English."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.report.words.english import BRITISH, PHRASES
from eventstudy.report.words.german.answer import ANSWER
from eventstudy.report.words.german.assets import COUNTERPARTS, CURRENCIES, INDICES, PLURALS, TITLES
from eventstudy.report.words.german.forms import FORMS
from eventstudy.report.words.german.names import FORMATS, NAMES, VERDICTS
from eventstudy.report.words.german.page import PAGE
from eventstudy.report.words.german.plan import PLAN
from eventstudy.report.words.german.times import TIMES

OWN = {**FORMATS, **VERDICTS, **TIMES, **ANSWER, **PAGE, **FORMS, **PLAN}

GERMAN = replace(
    BRITISH,
    code="de",
    phrases={**PHRASES, **OWN},
    names=NAMES,
    currencies=CURRENCIES,
    counterparts=COUNTERPARTS,
    indices=INDICES,
    titles=TITLES,
    plurals=PLURALS | BRITISH.plurals,
    decimal=",",
    thousands=".",
)
